"""What the six published systems do, row by row: where this project does it and which test says so.

`rows.csv` holds the 242 rows (id, classes, term, English); one TOML file per system holds the claims, a table per row.
`python -m docs.coverage` writes docs/coverage.md from them; tests/docs/test_coverage.py holds all of it to the code.
"""
