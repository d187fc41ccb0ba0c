"""Referrals "1 + 20 + N": catalogue, suggestions, states, letters, outcomes; and the lane of supervision clues."""
