"""Encode normalised persons under a round's key: exact-match tokens and one hardened filter per row (design §4)."""
