"""Cast a paper's people: who was harmed, who did it, whose relative somebody is.

A name called by several words gets the part those words give together; words that depend on the paper (甲方, 本人,
被询问人) are settled here by what the paper says of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from procuratorate_node.casefiles import roles
from procuratorate_node.casefiles.facts import Role
from procuratorate_node.casefiles.injuries import shares
from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.casefiles.mentions import CHARGES, Mention

HURT: Final = re.compile(r"受(?:重)?伤|死亡|身亡|伤亡|不治|当场死|受损伤|致伤|撞伤|倒地|骨折|送医|住院")
LIGHT_ROAD_USER: Final = re.compile(r"行人|步行|电动|自行车|三轮|两轮|摩托|乘(?:坐|客|车人)|乘员")
PAYS: Final = re.compile(
    r"(?P<payer>[甲乙丙])方[^。；\n]{0,24}?(?:赔偿|支付|补偿|给付|赔付|交付)(?:给)?[^。；\n甲乙丙]{0,6}(?P<payee>[甲乙丙])方|向(?P<payee2>[甲乙丙])方[^。；\n]{0,24}?(?:赔偿|支付|补偿|给付|道歉)|(?P<payee3>[甲乙丙])方[^。；\n]{0,8}?(?:收到|收讫|出具[^。]{0,6}谅解|予以谅解|自愿谅解|表示谅解|对[甲乙丙]方[^。；\n]{0,10}谅解)"
)
HARMED: Final = re.compile(r"(?:被害人|受害人|死者|伤者|致)(?!近?亲属|家属|法定|监护)")
BEFELL: Final = re.compile(r"^[^。]{0,30}?(?:被|遭|死|伤|去世|遇害)|[（(][^）)]*[)）]?[^。]{0,20}?(?:被|遭|死|伤|遇害)")
WITNESS: Final = re.compile(r"证人|目击")


@dataclass(slots=True, repr=False)
class Cast:
    """People in the order of their first naming. `aliases` maps other words for a victim (乙方, kin) to his name."""

    roles: dict[str, Role] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    relations: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def cast(text: str, kind: Kind, named: Sequence[Mention], known: Collection[str]) -> Cast:
    """Return the parts of everybody a paper names. Officials are left out."""
    parts = Cast()
    for mention in named:
        parts.first.setdefault(mention.name, mention.start)
    _relate(text, named, parts)
    payee = _payee(text, named)
    votes: dict[str, Counter[Role]] = {name: Counter() for name in parts.first}
    for mention in named:
        role = _settled(mention, kind, payee, text)
        if role is not None:
            votes[mention.name][role] += 1
    for name in sorted(parts.first, key=lambda n: parts.first[n]):
        harmed_too = kind in CHARGES and any(m.name == name and HARMED.match(m.word) for m in named)
        role = Role.VICTIM if harmed_too and name in parts.about else _elected(votes[name], is_kin=name in parts.about)
        if role is not None and role is not Role.OFFICIAL:
            parts.roles[name] = role
    _fill(text, kind, named, parts)
    _known(text, known, parts)
    parts.first = {name: parts.first[name] for name in parts.roles}
    parts.about = {k: v for k, v in parts.about.items() if k in parts.roles}
    parts.relations = {k: v for k, v in parts.relations.items() if k in parts.roles}
    parts.aliases = _aliases(named, parts, payee)
    return parts


def _settled(mention: Mention, kind: Kind, payee: str, text: str) -> Role | None:
    """Return the part one naming gives; None for one that says nothing."""
    if mention.role is not None:
        return mention.role
    side = roles.SIDE.match(mention.word)
    if side is not None and kind is Kind.ACCIDENT:
        return Role.PARTY
    if side is not None:
        return Role.VICTIM if side[0][0] == payee else Role.SUSPECT
    if roles.ASKED.match(mention.word) or mention.word == "姓名":
        if kind is Kind.INTERVIEW and WITNESS.search(text[:400]):
            return Role.PARTY
        return Role.VICTIM if kind in (Kind.INTERVIEW, Kind.APPRAISAL) else Role.PARTY
    if roles.MINE.match(mention.word):  # 我儿子×××被打伤: harmed, if something befell him.
        befell = BEFELL.search(text, mention.end, mention.end + 40)
        return Role.VICTIM if kind in (Kind.FORGIVENESS, Kind.INTERVIEW) and befell else Role.PARTY
    if roles.SELF.match(mention.word):
        return Role.VICTIM if kind in (Kind.FORGIVENESS, Kind.INTERVIEW) else Role.PARTY
    return Role.PARTY


def _elected(votes: Counter[Role], *, is_kin: bool) -> Role | None:
    """Weigh the words a person is called by. A relation to the victim outweighs "plaintiff" and "party"."""
    if not votes:
        return None
    if is_kin or (votes[Role.KIN] and not votes[Role.VICTIM] > 2 * votes[Role.KIN]):
        return Role.KIN
    order: tuple[Role, ...] = (
        Role.SUSPECT,
        Role.DEBTOR,
        Role.CREDITOR,
        Role.VICTIM,
        Role.DEFENDANT,
        Role.OFFICIAL,
        Role.PARTY,
    )
    if votes[Role.VICTIM] > votes[Role.SUSPECT] and votes[Role.VICTIM]:
        order = (Role.VICTIM, *order)
    return next(role for role in order if votes[role])


def _payee(text: str, named: Sequence[Mention]) -> str:
    """Return which side of an agreement is paid: by its note, by its words, else the second."""
    for mention in named:
        side = roles.SIDE.match(mention.word)
        if side is None:
            continue
        if roles.HARMED_NOTE.search(mention.note):
            return side[0][0]
        if roles.LIABLE_NOTE.search(mention.note):
            return "乙" if side[0][0] == "甲" else "甲"
    found = Counter(f["payee"] or f["payee2"] or f["payee3"] for f in PAYS.finditer(text))
    return found.most_common(1)[0][0] if found else "乙"


def _relate(text: str, named: Sequence[Mention], parts: Cast) -> None:
    """Find whose relative somebody is: the person named right before 系被害人×××之父."""
    for mention in named:
        if mention.about:
            parts.about[mention.name] = mention.about
    for found in roles.BELONGS.finditer(text):
        begun = text.rfind("\n", 0, max(0, text.rfind("\n", 0, found.start()))) + 1
        victim = next((m.name for m in named if m.start == found.start("victim")), found["victim"])
        if not found["called"] and victim not in parts.first:
            continue  # 系…之… without a word for the victim counts only where he is named as one elsewhere.
        before = [
            m for m in named if begun <= m.start < found.start() and m.name != victim and m.role is not Role.OFFICIAL
        ]
        relation = found["relation"] or found["plain"]
        if before and not _led(text, found):
            kin = before[-1].name
            parts.about.setdefault(kin, victim)
            parts.relations.setdefault(kin, (relation, found.start(), found.end()))
    for mention in named:
        if mention.word == "之":
            word = re.search(roles.RELATION + "$", text[max(0, mention.start - 6) : mention.start])
            if word is not None:
                parts.relations.setdefault(mention.name, (word[0], mention.start - len(word[0]), mention.end))
    _field(text, named, parts)


def _led(text: str, found: re.Match[str]) -> bool:
    """Tell whether the relation leads to a name that follows (被害人张三之父李四), not back to the one before."""
    return not re.match(r"系|为|是", found[0]) and text[found.end() : found.end() + 1] not in ("", *"，,。；;）)、 \n")


def _field(text: str, named: Sequence[Mention], parts: Cast) -> None:
    """Read the form's own line 与被害人关系：父子."""
    found = roles.RELATION_FIELD.search(text)
    if found is None:
        return
    before = [m for m in named if m.start < found.start() and m.role is not Role.OFFICIAL]
    others = [m.name for m in named if m.role is Role.VICTIM and before and m.name != before[-1].name]
    if before and others:
        parts.about.setdefault(before[-1].name, others[0])
        parts.relations.setdefault(before[-1].name, (found["relation"], found.start(), found.end()))


def _fill(text: str, kind: Kind, named: Sequence[Mention], parts: Cast) -> None:
    """Find the victims of a paper that has no word for them: the hurt of an accident, else the party not accused."""
    for victim in dict.fromkeys(parts.about.values()):
        place = text.find(victim)
        if victim not in parts.roles and place >= 0 and victim:
            parts.roles[victim], parts.first[victim] = Role.VICTIM, place
    if kind is Kind.ACCIDENT:  # Whoever is hurt in an accident is harmed by it, a relative of another one too.
        hurt_too = [n for n, r in parts.roles.items() if r in (Role.PARTY, Role.KIN) and _is_hurt(text, n)]
        parts.roles |= dict.fromkeys(hurt_too, Role.VICTIM)
    if Role.VICTIM in parts.roles.values() or Role.CREDITOR in parts.roles.values():
        return
    open_ = [n for n, r in parts.roles.items() if r is Role.PARTY]
    hurt = [n for n in open_ if _is_hurt(text, n)] or [n for n in open_ if _weaker(text, n)]
    if kind is Kind.ACCIDENT:
        hurt = hurt or open_[1:]
    elif not hurt and kind in (*CHARGES[:4], Kind.FORGIVENESS, Kind.APPRAISAL):
        hurt = open_
    for name in hurt:
        parts.roles[name] = Role.VICTIM


def _is_hurt(text: str, name: str) -> bool:
    """Tell whether some clause names a person right before or after what befell him."""
    return re.search(
        rf"(?:造成|致使?|导致|将)[^。；，\n]{{0,12}}{re.escape(name)}[^。；\n，]{{0,14}}(?:{HURT.pattern})", text
    ) is not None or (
        re.search(
            rf"{re.escape(name)}(?:、[^。；，\n]{{2,12}})?(?:当场|经抢救|因抢救|抢救|受|死|身|倒|摔|送)[^。；，\n]{{0,12}}",
            text,
        )
        is not None
        and re.search(rf"{re.escape(name)}[^。；，\n]{{0,16}}(?:{HURT.pattern})", text) is not None
    )


def _weaker(text: str, name: str) -> bool:
    """Tell whether a road user bears no or little fault, or went on foot or by a light vehicle."""
    for share, start, _, _ in shares(text):
        begun = max(text.rfind(c, 0, start + 1) for c in "，,。；;\n：:") + 1
        if name in text[begun : start + 3] and share in ("无责任", "次要责任"):
            return True
    place = text.find(name)
    return LIGHT_ROAD_USER.search(text[place : place + 90].split("\n")[0]) is not None


def _known(text: str, known: Collection[str], parts: Cast) -> None:
    """Add the victims our own tables name, where the paper names them without a word for their part."""
    for name in known:
        place = text.find(name)
        if place >= 0 and name not in parts.roles and not any(name in other for other in parts.roles):
            parts.roles[name], parts.first[name] = Role.VICTIM, place


def _aliases(named: Sequence[Mention], parts: Cast, payee: str) -> dict[str, str]:
    """Return other words that stand for a victim where there is no doubt: the paid side, his near relatives."""
    victims = [n for n, r in parts.roles.items() if r is Role.VICTIM]
    aliases = {k: v for k, v in parts.about.items() if v in parts.roles and parts.roles.get(k) is Role.KIN}
    return aliases | (
        {f"{payee}方": victims[0]} if len(victims) == 1 and any(roles.SIDE.match(m.word) for m in named) else {}
    )
