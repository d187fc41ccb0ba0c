"""Read tables (CSV, workbooks, databases) without knowing what they mean: text cells, honest row numbers, rejects."""
