"""Attack a register's own encodings before anything leaves, as whoever holds everybody's plain records would."""
