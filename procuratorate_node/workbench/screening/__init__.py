"""Ask for a new screening: choose models, see what is asked of whom, request; one person in a batch."""
