"""Play a whole consortium on one machine: real programs, real keys, real rounds, on a fictitious county."""
