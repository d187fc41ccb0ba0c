"""A party's database, SQLite or PostgreSQL: opened, locked, brought forward. Nothing here knows a table."""
