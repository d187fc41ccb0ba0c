"""Templates of letters: the shipped ones as text, an office's own as .docx; both are checked before they are used.

A template may use the known placeholders only and must use those its letter requires, so that no letter leaves without
its number or with a placeholder in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from linkage.errors import ConfigError, InputError, NotFoundError
from procuratorate_node.letters.filling import Values, paragraphs_of, placeholders_in
from procuratorate_node.letters.layout import STYLES, build_document
from procuratorate_node.relief.grammar import parse_table_file, read_record, read_records, unknown_sections

if TYPE_CHECKING:
    from docx.document import Document

FILE: Final = "letters.toml"
SECTIONS: Final = ("table", "letters")
MAX_TEMPLATE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """Name the file of templates."""

    id: str
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of letter. `number` is the form of its 文号; `lines` are "style: text" of the shipped text."""

    code: str
    title: str
    number: str
    required: tuple[str, ...]
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        try:
            self.numbered("检", 2026, 1)
        except (KeyError, IndexError, ValueError):
            raise InputError("number", "number may use {mark}, {year} and {number}") from None
        if any(line.partition(": ")[0] not in STYLES for line in self.lines):
            raise InputError("lines", "a line begins with a style: " + ", ".join(STYLES))
        self.check(frozenset(p for line in self.lines for p in placeholders_in(line)))

    def numbered(self, mark: str, year: int, number: int) -> str:
        """Return the letter's number in Chinese form, such as 云检救助建〔2026〕1号."""
        return self.number.format(mark=mark, year=year, number=number)

    def check(self, used: frozenset[str]) -> None:
        """Raise InputError naming every placeholder that is unknown or missing."""
        unknown = sorted(used - set(Values.NAMES))
        missing = sorted(set(self.required) - used)
        if unknown or missing:
            said = "; ".join(
                f"{what} {', '.join(f'{{{{{p}}}}}' for p in names)}"
                for what, names in (("unknown", unknown), ("missing", missing))
                if names
            )
            raise InputError(f"占位符有误：{said}", f"placeholders: {said}")


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates, and the folder of the office's own .docx files if it has one."""

    letters: tuple[Template, ...]
    folder: Path | None = None

    def named(self, code: str) -> Template:
        """Return a template. Raises NotFoundError."""
        for letter in self.letters:
            if letter.code == code:
                return letter
        raise NotFoundError(f"没有函件模板 {code}", f"there is no template {code}")

    def document(self, code: str) -> Document:
        """Return a new document of a template: the office's own where it has one. Raises ConfigError, NotFoundError."""
        template = self.named(code)
        own = None if self.folder is None else self.folder / f"{code}.docx"
        if own is None or not own.exists():
            return build_document(template.lines)
        document = _read_docx(own)
        try:
            template.check(placeholders_in_document(document))
        except InputError as error:
            raise ConfigError(
                f"模板 {own.name} 的{error.zh}",
                f"the template {own.name}: {error.en}",
                hint_zh="用 letters export 导出原样对照",
                hint_en="`letters export` writes the shipped form to compare with",
            ) from None
        return document


def placeholders_in_document(document: Document) -> frozenset[str]:
    """Return the names of the placeholders anywhere in a document."""
    return frozenset(name for p in paragraphs_of(document) for name in placeholders_in(p.text))


def shipped_templates(folder: Path | None = None) -> Templates:
    """Read the templates that come with the program; `folder` holds the office's own .docx files."""
    content = resources.files("procuratorate_node.letters").joinpath(FILE).read_bytes()
    return Templates(parse_templates(content, name=FILE), folder)


def parse_templates(content: bytes, *, name: str) -> tuple[Template, ...]:
    """Parse a file of templates. Raises ConfigError with all faults."""
    data = parse_table_file(content, name=name)
    faults = unknown_sections(data, SECTIONS)
    read_record(Head, data.get("table"), "table", faults)
    letters = read_records(Template, data.get("letters"), "letters", faults)
    if len({t.code for t in letters}) != len(letters) or not letters:
        faults.append("[[letters]] is empty or a code stands twice")
    if faults:
        text = "; ".join(faults)
        raise ConfigError(f"函件模板 {name} 有误：{text}", f"the templates {name} are wrong: {text}")
    return letters


def _read_docx(file: Path) -> Document:
    import docx

    refused = ConfigError(
        f"模板 {file.name} 不是可用的 .docx（最大 1 MiB）",
        f"the template {file.name} is no usable .docx (1 MiB at most)",
    )
    try:
        if file.stat().st_size > MAX_TEMPLATE_BYTES:
            raise refused
        return docx.Document(BytesIO(file.read_bytes()))
    except ConfigError:
        raise
    except Exception:
        # zipfile, lxml and python-docx each raise their own; all mean the same here.
        raise refused from None
