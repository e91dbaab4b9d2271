"""Any CRM with a REST interface, described by configuration alone."""
