"""Write docs/coverage.md anew."""

from __future__ import annotations

from docs.coverage.claims import FOLDER, read_claims, read_rows
from docs.coverage.page import render_page

if __name__ == "__main__":
    (FOLDER.parent / "coverage.md").write_text(render_page(read_rows(), read_claims()), encoding="utf-8")
