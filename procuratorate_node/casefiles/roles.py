"""The words by which papers call people, and the part each gives (domain B5)."""

from __future__ import annotations

import re
from typing import Final

from procuratorate_node.casefiles.facts import Role
from procuratorate_node.casefiles.kinds import Kind

MY: Final = "儿子|女儿|父亲|母亲|爸爸|妈妈|丈夫|妻子|老公|老婆|爱人|弟弟|哥哥|姐姐|妹妹|孙子|孙女|爷爷|奶奶"
# Longer words stand before shorter ones that begin them. None: what the word means depends on the paper.
WORDS: Final[tuple[tuple[str, Role | None], ...]] = (
    (r"附带民事诉讼(?:原告人?|上诉人)|附带民事原告人?|附民原告人?", Role.VICTIM),
    (r"附带民事诉讼被告人?", Role.DEFENDANT),
    (r"(?:被害人|受害人|死者|被害方|伤者)(?:的|之)?(?:近亲属|亲属|家属|法定代理人|监护人)(?:代表)?", Role.KIN),
    (r"法定代理人|监护人|近亲属(?=[:：])|家属(?:代表)?(?=[:：])", Role.KIN),
    (
        r"(?<!非)被害人(?!近?亲属|家属|死亡|陈述|一方|数)|受害人(?!近?亲属|家属)|被侵害人|受害者|受侵害人|伤者|死者|伤员|遇难者",
        Role.VICTIM,
    ),
    (
        r"被鉴定人|被检(?:查|验)(?:人|者)|失主|事主|被盗人|被抢人|受骗人|被骗人|集资参与人|投资(?:人|群众)|受损人",
        Role.VICTIM,
    ),
    (
        r"(?:被害|受害|受损|伤者|死者)方(?=[（(:： ])|赔偿权利人|受偿人|"
        r"受偿方|受赔人|(?<!被)谅解(?:人|方)|具结人|收款人|领款人|权利人",
        Role.VICTIM,
    ),
    (
        r"(?:加害|侵害|侵权|肇事|致害)方(?=[（(:： ])|被谅解(?:人|方)|被不起诉人|犯罪嫌疑人|嫌疑人|被告人|罪犯|"
        r"肇事(?:者|司机|驾驶人|驾驶员|人)|加害人|侵害人|行为人|侵权人|赔偿义务人|赔偿人|赔偿方|"
        r"同案(?:犯|人|被告人)|凶手",
        Role.SUSPECT,
    ),
    (r"申请执行人|执行申请人|申请人", Role.CREDITOR),
    (r"被申请执行人|被执行人|被申请人", Role.DEBTOR),
    (r"原审原告|原告人?(?!方)", Role.VICTIM),
    (r"原审被告(?!人)|被告(?!人)", Role.DEFENDANT),
    (r"被讯问人", Role.SUSPECT),
    (r"被询问人|被调查人|被访(?:谈)?人|受访人|陈述人", None),
    (rf"我的?(?:{MY})(?=\S)", None),
    (r"本人|立书人|我叫|我是", None),
    (r"甲方|乙方|丙方", None),
    (
        r"审判长|审判员|代理审判员|人民陪审员|书记员|法官助理|检察员|检察官(?:助理)?|代理检察员|询问人|调查人|记录人|鉴定人|"
        r"侦查员|办案(?:民警|人)|民警|承办人|辩护人|(?:委托)?(?:诉讼)?代理人|律师|翻译(?:人员)?|见证人|证人|调解员|主持人|法医|复核人|授权签字人|执行员|保证人|担保人",
        Role.OFFICIAL,
    ),
)
TRIGGER: Final = re.compile(
    "(?:" + "|".join(f"(?P<w{i}>{pattern})" for i, (pattern, _) in enumerate(WORDS)) + ")"
    r"(?P<note>\s?[(（][^（）()\n]{1,14}[)）])?(?P<sign>[(（]?签[字名章]?[)）]?|确认)?\s?[:：]?\s?(?:姓\s?名\s?[:：]?\s?)?(?:系|是)?"
)
NAMED: Final = re.compile(r"(?:^|(?<=[\n\s，,；;。（(]))姓\s?名\s?[:：]\s?")
SIDE: Final = re.compile(r"[甲乙丙]方")
MINE: Final = re.compile(rf"我的?(?:{MY})")
SELF: Final = re.compile(r"本人|立书人|我叫|我是")
ASKED: Final = re.compile(r"被询问人|被调查人|被访谈?人|受访人|陈述人")
# What a side's note says of it: "乙方（受偿方）".
HARMED_NOTE: Final = re.compile(r"被害|受害|受偿|受赔|受损|权利|伤者|死者|收款|谅解|被侵")
LIABLE_NOTE: Final = re.compile(r"赔偿|加害|侵害|侵权|义务|肇事|致害|嫌疑|被告|付款|责任")
RELATION: Final = (
    r"(?:亲生|养|继)?(?:父亲|母亲|父|母|爸爸|妈妈|妻子|丈夫|妻|夫|配偶|爱人|儿子|女儿|[长次三四五独]子|[长次三四五独]女|子|女|"
    r"哥哥|弟弟|姐姐|妹妹|兄|弟|姐|妹|胞[兄弟姐妹]|祖父|祖母|爷爷|奶奶|外祖父|外祖母|外公|外婆|孙子|孙女|外孙女?|孙|"
    r"岳父|岳母|公公|婆婆|监护人|法定代理人|近亲属|亲属|养父|养母|继父|继母)"
)
# Relations of two characters may follow a name without 之.
PLAIN_RELATION: Final = (
    r"(?:父亲|母亲|妻子|丈夫|配偶|儿子|女儿|哥哥|弟弟|姐姐|妹妹|祖父|祖母|外祖父|外祖母|养父|养母|继父|继母)"
)
# "系被害人张三之父": whose relative the person before is.
BELONGS: Final = re.compile(
    r"(?P<lead>系|为|是)?(?:本案)?(?P<called>被害人|受害人|死者|伤者|被鉴定人|受害者)?(?<=[系为是人者])"
    r"(?P<victim>[^\s，,。；（）()系为是]{1,14}?)"
    rf"(?:(?:之|的)(?P<relation>{RELATION})|(?P<plain>{PLAIN_RELATION}))"
)
RELATION_FIELD: Final = re.compile(
    rf"(?:与|同)(?:本案)?(?:被害人|死者|受害人)[^，。:：]{{0,8}}(?:关系)?(?:系|为|是|[:：])\s?(?P<relation>{RELATION}|父子|父女|母子|母女|夫妻|兄弟|姐妹)(?:关系)?"
)
DEBT_PAPERS: Final = (Kind.ENFORCEMENT,)


def role_of(found: re.Match[str]) -> Role | None:
    """Return the part a role word gives; None where the paper decides."""
    number = next(i for i in range(len(WORDS)) if found[f"w{i}"] is not None)
    return WORDS[number][1]
