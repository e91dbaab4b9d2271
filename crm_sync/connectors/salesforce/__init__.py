"""Salesforce: one Task per call, by upsert on an external id."""
