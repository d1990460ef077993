"""The database: tables, mapping and queries over SQLAlchemy 2, SQLite or PostgreSQL alike."""
