"""Draws the life cycles into ``docs/life-cycles.md`` from the very tables that the engines use."""

from pathlib import Path

from callcenter.core.contacts import CONTACT
from queues.core.seats import SEAT
from recordings.core.qa.review import REVIEW

PAGE = Path("docs/life-cycles.md")

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
        "Quality review (质检复核)": REVIEW.mermaid(),
    }
    parts += [f"\n## {title}\n\n```mermaid\n{diagram}```\n" for title, diagram in drawn.items()]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
