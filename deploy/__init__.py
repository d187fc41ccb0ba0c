"""How the programs are installed and run as services."""
