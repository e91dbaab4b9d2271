"""Alembic's scripts, packaged and run in process; `HEAD` spares the start importing Alembic."""

HEAD = "0018"
