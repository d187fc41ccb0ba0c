"""Read the compensation state from a case's papers, for victims whose row has no note (README of papers: minimal).

Sentences are given to the victim they name, or to the victim named last before them. The latest paper that says
something about payment to a victim wins. Text files, Word files and PDF files with a text layer are read; a scanned
paper or an unknown form is counted as unread, never guessed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from procuratorate_node.cases.records import VICTIM, CaseFile, Compensation, Party, RowRef
from procuratorate_node.cases.values import parse_date
from procuratorate_node.compensation import compensation_of

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_BYTES: Final = 20 << 20
LEAST_TEXT: Final = 20  # A PDF page with fewer characters is a picture.
DATED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
# What a court orders is not what was paid; only rulings on enforcement say that in their orders.
ORDERS = re.compile(r"判\s*决\s*如\s*下")
# Enforcement is asked of the court's own register; reports on harm and fault do not speak of payment.
SILENT = re.compile(r"执\s*行\s*裁\s*定\s*书|事\s*故\s*认\s*定\s*书|鉴\s*定\s*(?:书|意\s*见)")
TITLE_LINES: Final = 4
MONEY_WORDS = re.compile(r"赔|付|退|还|谅解|和解|调解|执行|到账|收到|收讫|领取|款|钱|挽回|追回|发还|履行")
SENTENCES = re.compile(r"[。\n]+")


@dataclass(frozen=True, slots=True)
class Paper:
    """One readable paper of a case, oldest first when sorted."""

    dated: date
    name: str
    text: str

    def __repr__(self) -> str:
        return f"Paper({self.dated})"


@dataclass(frozen=True, slots=True)
class PaperStates:
    """States of victims with papers that say something; numbers of papers read and not readable."""

    states: Mapping[RowRef, Compensation]
    read: int
    unread: int


def read_dates(folder: Path) -> dict[str, date]:
    """Return paper path → date of filing from documents_index.csv, {} without one. Bad lines are left out."""
    index = folder / "documents_index.csv"
    text = _plain(index.read_bytes()) if index.is_file() else None
    dates: dict[str, date] = {}
    for row in csv.DictReader(io.StringIO(text or "")):
        filed = parse_date(row.get("入卷日期") or "")
        if filed is not None and row.get("文件"):
            dates[row["文件"]] = filed
    return dates


def states_from_papers(file: CaseFile, folder: Path, *, dates: Mapping[str, date]) -> PaperStates:
    """Return the states of victims without a note. `dates` maps a paper's path below `folder` to its date."""
    states: dict[RowRef, Compensation] = {}
    read = unread = 0
    for case, parties in file.by_case.items():
        victims = [p for p in parties if p.role == VICTIM]
        if not any(not v.compensation.strip() for v in victims) or not (folder / "documents" / case).is_dir():
            continue
        papers, failed = _papers(folder, case, dates)
        read, unread = read + len(papers), unread + failed
        for paper in sorted(papers, key=lambda p: (p.dated, p.name)):
            states |= _said_by(paper.text, victims)
    return PaperStates(states, read, unread)


def _papers(folder: Path, case: str, dates: Mapping[str, date]) -> tuple[list[Paper], int]:
    papers, failed = [], 0
    for path in sorted((folder / "documents" / case).iterdir()):
        text = read_paper(path)
        if text is None:
            failed += 1
        else:
            dated = dates.get(path.relative_to(folder).as_posix()) or _last_date(text)
            papers.append(Paper(dated, path.name, text))
    return papers, failed


def _last_date(text: str) -> date:
    found = [tuple(map(int, d)) for d in DATED.findall(text)]
    real = [date(y, m, d) for y, m, d in found if 1900 < y < 2200 and 1 <= m <= 12 and 1 <= d <= 28]
    return max(real, default=date.min)


def _said_by(text: str, victims: Sequence[Party]) -> dict[RowRef, Compensation]:
    if SILENT.search("\n".join(text.strip().splitlines()[:TITLE_LINES])):
        return {}
    said = {v.ref: compensation_of("。".join(lines)) for v, lines in _shares(text, victims)}
    return {ref: state for ref, state in said.items() if state is not Compensation.UNKNOWN}


def _shares(text: str, victims: Sequence[Party]) -> Iterable[tuple[Party, list[str]]]:
    """Give each sentence that speaks of money to the victims it is about."""
    shares: dict[RowRef, list[str]] = {v.ref: [] for v in victims}
    names = {v.ref: re.sub(r"\s+", "", v.person.name) for v in victims}
    everybody = set(names)
    about = everybody if len(set(names.values())) == 1 else set()
    for sentence in _sentences(text):
        named = {ref for ref, name in names.items() if len(name) > 1 and name in sentence}
        about = named or about
        if MONEY_WORDS.search(sentence):
            for ref in about:
                shares[ref].append(sentence)
    return ((v, shares[v.ref]) for v in victims if shares[v.ref])


def _sentences(text: str) -> list[str]:
    """Return sentences without blanks; a question and its answer stay together."""
    order = ORDERS.search(text)
    kept = text[: order.start()] if order else text
    lines = [re.sub(r"\s+", "", line) for line in kept.splitlines()]
    joined = "\n".join(lines).replace("?\n答", "?答").replace("？\n答", "？答")
    return [s for s in SENTENCES.split(joined) if s]


def read_paper(path: Path) -> str | None:
    """Return a paper's text, None for a scanned, damaged or unknown one."""
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    kind = path.suffix.lower()
    if kind == ".txt":
        return _plain(path.read_bytes())
    if kind == ".docx":
        return _word(path)
    return _pdf(path) if kind == ".pdf" else None


def _plain(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _word(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("word/document.xml").file_size > MAX_BYTES:
                return None
            content = archive.read("word/document.xml")
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return None  # A real Word file declares no entities; a made-up one could grow without bounds.
        root = ElementTree.fromstring(content)
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return None
    paragraphs = ("".join(t.text or "" for t in p.iter(f"{WORD}t")) for p in root.iter(f"{WORD}p"))
    return "\n".join(paragraphs)


def _pdf(path: Path) -> str | None:
    """Read a PDF's text layer where a reader is installed."""
    try:
        import pypdfium2  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    try:
        document = pypdfium2.PdfDocument(path)
        text = "\f".join(page.get_textpage().get_text_range() for page in document)
    except pypdfium2.PdfiumError:
        return None
    return text if len(text.strip()) >= LEAST_TEXT else None
