"""The signed webhook: our call record to any system (Standard Webhooks)."""
