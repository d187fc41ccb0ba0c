"""Which labelled examples a kind of file is tested on."""

from __future__ import annotations

from procuratorate_node.colour_table import CHARGE_MODELS, LEXICON, TREE
from procuratorate_node.examples.colours import run_colours
from procuratorate_node.examples.office import run_model
from procuratorate_node.examples.report import Report
from procuratorate_node.examples.texts import run_evidence, run_words
from procuratorate_node.rule_files import Library


def examples_of(kind: str, key: str, library: Library) -> tuple[Report, ...]:
    """Run the examples that a file can change: of a model and of the campaigns on it, or of everything coloured."""
    coloured = [m for m in library.models if m.coloured]
    if kind in (LEXICON, TREE, CHARGE_MODELS):
        lexicon = library.table.lexicon
        words = (run_evidence(lexicon), run_words(lexicon)) if kind == LEXICON else ()
        return (*words, run_colours(library.table), *(run_model(m, library.table) for m in coloured))
    return tuple(run_model(m, library.table) for m in library.models if key in (m.id, m.extends))
