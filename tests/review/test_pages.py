"""The reviewer's pages over a small consortium's logs: what they tell, choose and hand out, and whom they refuse."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from benchmarks.audit_town import SPECS, Town, make_town
from linkage.audit.command import _parser
from linkage.audit.proof import parse_proof, verify_proof
from linkage.audit.steps.reconcile import read
from linkage.keys.manifest import Manifest
from linkage.keys.store import load_party_keys
from linkage.review.material import Material
from linkage.review.serving import SECTIONS, review_site

ORIGIN = "http://127.0.0.1"
Browse = Callable[[Material], TestClient]


def material_of(root: Path, *parties: str) -> Material:
    logs = [str(root / party / "audit") for party in parties or [spec.id for spec in SPECS]]
    words = ["serve", *logs, "--manifest", str(root / "ceremony" / "consortium")]
    return Material.of(read(_parser().parse_args(words)))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("review") / "town"
    make_town(root)
    return root


@pytest.fixture(scope="module")
def material(town: Path) -> Material:
    return material_of(town)


@pytest.fixture
def browse() -> Iterator[Browse]:
    opened = []

    def browsed(material: Material) -> TestClient:
        client = TestClient(review_site(material).application(), base_url=ORIGIN)
        opened.append(client)
        return client

    yield browsed
    for client in opened:
        client.close()


@pytest.fixture
def visitor(browse: Browse, material: Material) -> TestClient:
    return browse(material)


def round_of(material: Material) -> str:
    return material.story.rounds[0].id


def test_the_timeline_tells_who_asked_what_left_and_who_was_opened(visitor: TestClient) -> None:
    page = visitor.get("/").text

    assert "检察院" in page and "同意 3/3" in page and "离开 568 行" in page and "还原 2 人" in page
    assert "各方日志相互吻合" in page


def test_a_round_opens_to_warrant_consents_uploads_result_opening_release_referral_and_erasure(
    visitor: TestClient, material: Material
) -> None:
    page = visitor.get(f"/rounds/{round_of(material)}/inside").text

    for words in ("检察官甲", "检察官乙", "值班员丙", "379", "告知申请救助的权利", "等级", "已受理", "线索 80"):
        assert words in page
    assert page.count("<h2>") == 6 and "日志未记" not in page


def test_the_words_of_a_table_are_in_one_language(visitor: TestClient, material: Material) -> None:
    path = f"/rounds/{round_of(material)}"
    chinese = visitor.get(path).text
    visitor.cookies.set("__Host-reviewer-language", "en")
    english = visitor.get(path).text

    assert "<td>同意</td>" in chinese and "<td>approve</td>" in english
    assert "<td>已给</td>" in chinese and "<td>given</td>" in english


def test_a_round_that_no_log_tells_of_is_not_found(visitor: TestClient) -> None:
    answer = visitor.get("/rounds/none")

    assert answer.status_code == 404 and "回到首页" in answer.text and "登录" not in answer.text


@pytest.mark.parametrize("path", [section.path for section in SECTIONS] + ["/deeds/openings", "/deeds/officers"])
def test_every_page_has_both_languages_and_the_kits_headers(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
    assert csrf and 'lang="zh-CN"' in answer.text
    visitor.cookies.set("__Host-reviewer-language", "en")
    english = visitor.get(path).text

    assert answer.status_code == 200 and "default-src 'none'" in answer.headers["content-security-policy"]
    assert '<html lang="en" data-running=' in english and '<nav aria-label="Main">' in english


def test_a_host_name_of_somebody_else_is_refused(visitor: TestClient) -> None:
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400


def test_nothing_can_be_changed_by_anybody(visitor: TestClient) -> None:
    changing = {route.path for section in SECTIONS for route in section.routes if route.method != "GET"}

    assert changing == set()
    assert visitor.post("/sign-in", data={"name": "甲"}).status_code == 403


def test_search_by_officer_agency_purpose_and_day(visitor: TestClient, material: Material) -> None:
    officer = material.officers.index("值班员丙") + 1

    assert "离开 64 行" in visitor.get("/?agency=cl").text
    assert "同意 3/3" in visitor.get(f"/?officer={officer}").text
    assert "同意 3/3" in visitor.get("/?purpose=1").text
    assert "没有符合条件的轮次" in visitor.get("/?until=2026-10-07").text
    assert visitor.get("/?since=yesterday").status_code == 422
    assert visitor.get("/?since=2026-10-09&until=2026-10-01").status_code == 422


def test_no_officers_name_stands_in_an_address(visitor: TestClient, material: Material) -> None:
    page = visitor.get(f"/?officer={material.officers.index('值班员丙') + 1}").text
    links = re.findall(r'(?:href|action|hx-get)="([^"]*)"', page)

    assert "值班员丙" in page
    assert not [link for link in links if not link.isascii() or "%" in link]


def test_a_log_that_was_changed_is_named_with_the_reason(town: Path, tmp_path: Path, browse: Browse) -> None:
    shutil.copytree(town, tmp_path / "town")
    entries = tmp_path / "town" / "mz" / "audit" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"rows":110', b'"rows":111', 1))
    visitor = browse(material_of(tmp_path / "town"))
    page = visitor.get("/logs").text

    assert "✗ 有问题" in page and "日志不吻合" in page and "民政局" in page
    assert "可能不真实" in visitor.get("/").text


def test_a_log_that_was_not_handed_in_is_said(town: Path, browse: Browse) -> None:
    visitor = browse(material_of(town, "hub", "jcy"))

    assert "没有交日志的单位：民政局、残联" in visitor.get("/logs").text
    assert "有 2 个单位没有交日志" in visitor.get("/").text and "相互吻合" not in visitor.get("/").text


def test_what_was_refused_is_told_with_its_reason(tmp_path: Path, browse: Browse) -> None:
    reason = "role operator may not do this"

    def refuse(town: Town) -> None:
        town.note("mz", "action.refused", {"action": "rounds.approve", "account": "经办人丁", "reason": reason})

    make_town(tmp_path / "town", change=refuse)
    page = browse(material_of(tmp_path / "town")).get("/deeds").text

    assert reason in page and "经办人丁" in page and "民政局" in page


def test_the_proof_of_an_entry_stands_by_itself(visitor: TestClient, material: Material, town: Path) -> None:
    manifest: Manifest = load_party_keys(town / "hub").manifest
    record = next(r for r in material.records[round_of(material)] if r.kind == "person.opened")
    archive = zipfile.ZipFile(io.BytesIO(visitor.get(f"/exports/proof/{record.party}/{record.index}").content))
    proven = verify_proof(parse_proof(archive.read("entry.tlog-proof").decode()), manifest)

    assert (proven.entry.index, proven.entry.kind) == (record.index, "person.opened")
    assert proven.cosigned and b"witness" in archive.read("entry.policy")


@pytest.mark.parametrize("path", ["mz/999999", "mz/-1", "mz/one", "nobody/1"])
def test_no_proof_is_made_of_what_is_not_there(visitor: TestClient, path: str) -> None:
    assert visitor.get(f"/exports/proof/{path}").status_code in (400, 404)


def test_the_records_hold_what_was_chosen(visitor: TestClient) -> None:
    book = load_workbook(io.BytesIO(visitor.get("/exports/records.xlsx?agency=cl").content))
    archive = zipfile.ZipFile(io.BytesIO(visitor.get("/exports/records.zip").content))

    assert [row[5] for row in book["处理记录"].iter_rows(min_row=2, values_only=True)] == [64]
    assert len(archive.read("processing.csv").decode("utf-8-sig").splitlines()) == 5
    assert visitor.get("/exports/records.exe").status_code == 404


def test_the_exports_page_counts_the_rows_of_every_table(visitor: TestClient) -> None:
    book = load_workbook(io.BytesIO(visitor.get("/exports/records.xlsx").content))
    told = re.findall(r'<tr><td>(.*?)</td><td class="number">([0-9,]+)</td>', visitor.get("/exports").text)

    assert {name: int(count) for name, count in told} == {sheet.title: sheet.max_row - 1 for sheet in book}


def test_the_report_is_handed_out_as_a_file_without_scripts(visitor: TestClient) -> None:
    answer = visitor.get("/exports/report.html")

    assert "attachment" in answer.headers["content-disposition"]
    assert "568" in answer.text and "<script" not in answer.text


def test_a_long_timeline_is_paged_newest_first(browse: Browse, material: Material) -> None:
    first = material.story.rounds[0]
    rounds = tuple(replace(first, id=f"{number:032x}") for number in range(1000))
    visitor = browse(replace(material, story=replace(material.story, rounds=rounds)))
    newest, oldest = visitor.get("/").text, visitor.get("/?page=50").text

    assert newest.count('<details class="card"') == 20 and f"{999:032x}" in newest
    assert f"{0:032x}" in oldest and "共 1,000" in newest
