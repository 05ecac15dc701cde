"""Pictures of flows."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from callcenter.diagrams import flow_pictures
from callcenter.settings import Settings
from ivr import flows
from ivr.core.draw import LINES, edges, mermaid, svg
from ivr.core.reading import read
from ivr.prompts import catalogue

pytestmark = pytest.mark.core

DOCS = Path(__file__).parents[2] / "docs" / "menus"
SHIPPED = flows.load(Settings())
TEXTS = {name: prompt.zh for name, prompt in catalogue().items()}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_flow_is_drawn_whole(name: str) -> None:
    """Each step has a box in the picture, each way an arrow or a word at the foot; the Mermaid text has all as well."""
    flow = SHIPPED[name]
    picture = ET.fromstring(svg(flow, TEXTS))  # noqa: S314  our own text
    said = " ".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
    assert all(step in said for step in flow.steps)
    joined = {(begin, end) for begin, _, end in edges(flow)}
    arrows = sum(path.get("marker-end") is not None for path in picture.iter(f"{SVG}path"))
    assert arrows + said.count("→") - said.count("→ 流程") == len(joined)
    drawn = mermaid(flow, TEXTS)
    assert drawn.startswith("flowchart TD\n")
    assert drawn.count("-->") == len(list(edges(flow)))


def test_texts_of_others_cannot_break_the_picture() -> None:
    """Quotes, brackets and endless texts stay inside their box."""
    text = 'title = "<&>"\nkind = "arrival"\nstart = "a"\n[steps.a]\nplay = ["greeting"]\nnext = "p"\n[steps.p]\nline = "main"\n'
    flow, _ = read("a", text, "a.toml")
    assert flow is not None
    texts = {"greeting": '"]<script>' + "很长" * 200}
    picture = ET.fromstring(svg(flow, texts))  # noqa: S314  our own text
    assert len(list(picture.iter(f"{SVG}text"))) <= 2 + 2 * (2 + LINES)
    assert not list(picture.iter(f"{SVG}script"))
    assert '""' not in mermaid(flow, texts)


def test_a_circle_of_steps_is_drawn() -> None:
    """Menus that lead back to one another end in a picture too."""
    text = (
        'title = "t"\nkind = "arrival"\nstart = "a"\noccasions = ["night"]\n'
        '[steps.a]\nask = ["greeting"]\nkeys = { "1" = "b" }\nsilence = "p"\n'
        '[steps.b]\nask = ["greeting"]\nkeys = { "1" = "a" }\nsilence = "p"\n[steps.p]\nline = "main"\n'
    )
    flow, _ = read("a", text, "a.toml")
    assert flow is not None
    assert "1 → b" in svg(flow, TEXTS)


def test_the_pictures_in_the_docs_are_those_of_the_shipped_flows() -> None:
    """Redraw them with `make diagrams` after a change of a flow or of what a prompt says."""
    drawn = flow_pictures()
    assert {path.name for path in DOCS.glob("*.svg")} == {name.name for name in drawn}
    stale = [
        name.name for name, picture in drawn.items() if DOCS.joinpath(name).read_text("utf-8") != picture
    ]
    assert stale == []
    page = DOCS.joinpath("README.md").read_text("utf-8")
    assert all(f"]({name})" in page for name in drawn)
