"""The history of an agency's own tables, one step a file; see linkage/database/migrating.py."""
