"""A document that Word and WPS open: headings, paragraphs, tables. An ``.docx`` is a few XML files in a zip (ECMA-376).

Invariants: every text is escaped, so no text of anybody becomes markup; the same content at the same time gives the same
bytes.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

_MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FONT: Final = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="宋体"/>'
_SIZES: Final = {0: 21, 1: 32, 2: 26}
"""Half points by level of heading; 0 is plain text."""
_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:color="A0A0A0"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


@dataclass
class WordFile:
    """A document in the making. ``footer`` stands under every page."""

    title: str
    author: str
    at: datetime
    footer: str = ""
    _body: list[str] = field(default_factory=list)

    def heading(self, text: str, level: int = 2) -> None:
        """A line that begins a part; level 1 is the title's."""
        self._body.append(_paragraph(text, level))

    def line(self, text: str) -> None:
        """A paragraph; line breaks stay."""
        self._body.append(_paragraph(text, 0))

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of cells; the first row is the head."""
        told = "".join(_row(row, 2 if place == 0 else 0) for place, row in enumerate(rows))
        look = f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr>'
        grid = "<w:gridCol/>" * max(map(len, rows), default=1)
        self._body.append(f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{told}</w:tbl>")
        self._body.append(_paragraph("", 0))

    def content(self) -> bytes:
        """The file."""
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self._parts().items():
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, _HEAD + text)
        return kept.getvalue()

    def _parts(self) -> dict[str, str]:
        section = (
            '<w:sectPr><w:footerReference w:type="default" r:id="foot"/><w:pgSz w:w="11906" w:h="16838"/>'
            '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
        )
        names = f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}"'
        return {
            "[Content_Types].xml": _types(),
            "_rels/.rels": _relations(
                ("doc", f"{_OFFICE}/officeDocument", "word/document.xml"),
                ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ),
            "word/_rels/document.xml.rels": _relations(("foot", f"{_OFFICE}/footer", "footer.xml")),
            "word/document.xml": f"<w:document {names}><w:body>{''.join(self._body)}{section}</w:body></w:document>",
            "word/footer.xml": f"<w:ftr {names}>{_paragraph(self.footer, 0)}</w:ftr>",
            "docProps/core.xml": self._properties(),
        }

    def _properties(self) -> str:
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{_text(self.title)}</dc:title><dc:creator>{_text(self.author)}</dc:creator>"
            f"<dc:description>{_text(self.footer)}</dc:description>"
            f'<dcterms:created xsi:type="dcterms:W3CDTF">{at}</dcterms:created></cp:coreProperties>'
        )


def _types() -> str:
    kinds = {
        "/word/document.xml": f"{_DOCUMENT}.document.main+xml",
        "/word/footer.xml": f"{_DOCUMENT}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(*told: tuple[str, str, str]) -> str:
    each = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in told
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _row(cells: Sequence[str], level: int) -> str:
    told = "".join(f"<w:tc>{_paragraph(cell, 0, is_bold=level > 0)}</w:tc>" for cell in cells)
    return f"<w:tr>{told}</w:tr>"


def _paragraph(text: str, level: int, *, is_bold: bool = False) -> str:
    bold = "<w:b/>" if level or is_bold else ""
    look = f'<w:rPr>{_FONT}{bold}<w:sz w:val="{_SIZES[level]}"/></w:rPr>'
    lines = '</w:t><w:br/><w:t xml:space="preserve">'.join(_text(line) for line in text.split("\n"))
    return f'<w:p><w:r>{look}<w:t xml:space="preserve">{lines}</w:t></w:r></w:p>'


def _text(text: str) -> str:
    """What XML may hold: escaped, without control characters."""
    return escape("".join(character for character in text if character.isprintable()))
