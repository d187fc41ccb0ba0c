"""Local accounts of one node: who signs in, with what, and which commands a role may use."""
