"""What there is to do today, for the role that is signed in."""
