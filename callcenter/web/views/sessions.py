"""Who is signed in."""

from datetime import datetime

from pydantic import Field

from callcenter.web.roles import Role
from callcenter.web.views import View


class MeView(View):
    """Who is signed in. ``csrf``: header ``X-CSRF-Token`` of mutating calls by cookie, else empty.

    ``seq``: the last event before this answer; who follows the event stream from it misses nothing that he asks for after.
    """

    name: str
    role: Role
    seat_id: str | None
    must_change_password: bool
    must_bind: bool = Field(False, description="one-time codes must be set up before anything else")
    permissions: list[str]
    csrf: str
    seq: int = Field(ge=0)


class SignedIn(MeView):
    """A new session. ``token``: for ``Authorization: Bearer``; empty when a cookie was set instead."""

    token: str
    expires_at: datetime
