"""Why a paper could not be read: a closed list, each with its words for people. Never a name or a text of the paper."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Each value is the code; `words` says it in Chinese and English with what to do next."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    UNKNOWN_FORM = "unknown-form"
    DAMAGED = "damaged"
    LOCKED = "locked"
    NO_TEXT = "no-text"
    NO_PDF_READER = "no-pdf-reader"
    NO_OCR = "no-ocr"
    LOST = "lost"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Fault.EMPTY: "文件是空的，请核对原件 | the file is empty; look at the original",
    Fault.TOO_LARGE: "文件过大或页数过多，请拆分 | too large or too many pages; split it",
    Fault.UNKNOWN_FORM: "不是 txt、docx、pdf 或图片；旧 .doc 请另存为 .docx"
    " | not txt, docx, pdf or an image; save an old .doc as .docx",
    Fault.DAMAGED: "文件损坏，读不出内容，请换一份 | damaged; get another copy",
    Fault.LOCKED: "PDF 有密码，请先解除 | the PDF has a password; remove it first",
    Fault.NO_TEXT: "没有可辨认的文字，请核对扫描质量 | no text could be recognised; check the scan",
    Fault.NO_PDF_READER: "读 PDF 需要附加组件 casefiles（pip install linkage[casefiles]）"
    " | reading PDF needs the extra `casefiles`",
    Fault.NO_OCR: "读扫描件需要附加组件 casefiles（pip install linkage[casefiles]）"
    " | reading scans needs the extra `casefiles`",
    Fault.LOST: "处理时进程中断，请重试 | the process that read it ended; try again",
}


class UnreadablePaper(Exception):
    """Raised while one paper is read; carries the fault only."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
