"""Live captions (实时字幕) are switched: on, off, or to fewer calls at once. What they say is never a message."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.messages.base import Message


@dataclass(frozen=True, slots=True)
class CaptionsSwitched(Message):
    """So many calls are captioned at once from now on; 0: none.

    ``reason``: a value of ``recordings.core.captions.Reason``. ``busy_ratio``: the share of all cores that was busy with
    what goes before captions, 0..1. ``behind_s``: by how much captions came late.
    """

    type: ClassVar[str] = "captions.switched"
    places: int
    reason: str
    busy_ratio: float
    behind_s: float
