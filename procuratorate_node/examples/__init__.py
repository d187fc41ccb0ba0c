"""Labelled examples, written by hand, all fictitious: what a changed rule file is tested on before it takes effect."""
