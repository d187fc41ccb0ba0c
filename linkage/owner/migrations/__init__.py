"""The history of the owner's part of node.db, one step a file; see linkage/database/migrating.py."""
