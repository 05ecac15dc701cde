"""What the outside sees of hot-topic notices (热点公告)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View

TEXT_MAX = 200
"""Characters of a notice: some 40 s of speech."""

HOURS_MAX = 72
HOURS_USUAL = 4.0


class NoticeView(View):
    """A notice and what became of those who heard it."""

    id: int = Field(ge=1)
    text: str = Field(description="as it was written")
    spoken: str = Field(description="as it is read aloud")
    seconds: float = Field(description="how long it is heard")
    by: str
    at: datetime = Field(description="on air from")
    until_at: datetime = Field(description="on air until, unless withdrawn before")
    withdrawn_at: datetime | None
    withdrawn_by: str = Field(description="who withdrew or replaced it; empty: nobody")
    state: Literal["on_air", "expired", "withdrawn"]
    is_played: bool = Field(description="on air, and the present surge level plays notices")
    heard: int = Field(ge=0, description="callers who heard it")
    satisfied: int = Field(ge=0, description="of these: hung up during it or within 10 s after it")
    again: int = Field(ge=0, description="of the satisfied: called again within 24 h")
    unknown: int = Field(
        ge=0, description="of the satisfied: number withheld, nobody knows whether they called again"
    )
