"""An owner's part in a match round, the same for agencies and procuratorates: verify, decide, encode, upload, erase."""
