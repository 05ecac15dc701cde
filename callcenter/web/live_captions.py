"""Live captions at the web's edge: who may read them, and how they look on the event stream.

Invariants: they are live only: without ``seq``, in no journal, never replayed; a stream gets them only if it names them; the
seat in the talk reads them as they are, who may listen to recordings with numbers as stars, everybody else nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, Literal

from pydantic import Field

from callcenter.captions.feed import Spoken
from callcenter.web.identity import Identity
from callcenter.web.roles import Permission
from callcenter.web.views import View

SAID: Final = "caption.said"
"""Type of their frames."""


class CaptionSaid(View):
    """What was said. ``begin_s``, seconds in the recording, names the line: it comes again, longer, until ``final``."""

    channel: Literal["citizen", "agent"]
    begin_s: float
    end_s: float
    text: str
    final: bool
    masked: bool = Field(description="numbers are stars")


class CaptionFrame(View):
    """A frame of the event stream."""

    type: Literal["caption.said"] = SAID
    at: datetime
    subject: dict[str, str]
    data: CaptionSaid


def are_wanted(types: Sequence[str]) -> bool:
    """Whether a stream of these types gets captions: it must name them."""
    return any(fnmatchcase(SAID, pattern) for pattern in types)


def frame(spoken: Spoken, identity: Identity) -> CaptionFrame | None:
    """What this reader is sent; ``None``: nothing."""
    own = spoken.seat_id is not None and identity.seat_id == spoken.seat_id
    if own and identity.has(Permission.ASK_OWN_SEAT):
        return _frame(spoken, spoken.caption.text, masked=False)
    if identity.has(Permission.LISTEN):
        return _frame(spoken, spoken.masked_text, masked=True)
    return None


def _frame(spoken: Spoken, text: str, *, masked: bool) -> CaptionFrame:
    caption = spoken.caption
    subject = {"contact_id": str(caption.contact_id)}
    if spoken.seat_id is not None:
        subject["seat_id"] = spoken.seat_id
    said = CaptionSaid(
        channel=caption.channel,
        begin_s=caption.begin_s,
        end_s=caption.end_s,
        text=text,
        final=caption.final,
        masked=masked,
    )
    return CaptionFrame(at=spoken.at, subject=subject, data=said)
