"""Alembic's entry: run the migrations on the connection that voc hands over."""

from alembic import context

from voc.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
