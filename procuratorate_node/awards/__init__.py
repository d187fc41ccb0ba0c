"""Amounts of relief for clues: facts from clue and case, stored proposals and approvals, two people, yearly budget."""
