"""What a reviewer takes along: the records as XLSX or CSV, the report as one HTML file, one entry's offline proof."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import Response

from linkage.audit.export import record_tables, write_tables
from linkage.audit.page import to_html
from linkage.audit.proof import policy_text, prove_entry, verify_proof
from linkage.errors import NotFoundError
from linkage.review.material import Material
from linkage.review.searching import search
from linkage.review.timeline import ACTION
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("导出", "Exports")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


def show(page: Page) -> Response:
    material, wanted = page.node(Material), search(page)
    tables = record_tables(wanted.choice.apply(material.story), material.reading.manifest)
    counts = [(table.zh, table.name, len(table.rows)) for table in tables]
    return page.render("exports.html", title=TITLE, search=wanted, counts=counts)


def send_records(page: Page) -> Response:
    """Send the tables of what was chosen as a workbook or as CSV files in one archive. Raises NotFoundError."""
    suffix = page.parameters["suffix"]
    if suffix not in ("xlsx", "zip"):
        raise NotFoundError("没有这种格式", "there is no such format")
    material = page.node(Material)
    tables = record_tables(search(page).choice.apply(material.story), material.reading.manifest)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ("records.xlsx" if suffix == "xlsx" else "records")
        write_tables(out, tables)
        if suffix == "xlsx":
            return _file(out.read_bytes(), "records.xlsx", WORKBOOK)
        return _file(_archive({path.name: path.read_bytes() for path in sorted(out.iterdir())}), "records.zip", ZIP)


def send_report(page: Page) -> Response:
    """Send the report of what was chosen as one HTML file without scripts."""
    material = page.node(Material)
    told = material.reporter(material.story, search(page).choice).page(material.reading.checked)
    return _file(to_html(told).encode(), "report.html", "text/html; charset=utf-8")


def send_proof(page: Page) -> Response:
    """Send one entry's proof, verified first, with the keys for foreign tools. Raises NotFoundError, AuditError."""
    material, party, number = page.node(Material), page.parameters["party"], page.parameters["index"]
    if not number.isdecimal() or len(number) > 9:
        raise NotFoundError("没有这一条", "there is no such entry")
    manifest = material.reading.manifest
    proof = prove_entry(material.log_of(party), int(number))
    proven = verify_proof(proof, manifest)
    policy = policy_text(manifest, party, witnesses=[witness for witness, _ in proven.cosigned])
    parts = {"entry.tlog-proof": proof.to_text().encode(), "entry.policy": policy.encode()}
    return _file(_archive(parts), f"proof-{party}-{number}.zip", ZIP)


def _archive(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


SECTION = Section(
    TITLE,
    get("/exports", ACTION, show),
    get("/exports/records.{suffix}", ACTION, send_records),
    get("/exports/report.html", ACTION, send_report),
    get("/exports/proof/{party}/{index}", ACTION, send_proof),
)
