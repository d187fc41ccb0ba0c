"""Link the registers of several offices on keyed encodings, so that no office hands its register over."""
