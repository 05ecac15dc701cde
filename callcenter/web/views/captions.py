"""The state of live captions.

Invariant: it says nothing of what is said.
"""

from pydantic import Field

from callcenter.web.views import View


class CaptionedCallView(View):
    """A call that is captioned. ``seat_id``: empty after a transfer."""

    contact_id: str
    seat_id: str | None


class CaptionsView(View):
    """Live captions right now. ``places``: calls that may be captioned at once; 0: none, for ``reason``."""

    places: int = Field(ge=0)
    reason: str
    busy_ratio: float | None = Field(description="share of all cores, 0 to 1; null: not known")
    behind_s: float = Field(ge=0, description="by how much captions came late, beside the recorder's second")
    model: str
    is_demo_model: bool
    calls: list[CaptionedCallView]
