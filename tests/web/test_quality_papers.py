"""What leaves the house on paper opens in Word and Excel, says who took it, and runs nothing."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from quality_world import HOSTILE, MARKER, R1, QualityHouse
from web_fakes import MASKED, NUMBER, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web

MARK = "仅供 shift_manager 工作使用 · 2026-11-22 17:00:00 导出 · 事由：仲裁 · 请勿外传"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[QualityHouse]:
    """Four calls."""
    made = QualityHouse(tmp_path)
    await made.open()
    yield made
    await made.close()


async def test_a_call_is_taken_as_a_document(house: QualityHouse) -> None:
    """Well-formed parts; facts, findings, words with stars, and the mark in text, footer and properties; audited."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        answer = await browser.raw("GET", f"/qa/calls/{R1}/document?why=仲裁")
        content = await answer.read()
        assert (await browser.get("/qa/calls/cc-1.99/document?why=court"))[0] == 404
        assert (await browser.get(f"/qa/calls/{R1}/document"))[1]["error_id"] == "why_missing"
    assert answer.status == 200
    assert f'filename="{R1}_shift_manager_20261122-170000.docx"' in answer.headers["Content-Disposition"]
    parts = _parts(content)
    text = "".join(parts["word/document.xml"].itertext())
    assert [
        told for told in ("使用服务忌语", "不归我们管", "东关街暖气不热", MASKED) if told not in text
    ] == []
    assert [secret for secret in (NUMBER, "一三八") if secret in text] == []
    for part in ("word/document.xml", "word/footer.xml", "docProps/core.xml"):
        assert MARK in "".join(parts[part].itertext()), part
    (entry,) = [entry for entry in house.audit.entries if entry.action == "quality.exported"]
    assert (entry.by, entry.resource, entry.why) == ("shift_manager", f"recording/{R1}", "仲裁")


async def test_markup_stays_text_on_paper(house: QualityHouse) -> None:
    """What was said with angle brackets in it is a text of the document, no part of it."""
    async with browsing(house, Role.ADMIN) as browser:
        answer = await browser.raw("GET", f"/qa/calls/{HOSTILE}/document?why=court")
    text = "".join(_parts(await answer.read())["word/document.xml"].itertext())
    assert MARKER in text


async def test_the_list_is_taken_as_a_workbook(house: QualityHouse) -> None:
    """Numbers are numbers, times are times, who took it stands in the first row; filters hold."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        answer = await browser.raw("GET", "/qa/workbook?why=仲裁&seat_id=8001")
        assert (await browser.get("/qa/workbook"))[1]["error_id"] == "why_missing"
    page = load_workbook(io.BytesIO(await answer.read())).active
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][0] == MARK
    assert {row[1] for row in rows[2:]} == {"8001"}
    (row,) = [row for row in rows if row[-1] == R1]
    assert (row[2], row[4], row[11]) == (MASKED, "供暖", None)
    assert 0 <= row[8] <= 1 <= row[6] <= 100
    assert [entry.why for entry in house.audit.entries if entry.action == "quality.listed"] == ["仲裁"]


async def test_reviewers_take_nothing_out(house: QualityHouse) -> None:
    """The right to listen is no right to take copies."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        for path in (f"/qa/calls/{R1}/document?why=court", "/qa/workbook?why=court"):
            assert (await browser.get(path))[0] == 403


def _parts(content: bytes) -> dict[str, ET.Element]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314  our own
