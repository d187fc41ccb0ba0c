"""The console's words for what the node stores as codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agency_node.mapping import PERSON_FIELDS
from agency_node.rows import FIELD_TITLES
from linkage import words as titles
from linkage.owner import referrals
from linkage.web.texts import Text

Word = tuple[Text, str]  # Words and the badge's kind.
ANSWERS: Final[Mapping[str, Word]] = {
    "WAITING": (Text("待决定", "waiting for you"), "warn"),
    "APPROVED": (Text("已同意", "approved"), "good"),
    "REFUSED": (Text("已拒绝", "refused"), "bad"),
    "ANSWERED": (Text("已答复", "answered"), "quiet"),
}
ROUNDS: Final[Mapping[str, Word]] = {
    "PROPOSED": (Text("等待各方同意", "waiting for consents"), "quiet"),
    "CONSENTED": (Text("各方已同意", "all consented"), "quiet"),
    "COLLECTING": (Text("正在上传", "uploading"), "warn"),
    "MATCHING": (Text("正在比对", "matching"), "warn"),
    "READY": (Text("结果待取", "result ready"), "quiet"),
    "DELIVERED": (Text("结果已交付", "delivered"), "good"),
    "CLOSED": (Text("已结束", "closed"), "good"),
    "REFUSED": (Text("有单位拒绝", "refused by an office"), "bad"),
    "EXPIRED": (Text("已过期", "expired"), "quiet"),
    "FAILED": (Text("失败", "failed"), "bad"),
    "CANCELLED": (Text("已取消", "cancelled"), "quiet"),
}
REFERRALS: Final[Mapping[str, Word]] = {
    "RECEIVED": (Text("待受理", "received"), "warn"),
    "ACCEPTED": (Text("已受理", "accepted"), "quiet"),
    "REFUSED": (Text("不予受理", "refused"), "bad"),
    "DONE": (Text("已办结", "done"), "good"),
}
FIELDS: Final[Mapping[str, Text]] = {name: Text(*words) for name, words in FIELD_TITLES.items()}
PERSON: Final[Mapping[str, Text]] = {name: Text(*titles.FIELDS[name]) for name in PERSON_FIELDS}
# Columns of registers in English; the office's own files title them in Chinese.
COLUMNS: Final[Mapping[str, str]] = {name: english for name, (_, english) in titles.FIELDS.items()}
STATES: Final[Mapping[str, Text]] = {
    "VALID": Text("正确", "valid"),
    "UPGRADED": Text("15 位已升位", "15 digits made 18"),
    "CONFLICT": Text("与出生日期或性别矛盾", "contradicts birth or sex"),
    "BAD_CHECK": Text("校验位不对", "wrong check digit"),
    "BAD_DATE": Text("日期不对", "impossible date"),
    "MASKED": Text("被遮盖", "masked"),
    "TRUNCATED": Text("位数不足", "too short"),
    "EXCEL_LOST": Text("表格丢了末几位", "last digits lost by a spreadsheet"),
    "ABSENT": Text("没有可用的", "none that can be used"),
    "FULL": Text("完整", "complete"),
    "SINGLE": Text("单字", "one character"),
    "PARTIAL": Text("有缺字", "a character is missing"),
    "PINYIN": Text("拼音", "Latin letters"),
    "CORPORATE": Text("是单位名", "an organisation"),
    "EMPTY": Text("空白", "empty"),
}
REFERRED: Final[Mapping[str, Text]] = {name: Text(*words) for name, words in referrals.REFERRED.items()}
MODES: Final[Mapping[str, Text]] = {
    "auto": Text("自动同意", "approved by itself"),
    "operator": Text("须由审批人决定", "an approver decides"),
}


def word(words: Mapping[str, Word], code: str) -> Word:
    """Return the words of a code; one that is not known stands for itself."""
    return words.get(code, (Text(code, code), "quiet"))
