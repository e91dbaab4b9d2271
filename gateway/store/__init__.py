"""Durable state: SQLAlchemy tables, repositories, migrations, the outbox."""
