"""Rules N1-N9 for names. All names are fictitious."""

from __future__ import annotations

import pytest

from linkage.normalise import NameState
from linkage.normalise.characters import fold, is_han, table_lines
from linkage.normalise.names import Name, read_name
from linkage.normalise.remarks import compound_surnames, split_surname

DOTTED = "阿卜来提·如则托合提"


@pytest.mark.parametrize("dot", [*"·•‧・∙⋅●。.．᛫⸱ꞏ･·˙", " · ", " ", "、", "··", "-"])
def test_every_dot_becomes_the_middle_dot(dot: str) -> None:
    found = read_name(DOTTED.replace("·", dot))
    assert (found.name, found.state) == (DOTTED, NameState.FULL)
    assert (found.surname, found.given) == ("", DOTTED)


def test_a_missing_dot_cannot_be_restored() -> None:
    found = read_name(DOTTED.replace("·", ""))
    assert (found.name, found.surname, found.state) == (DOTTED.replace("·", ""), "", NameState.FULL)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("李秀英（本人）", "李秀英"),
        ("刘文燕(户主)", "刘文燕"),
        ("韦玲（女）", "韦玲"),
        ("周春（已死亡）", "周春"),
        ("周春（高龄）", "周春"),
        ("周春（已死亡", "周春"),
        ("被害人冯慧秀等", "冯慧秀"),
        ("潘立波先生", "潘立波"),
        ("张铭女士", "张铭"),
        ("当事人：郭海鑫（本人）", "郭海鑫"),
        ("1、郭海鑫", "郭海鑫"),
        ("杨思哲、李雨馨", "杨思哲"),
        ("李永海/陈淑香", "李永海"),
        ("于金昉，于昊辰", "于金昉"),
        ("孙云;黄海民", "孙云"),
        ("孙云\n黄海民", "孙云"),
        ("张伟和李娜", "张伟"),
        ("张伟与李小娜等人", "张伟"),
        ("张伟、李娜等3人", "张伟"),
        ("郭小纲等五人", "郭小纲"),
        ("张国和", "张国和"),
        ("李和平", "李和平"),
        ("欧阳和平", "欧阳和平"),
        ("王小明 李大力", "王小明"),
        ("张 明 晨", "张明晨"),
        ("常\u3000超", "常超"),
        ("张\u200b明\ufeff晨\u00ad", "张明晨"),
        ("欧阳 娜", "欧阳娜"),
        ("张伟之父张大山", "张大山"),
        ("张伟的父亲", "张伟"),
        ("张伟1", "张伟"),
        ("於建国", "于建国"),
        ("閆妮", "闫妮"),
        ("阎妮", "闫妮"),
        ("吴昇", "吴升"),
        ("蕭葉", "萧叶"),
        ("肖叶", "萧叶"),
        ("甯静", "宁静"),
        ("赵氷峯", "赵冰峰"),
        ("刘濬燿", "刘浚耀"),
        ("凃祐邨", "涂佑村"),
        ("喆堃", "哲坤"),
        ("李龑", "李䶮"),
        ("王乾", "王乾"),
        ("⻓⼭", "长山"),
        ("𠮷明", "吉明"),
        ("王髙", "王高"),
    ],
)
def test_a_cell_gives_the_bare_folded_name(cell: str, name: str) -> None:
    found = read_name(cell)
    assert (found.name, found.state) == (name, NameState.FULL)


@pytest.mark.parametrize(
    "cell",
    [
        "张某",
        "张某某",
        "张小某",
        "张某甲",
        "张×",
        "张XX",
        "张X",
        "张x明",
        "张*",
        "张＊＊",
        "王○",
        "张●●",
        "某女",
        "张O",
        "王先生",
        "李女士",
    ],
)
def test_masked_names_keep_nothing(cell: str) -> None:
    assert read_name(cell) == Name("", NameState.MASKED)


@pytest.mark.parametrize(
    ("cell", "name", "readings"),
    [
        ("李?", "李?", (("li3",), ())),
        ("李？", "李?", (("li3",), ())),
        ("王博_", "王博?", (("wang2",), ("bo2",), ())),
        ("孙海〓", "孙海?", (("sun1",), ("hai3",), ())),
        ("刘国□", "刘国?", (("liu2",), ("guo2",), ())),
        ("马口", "马?", (("ma3",), ())),
        ("李\ue001", "李?", (("li3",), ())),
        ("李\ufffd", "李?", (("li3",), ())),
        ("李\ud842", "李?", (("li3",), ())),
        ("黄杭la", "黄杭?", (("huang2",), ("hang2",), ("la",))),
        ("李yan", "李?", (("li3",), ("yan",))),
        ("李yǎn", "李?", (("li3",), ("yan",))),
        ("吕lü?", "吕??", (("lv3",), ("lv",), ())),
        ("李zhao明", "李?明", (("li3",), ("zhao",), ("ming2",))),
        ("李?yan", "李??", (("li3",), (), ("yan",))),
    ],
)
def test_unknown_characters_stand_as_question_marks(
    cell: str, name: str, readings: tuple[tuple[str, ...], ...]
) -> None:
    found = read_name(cell)
    assert (found.name, found.state, found.readings) == (name, NameState.PARTIAL, readings)


@pytest.mark.parametrize(
    ("cell", "name", "aliases"),
    [
        ("张三（曾用名：李四）", "张三", ("李四",)),
        ("张三,又名李小四", "张三", ("李小四",)),
        ("张三（小名“二妮”）", "张三", ("二妮",)),
        ("张三 别名 张大三", "张三", ("张大三",)),
        ("张三(绰号：老黑)", "张三", ("老黑",)),
        ("李秀英（李二妮）", "李秀英", ("李二妮",)),
        ("张三（曾用名张三）", "张三", ()),
    ],
)
def test_other_names_move_out(cell: str, name: str, aliases: tuple[str, ...]) -> None:
    found = read_name(cell)
    assert (found.name, found.aliases) == (name, aliases)


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("云桥县某某运输有限公司", NameState.CORPORATE),
        ("大河村合作社", NameState.CORPORATE),
        ("云桥县第一织布厂", NameState.CORPORATE),
        ("云桥县民政局", NameState.CORPORATE),
        ("VOLKOVA ANNA", NameState.PINYIN),
        ("zhang san", NameState.PINYIN),
        ("涛", NameState.SINGLE),
        ("", NameState.EMPTY),
        ("　", NameState.EMPTY),
        ("?", NameState.EMPTY),
        ("123", NameState.EMPTY),
        ("无", NameState.EMPTY),
        ("不详", NameState.EMPTY),
    ],
)
def test_states(cell: str, state: NameState) -> None:
    assert read_name(cell).state is state


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("张三", ("张", "三")),
        ("欧阳娜", ("欧阳", "娜")),
        ("诸葛小明", ("诸葛", "小明")),
        ("尉迟恭", ("尉迟", "恭")),
        ("欧阳", ("欧阳", "")),
        ("张王小明", ("张", "王小明")),
        ("买买提江", ("", "买买提江")),
        ("木合塔尔买买提", ("", "木合塔尔买买提")),
        ("张", ("", "张")),
        ("?三", ("", "?三")),
    ],
)
def test_surnames_split(name: str, parts: tuple[str, str]) -> None:
    assert split_surname(name) == parts


def test_a_name_of_one_kind_of_writing_folds_to_itself() -> None:
    for name in ("单玉芳", "萧叶", DOTTED):
        assert fold(fold(name)) == fold(name)


def test_the_variant_table_has_one_target_per_character() -> None:
    seen: set[str] = set()
    for line in table_lines("variants.txt"):
        target, others = line.split()
        assert len(target) == 1 and target not in others
        assert not seen & set(others), "a character folds to two forms"
        seen |= set(others)
        assert {fold(other) for other in others} == {fold(target)}


def test_compound_surnames_are_two_ideographs() -> None:
    assert all(len(name) == 2 and all(map(is_han, name)) for name in compound_surnames())
    assert len(compound_surnames()) >= 80
