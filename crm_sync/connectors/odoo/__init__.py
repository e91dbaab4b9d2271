"""Odoo: one `crm.phonecall` per call, by JSON-RPC."""
