"""The CRM side: call outcomes out, contacts in."""
