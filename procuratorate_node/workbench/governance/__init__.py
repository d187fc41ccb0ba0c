"""The figures of a period with small counts hidden, drawn and to be downloaded."""
