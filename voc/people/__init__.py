"""People: who may sign in, with which password, session or token."""
