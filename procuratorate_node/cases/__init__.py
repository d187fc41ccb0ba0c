"""The procuratorate's own files, read once into frozen records; bad rows go into a reject report."""
