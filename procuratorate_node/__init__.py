"""The program a procuratorate runs: asks for match rounds, works clues, opens one confirmed person at a time."""
