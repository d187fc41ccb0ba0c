"""Encode Latin records (schemas whose filter is filled by fields): row by row, and in bulk to the same bytes."""
