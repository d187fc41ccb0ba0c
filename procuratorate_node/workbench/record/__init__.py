"""The audit log of this node, for its auditor."""
