"""A seat's own phone: how a page becomes it, and how good its line is."""

from typing import Literal

from pydantic import Field

from callcenter.web.views import View


class PhoneView(View):
    """The phone of a seat. A page registers with ``uri``, ``realm`` and ``ha1``; a SIP phone needs nothing of the page."""

    seat_id: str
    kind: Literal["browser", "sip"]
    url: str | None = Field(
        description="软电话的 WebSocket 地址 / where the page's phone connects; null: sip"
    )
    uri: str | None = Field(description="sip:8017@…")
    user: str | None
    realm: str | None
    ha1: str | None = Field(description="MD5(user:realm:password), in place of the password")
    is_registered: bool = Field(description="a phone has registered as this seat and answers")
    must_check: bool = Field(description="签入前须通过线路检测 / logs in only after a good line check")
    is_checked: bool = Field(description="its present phone has passed a line check")


class LineCheckView(View):
    """What the echo test of a phone measured. Shares and times are 0 if nothing could be measured."""

    seat_id: str
    loss_share: float = Field(ge=0, description="packets lost, the worse of both ways, 0..1")
    jitter_ms: float = Field(ge=0, description="variation of arrival from the phone")
    delay_ms: float = Field(ge=0, description="there and back")
    is_heard: bool = Field(description="a voice was heard")
    is_good: bool
    failed: Literal["", "no_answer", "unreachable", "hung_up"] = Field(description="why nothing was measured")
    reason: str = Field(description="why it is not good, in Chinese and English; empty: it is")
