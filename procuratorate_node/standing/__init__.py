"""Standing screening: a schedule approved once by two officers, carried out by the daemon round by round."""
