"""The three files that decide a colour, together (domain C2–C4, PA-M-*): lexicon, tree, charge models.

Each is an editable TOML file with a closed grammar, a version and a digest; a result names the three that produced it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from procuratorate_node.warning.charge_models import FILE as CHARGE_MODELS_FILE
from procuratorate_node.warning.charge_models import ChargeModel, ChargeModels, parse_charge_models
from procuratorate_node.warning.file import Head, shipped
from procuratorate_node.warning.lexicon import FILE as LEXICON_FILE
from procuratorate_node.warning.lexicon import Lexicon, parse_lexicon
from procuratorate_node.warning.tree import FILE as TREE_FILE
from procuratorate_node.warning.tree import Tree, TreeHead, parse_tree

LEXICON, TREE, CHARGE_MODELS = "lexicon", "tree", "charge-models"
FILES: Final = {LEXICON: LEXICON_FILE, TREE: TREE_FILE, CHARGE_MODELS: CHARGE_MODELS_FILE}
SHOWN_DIGEST: Final = 12  # hex characters


@dataclass(frozen=True, slots=True)
class ColourTable:
    """Everything a colour is decided by."""

    lexicon: Lexicon
    tree: Tree
    charges: ChargeModels

    @property
    def names(self) -> tuple[str, ...]:
        """Return id, version and digest of the files, as they are kept with a clue."""
        return tuple(_name(*part) for part in self._parts())

    def _parts(self) -> tuple[tuple[Head | TreeHead, str], ...]:
        parts = (self.lexicon, self.tree, self.charges)
        return tuple((part.head, part.digest) for part in parts)

    def charge_model(self, charge: str) -> ChargeModel | None:
        """Return the model of a folded charge, None for one that no model has."""
        return self.charges.of(charge)


def _name(head: Head | TreeHead, digest: str) -> str:
    return f"{head.id} v{head.version} {digest[:SHOWN_DIGEST]}"


def shipped_colour_table() -> ColourTable:
    """Read the three files that come with the program."""
    return make_colour_table({})


def make_colour_table(changed: dict[str, bytes]) -> ColourTable:
    """Read the files given by kind, and the shipped ones for the kinds that are not. Raises ConfigError."""

    def content(kind: str) -> bytes:
        return changed[kind] if kind in changed else shipped(FILES[kind])

    return ColourTable(
        parse_lexicon(content(LEXICON), name=LEXICON_FILE),
        parse_tree(content(TREE), name=TREE_FILE),
        parse_charge_models(content(CHARGE_MODELS), name=CHARGE_MODELS_FILE),
    )
