"""Copy a party's state while its program runs, prove the copy, and put it back so that nothing old passes for current.

A backup holds the database, the audit log and the few files that a program names. It never holds keys, which have
their own custody (keys/README.md), nor rounds/, because what must be erased with its round must not live on in a copy.
"""
