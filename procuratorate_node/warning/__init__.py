"""The data of the three-colour warning: lexicon, charge models, tree; each an editable file with version and digest."""
