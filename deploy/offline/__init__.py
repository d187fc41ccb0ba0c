"""Make the folder from which the programs are installed on a machine without a network."""
