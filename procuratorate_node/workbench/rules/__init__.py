"""Models and tables: in words, tested, compared, activated by two officers, taken back."""
