"""SQL lives here only: tables, migrations, and functions over one connection, a module a noun."""
