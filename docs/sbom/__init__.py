"""The bill of materials of a pinned installation, and the rule on licences."""
