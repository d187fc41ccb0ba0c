"""Cut roles, honorifics, remarks and second persons from a name cell; move other names out (domain C1 N6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from linkage.normalise.characters import fold, is_han, table_lines

_ALIAS = (
    r"(?:曾用名|曾用|又名|别名|小名|绰号|乳名|化名|原名|外号|亦名|又称|也叫|又叫"
    r"|昵称|艺名|法名|俗名|俗称|现名|改名)"
)
_ALIAS_MARK = re.compile(rf"[,、;\s(]*{_ALIAS}(?:为|叫|是)?\s*:?\s*[\"“”‘’']?([^\s,、;:()\[\]\"“”‘’'/]+)[\"“”‘’']?\)?")
_BRACKETS = re.compile(r"[(\[{<【〔〈《﹝「『]([^()\[\]{}<>【】〔〕〈〉《》﹝﹞「」『』]*)(?:[)\]}>】〕〉》﹞」』]|$)")
_ROLE = (
    r"(?:刑事|民事|附带民事诉讼)?(?:被害人|受害人|当事人|被申请人|再审申请人|申请执行人|被执行人|申请人|申诉人|信访人|上访人"
    r"|求助人|救助对象|救助人|监护人|法定代理人|委托代理人|代理人|近亲属|户主|成员|死者|伤者|犯罪嫌疑人|嫌疑人|被告人|原告人"
    r"|附带民事诉讼原告人?|原告|被告|上诉人|被上诉人|第三人|证人|家属|本人|姓名|名字|联系人|负责人|学生|儿童|残疾人|困难职工)"
)
_ITEM = re.compile(r"^\(?\d+\s*[.、):]\s*")
_PREFIX = re.compile(rf"^{_ROLE}\s*[:：]?\s*(?:[(（][^)）]*[)）])?\s*")
_RELATIVE = re.compile(
    r"(?:之|的)(?:父亲?|母亲?|妻子?|夫|丈夫|配偶|儿子|女儿|子|女|兄|弟|姐|妹|孙子?|孙女|爷爷|奶奶|家属|遗孀|近亲属|法定代理人|监护人)"
)
_TITLE = re.compile(r"(?:先生|女士|小姐|同志|老人|大爷|大娘|大妈|大叔|大婶|阿姨|老师|师傅|小朋友|同学|律师|医生)$")
_TAIL = re.compile(
    r"等?共?(?:\d+|[一二三四五六七八九十两几多数]+)余?(?:人|名|位|户)$"
    r"|等人?$|一家$|全家$|夫妇$|夫妻$"
)
# The endings of two characters that give a title or a tail away: a name with another one has neither of them.
_TITLES = "先生 女士 小姐 同志 老人 大爷 大娘 大妈 大叔 大婶 阿姨 老师 师傅 朋友 同学 律师 医生"
ENDINGS = frozenset(
    {*_TITLES.split(), "等人", "一家", "全家", "夫妇", "夫妻"}
    | {count + unit for count in "一二三四五六七八九十两几多数余" for unit in "人名位户"}
)
LAST_ENDING = "等"  # Whatever stands before it.
# 某, 口, 丶 mask, stand for or separate characters; 之 and 的 lead to a relative.
STRANGE = frozenset("某口丶之的")
_SHORT = re.compile(rf"(?:(?![{''.join(sorted(STRANGE))}])[\u4e00-\u9fff]){{2,3}}")
_NAMELESS = frozenset(
    ["无", "无名", "无名氏", "不详", "未知", "不明", "姓名不详", "身份不明", "佚名", "暂无", "空", "略"]
)
_SEPARATORS = re.compile(r"[、,;/;&+|\\\n，；／]")
_AND = re.compile(r"[和与及跟]")
_CORPORATE = re.compile(
    r"公司|合作社|银行|信用社|事务所|委员会|村委会|居委会|街道办|派出所|人民法院|检察院|人民政府|集团|经营部|经销部|服务部"
    r"|门市部|商行|超市|酒店|饭店|宾馆|医院|学校|幼儿园|中学$|小学$|大学$|学院$|加工厂|.{2,}厂$|.{3,}局$|.{3,}店$|.{3,}场$"
    r"|.{3,}站$|.{3,}所$|.{3,}中心$|协会$|基金会|工作室|事业部|项目部|分行|支行|保险"
)


@dataclass(frozen=True, slots=True, repr=False)
class Cut:
    """Hold a cell's first name, other names of the same person, and whether only a surname stood before a title."""

    name: str
    aliases: tuple[str, ...]
    only_surname: bool = False


@cache
def _remarks() -> frozenset[str]:
    return frozenset(word for line in table_lines("remarks.txt") for word in line.split())


@cache
def surnames() -> frozenset[str]:
    """Return the common one-character surnames, folded."""
    return frozenset(fold("".join(table_lines("surnames.txt"))))


@cache
def compound_surnames() -> frozenset[str]:
    """Return the two-character surnames, folded."""
    return frozenset(fold(name) for line in table_lines("compound_surnames.txt") for name in line.split())


def is_corporate(text: str) -> bool:
    """Tell whether a text names an organisation."""
    return len(text) >= 4 and "·" not in text and _CORPORATE.search(_BRACKETS.sub("", text)) is not None


def looks_han(part: str) -> bool:
    """Tell whether a text has the form of an ordinary Han name: a listed surname and one or two characters more."""
    part = fold(part)
    if not all(map(is_han, part)):
        return False
    return (2 <= len(part) <= 3 and part[0] in surnames()) or (3 <= len(part) <= 4 and part[:2] in compound_surnames())


def is_ordinary(cell: str) -> bool:
    """Tell whether a cell is plainly one Han name of two or three characters, with nothing to cut: most cells are."""
    return (
        _SHORT.fullmatch(cell) is not None
        and (cell[0] in surnames() or fold(cell[0]) in surnames())
        and _TITLE.search(cell) is None
        and _TAIL.search(cell) is None
    )


def split_surname(name: str) -> tuple[str, str]:
    """Split a folded Han name; ("", name) with a dot, an unknown first character, or five characters and more."""
    if "·" in name or len(name) < 2 or len(name) > 4 or name[0] == "?":
        return "", name
    if name[:2] in compound_surnames():
        return name[:2], name[2:]
    if len(name) == 4 and name[0] not in surnames():
        return "", name
    return name[0], name[1:]


def cut_remarks(text: str) -> Cut:
    """Return the first person's bare name, and other names found in brackets or after 曾用名, 又名, 小名."""
    text = _ITEM.sub("", text)
    aliases = [found[1] for found in _ALIAS_MARK.finditer(text)]
    text = _ALIAS_MARK.sub("", text)
    aliases += [inner for inner in _BRACKETS.findall(text) if inner not in _remarks() and looks_han(inner)]
    text = re.sub(r"[)\]】〕》]", "", _BRACKETS.sub("", text)).strip(" :'\"“”‘’")
    text = _first_person(_PREFIX.sub("", text)).strip(" :")
    if found := _RELATIVE.search(text):
        after = text[found.end() :].strip(" :")
        text = after if looks_han(after) else text[: found.start()]
    tail = _TAIL.search(text)
    if tail and tail.start() >= 2:
        text = _first_person(text[: tail.start()])
    bare = _TITLE.sub("", text)
    only_surname = bare != text and len(bare) == 1
    text = (bare or text).strip()
    return Cut("" if text in _NAMELESS else text, tuple(aliases), only_surname)


def _is_dotted(parts: list[str]) -> bool:
    """Tell whether 、 stands for the middle dot of one long name: neither side is an ordinary Han name."""
    whole = "".join(parts)
    long = len(whole) >= 6 and all(len(part) >= 2 for part in parts)
    return long and all(map(is_han, whole)) and not any(map(looks_han, parts))


def _first_person(text: str) -> str:
    """Return the first of several persons; 和, 与, 及 separate only where both sides look like Han names."""
    parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    if len(parts) == 2 and "、" in text and _is_dotted(parts):
        return "·".join(parts)
    text = parts[0] if parts else ""
    for found in _AND.finditer(text):
        left, right = text[: found.start()].strip(), text[found.end() :].strip()
        whole = len(left) + len(right)
        if whole >= 4 and looks_han(left) and (looks_han(right) or looks_han(re.sub(_TAIL, "", right))):
            return left
    return text
