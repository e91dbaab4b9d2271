"""A CRM's contacts, companies and leads in the directory, kept up to date."""
