"""Draws the life cycles and the shipped flows into ``docs``, from the very tables and files that the engines use."""

from collections.abc import Mapping
from pathlib import Path

from callcenter.core.contact import CONTACT
from callcenter.flow_desk import prompt_texts
from callcenter.settings import Settings
from ivr.core.draw import svg
from ivr.flows import load_shipped
from queues.core.cloud import CLOUD_SEAT
from queues.core.seats import SEAT
from recordings.core.qa.review import REVIEW

PAGE = Path("docs/life-cycles.md")
MENUS = Path("docs/menus")

HEAD = """# Life cycles

Drawn from the transition tables by `make diagrams`; a test redraws and compares. What a table lacks raises
`IllegalTransition` and changes nothing.
"""


def page() -> str:
    """The whole page as Markdown with Mermaid diagrams."""
    parts = [HEAD]
    drawn = {
        "Contact (来电)": CONTACT.mermaid(),
        "Seat (坐席)": SEAT.mermaid(),
        "Cloud seat (云坐席)": CLOUD_SEAT.mermaid(),
        "Quality review (质检复核)": REVIEW.mermaid(),
    }
    parts += [f"\n## {title}\n\n```mermaid\n{diagram}```\n" for title, diagram in drawn.items()]
    return "".join(parts)


def flow_pictures() -> Mapping[Path, str]:
    """Each shipped flow as SVG, by its file in :data:`MENUS`."""
    settings = Settings()
    texts = prompt_texts(settings)
    return {Path(f"{flow.name}.svg"): svg(flow, texts) for flow in load_shipped(settings).values()}


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    for name, picture in flow_pictures().items():
        MENUS.joinpath(name).write_text(picture, "utf-8")
