"""Hold the keys: signing, sealing, TLS identities, the consortium's manifest and each party's key folder.

Nothing here can unseal the linkage secret into a usable object: that lives in `linkage.encode.secret`, which the
coordinator may not import (design §7).
"""
