"""Town, village and house from addresses and columns. All places are fictitious or public."""

from __future__ import annotations

import pytest

from linkage.normalise.places import Place, read_place


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("江南省澜州市云桥县三汊乡何集村14组21号", Place("三汊", "何集", "14-21")),
        ("云桥县三汊乡何集村十四组二十一号", Place("三汊", "何集", "14-21")),
        ("三汊乡何集村委会14组", Place("三汊", "何集", "14")),
        ("三汊何集", Place("三汊", "何集", "")),
        ("三汊乡何集", Place("三汊", "何集", "")),
        ("石桥王家庙", Place("石桥", "王家庙", "")),
        ("王家洼村", Place("", "王家洼", "")),
        ("何集村14组21号", Place("", "何集", "14-21")),
        ("河东北门社区", Place("河东", "北门", "")),
        ("城关人民路社区", Place("城关", "人民路", "")),
        ("城关街道文昌社区2号楼3单元303室", Place("城关", "文昌", "2-3-303")),
        ("城关街道办事处文昌居委会2栋3单元303", Place("城关", "文昌", "2-3-303")),
        ("城关街道人民路12号", Place("城关", "", "人民路12")),
        ("江西省景德镇市珠山区新村街道梨树园社区3栋302", Place("新村", "梨树园", "3-302")),
        ("内蒙古自治区呼伦贝尔市鄂温克族自治旗巴彦托海镇赛克社区", Place("巴彦托海", "赛克", "")),
        ("江苏省昆山市玉山镇同丰村", Place("玉山", "同丰", "")),
        ("浙江省温州市乐清市柳市镇长江村", Place("柳市", "长江", "")),
        ("乐清市虹桥镇建设三村", Place("虹桥", "建设3", "")),
        ("乐清市虹桥镇建设３村", Place("虹桥", "建设3", "")),
        ("云桥县青塘镇", Place("青塘", "", "")),
        ("青塘", Place()),
        ("", Place()),
    ],
)
def test_addresses(address: str, place: Place) -> None:
    assert read_place(address) == place


def test_columns_win_over_the_address() -> None:
    assert read_place("云桥县青塘镇袁寨村3组", "三汊乡", "何集村") == Place("三汊", "何集", "3")


def test_columns_alone_are_enough() -> None:
    assert read_place("", "云桥县三汊乡", "何集村委会") == Place("三汊", "何集", "")


def test_a_village_column_that_repeats_the_town_is_stripped() -> None:
    assert read_place("", "三汊乡", "三汊乡何集村") == Place("三汊", "何集", "")


def test_the_town_column_splits_a_short_address() -> None:
    assert read_place("南关外何集", "南关外街道", "").village == "何集"


@pytest.mark.parametrize("other", ["三汊镇何集社区", "三汊街道何集居委会", "三汊乡何集行政村"])
def test_renamed_suffixes_agree(other: str) -> None:
    first, second = read_place("三汊乡何集村"), read_place(other)
    assert (first.town, first.village) == (second.town, second.village)
