"""Standing orders: list, request, approve, stop."""
