"""What officers do with a clue from candidate to closed: states, deadlines, checks, notes, advice; the core is pure."""
