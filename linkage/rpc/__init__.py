"""Carry the wire contract: mutual TLS, limits, identity, error mapping, leaf exchange, resumable transfer, result."""
