"""Rounds: the list, the warrant before its signature, the live round."""
