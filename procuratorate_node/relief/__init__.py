"""The amount of relief: formula, benchmark, caps, approvals, peers and the checklist of the rules; all pure.

Money is `decimal.Decimal` in yuan. Figures and rules stand in the TOML files of `tables/`, each with a version, days of
validity and a digest. Nothing here reads or carries a name or a number of a person.
"""
