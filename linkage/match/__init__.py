"""Link the rows of one population to the anchors, on encodings alone (design §5)."""

from linkage.match.link import Links, link
from linkage.match.warm import warm_up

__all__ = ["Links", "link", "warm_up"]
