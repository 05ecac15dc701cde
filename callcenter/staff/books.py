"""Spreadsheet files, read: xlsx, and csv as Excel and WPS write it.

Invariants: nothing in a file is carried out (formulas, macros, links, entities); a file is bounded before a library sees it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # ships no types

from callcenter.core.errors import UsageError
from callcenter.staff.core.sheet import FILE_MAX_BYTES, Merge, Odd, Sheet, letter
from callcenter.staff.core.sheet_values import Cell

UNPACKED_MAX_BYTES = 16 * 1024 * 1024
PARTS_MAX = 300
CELLS_MAX = 200_000
ROWS_MAX = 5000
COLUMNS_MAX = 80
MERGED_MAX = 20_000
"""Cells that one merged range may cover."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b([^>]*)>")
_RANGE = re.compile(rb"\s+ref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']\s*/?\s*")
_FORMULA = "公式不会被计算，请粘贴为数值 / formulas are not carried out: paste values instead"
_ERROR = "单元格是错误值，请改正 / the cell holds an error value: correct it"


def read_book(content: bytes) -> Sequence[Sheet]:
    """The sheets of a file, whatever it is called; hidden ones too.

    Raises:
        UsageError: ``bad_sheet``: too large, damaged, or of another format; one line with what to do.
    """
    if len(content) > FILE_MAX_BYTES:
        raise _bad(
            f"文件超过 {FILE_MAX_BYTES // 1024} KB，请分成几份",
            f"the file is larger than {FILE_MAX_BYTES // 1024} KB: split it",
        )
    if content.startswith(_OLD_EXCEL):
        raise _bad(
            "是旧式 .xls 或加密文件，请另存为不加密的 .xlsx",
            "this is an old .xls or an encrypted file: save it as plain .xlsx",
        )
    return _read_xlsx(content) if content.startswith(_ZIP) else [_read_csv(content)]


def _read_xlsx(content: bytes) -> list[Sheet]:
    try:
        _check_package(content)
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
    except UsageError:
        raise
    except Exception:  # noqa: BLE001  whatever a damaged file does to the library is the file's fault
        raise _bad(
            "打不开这个 xlsx，请用 Excel 或 WPS 另存一次",
            "this xlsx cannot be read: open and save it once more",
        ) from None
    return [_sheet(page) for page in book.worksheets]


def _check_package(content: bytes) -> None:
    """Refuse what would cost too much to read, and what defines entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX_BYTES:
            raise _too_much()
        cells = 0
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            data = package.read(part)
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data[:64]:
                raise _bad("xlsx 含有不允许的内容", "the xlsx holds what no spreadsheet needs: save it anew")
            cells += data.count(b"<c ") + data.count(b"<c>") + data.count(b":c ")
            if cells > CELLS_MAX or any(_is_too_wide(found[1]) for found in _MERGE.finditer(data)):
                raise _too_much()


def _is_too_wide(attributes: bytes) -> bool:
    found = _RANGE.fullmatch(attributes)
    if not found:
        return True
    wide = _column(found[3]) - _column(found[1]) + 1
    return wide * (int(found[4]) - int(found[2]) + 1) > MERGED_MAX


def _column(name: bytes) -> int:
    number = 0
    for character in name:
        number = number * 26 + character - ord("A") + 1
    return number


def _sheet(page: Any) -> Sheet:
    if page.max_row > ROWS_MAX or page.max_column > COLUMNS_MAX:
        raise _bad(
            f"表 {page.title} 延伸到第 {page.max_row} 行 {letter(page.max_column - 1)} 列，请删去多余的空行空列",
            f"sheet {page.title} reaches to row {page.max_row}, column {letter(page.max_column - 1)}: delete empty ones",
        )
    rows = [[_cell(cell) for cell in row] for row in page.iter_rows()]
    merged = [
        Merge(found.min_row - 1, found.max_row - 1, found.min_col - 1, found.max_col - 1, str(found.coord))
        for found in page.merged_cells.ranges
    ]
    return Sheet(str(page.title), rows, merged)


def _cell(cell: Any) -> Cell | Odd:
    if cell.data_type == "f":
        return Odd(str(getattr(cell.value, "text", cell.value))[:40], _FORMULA)
    if cell.data_type == "e":
        return Odd(str(cell.value), _ERROR)
    value: Cell = cell.value
    return value


def _read_csv(content: bytes) -> Sheet:
    text = _decoded(content)
    head = text[: text.find("\n")] if "\n" in text else text
    separator = max(",\t;，", key=head.count)
    try:
        rows = [list(map(_text, row)) for row in _bounded(csv.reader(io.StringIO(text), delimiter=separator))]
    except csv.Error:
        raise _bad("csv 有损坏的一行", "a line of the csv is damaged: save it anew") from None
    return Sheet("csv", rows)


def _decoded(content: bytes) -> str:
    """UTF-8, with or without a mark; UTF-16 with one; else GBK, as a Chinese Excel writes csv."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _bad(
        "不是 xlsx，也不是 UTF-8 或 GBK 的 csv，请另存为 .xlsx",
        "this is neither xlsx nor csv in UTF-8 or GBK: save it as .xlsx",
    )


def _bounded(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        if number > ROWS_MAX or len(row) > COLUMNS_MAX:
            raise _too_much()
        yield row


def _text(value: str) -> Cell | Odd:
    value = value.strip()
    return Odd(value[:40], _FORMULA) if value.startswith("=") else value or None


def _too_much() -> UsageError:
    return _bad(
        f"表太大：最多 {ROWS_MAX} 行 {COLUMNS_MAX} 列，请删去空行空列或分成几份",
        f"too much: at most {ROWS_MAX} rows and {COLUMNS_MAX} columns; delete empty ones or split the file",
    )


def _bad(zh: str, en: str) -> UsageError:
    return UsageError(f"{zh} / {en}", code="bad_sheet")
