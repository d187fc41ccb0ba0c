"""The history of a procuratorate's own tables, one step a file; see linkage/database/migrating.py."""
