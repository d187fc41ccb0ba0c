"""Carry a round in files: for an office that no network joins to the linkage unit (decision 0089).

A file holds the very messages of the wire, signed by its sender and sealed to its receiver (`envelope`). Both sides
count their files to each other and take them in order only (`post`); a file is kept until the other side has said that
it took it, so whatever is lost on the way is carried again. What the messages do is decided where it always is.
"""
