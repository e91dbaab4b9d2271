"""What Alembic runs: the revisions, on the connection and in the transaction it was handed."""

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # `upgrade` has opened one transaction around everything
)
context.run_migrations()
