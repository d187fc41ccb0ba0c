"""The history of the coordinator's tables, one step a file; see linkage/database/migrating.py."""
