"""An owner's end of the courier: calls that wait for a file, and the files that bring their answers (decision 0089).

`calls` remembers them, `transport` puts a client on them, `packing` and `session` write and take the files.
"""
