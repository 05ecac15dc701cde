"""Alembic's entry: runs inside the unit of work that ``Database.upgrade`` opened, and only there."""

from alembic import context

from callcenter.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
