"""Rounds from the requester's side: draft, approve, propose, follow, fetch, make clues."""
