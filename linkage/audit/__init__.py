"""Keep and verify each party's append-only log: Merkle tree, signed checkpoints, entries without personal values."""
