"""One cloud seat (云坐席): the table of its way from a willing person to a proven line, and how a line is judged.

Invariant: only :data:`CloudState.PROVEN` is capacity, and only a measured line leads there.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.clock import Instant
from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import CloudState, KeptCloudSeat, PhoneChecked, Way
from callcenter.core.transitions import LifeCycle

BEGINNING = Instant(0.0)
"""Before anything was observed."""


ASK_AGAIN_S = 10.0
"""After so long, what was asked of the queue is asked again."""


class CloudEvent(StrEnum):
    """What moves a cloud seat."""

    INVITED = "invited"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    CHECK_BEGUN = "check_begun"
    PASSED = "passed"
    FAILED = "failed"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


_S, _E = CloudState, CloudEvent

CLOUD_SEAT: LifeCycle[CloudState, CloudEvent] = LifeCycle(
    "cloud seat",
    _S.IDLE,
    frozenset(),
    {
        (_S.IDLE, _E.INVITED): _S.INVITED,
        (_S.IDLE, _E.ACCEPTED): _S.ACCEPTED,  # by link after the phone rang in vain, or by *11
        (_S.IDLE, _E.LOCKED): _S.LOCKED,
        (_S.INVITED, _E.ACCEPTED): _S.ACCEPTED,
        (_S.INVITED, _E.DECLINED): _S.IDLE,
        (_S.INVITED, _E.WITHDRAWN): _S.WITHDRAWN,
        (_S.INVITED, _E.LOCKED): _S.LOCKED,
        (_S.ACCEPTED, _E.CHECK_BEGUN): _S.CHECKING,
        (_S.ACCEPTED, _E.WITHDRAWN): _S.WITHDRAWN,
        (_S.ACCEPTED, _E.LOCKED): _S.LOCKED,
        (_S.CHECKING, _E.PASSED): _S.PROVEN,
        (_S.CHECKING, _E.FAILED): _S.REFUSED,
        (_S.CHECKING, _E.LOST): _S.ACCEPTED,
        (_S.CHECKING, _E.WITHDRAWN): _S.WITHDRAWN,
        (_S.CHECKING, _E.LOCKED): _S.LOCKED,
        (_S.PROVEN, _E.LOST): _S.ACCEPTED,
        (_S.PROVEN, _E.WITHDRAWN): _S.WITHDRAWN,
        (_S.PROVEN, _E.LOCKED): _S.LOCKED,
        (_S.REFUSED, _E.ACCEPTED): _S.ACCEPTED,  # tries again
        (_S.REFUSED, _E.LOST): _S.ACCEPTED,  # another phone, or the same elsewhere
        (_S.REFUSED, _E.INVITED): _S.INVITED,
        (_S.REFUSED, _E.WITHDRAWN): _S.WITHDRAWN,
        (_S.REFUSED, _E.LOCKED): _S.LOCKED,
        (_S.WITHDRAWN, _E.INVITED): _S.INVITED,
        (_S.WITHDRAWN, _E.ACCEPTED): _S.ACCEPTED,
        (_S.WITHDRAWN, _E.LOCKED): _S.LOCKED,
        (_S.LOCKED, _E.UNLOCKED): _S.IDLE,
    },
)
"""The life of a cloud seat."""

COMING = frozenset({CloudState.ACCEPTED, CloudState.CHECKING, CloudState.PROVEN})
"""Somebody is at it, or about to be."""

GONE = "话机离线 / the phone is gone"
CHANGED = "换了话机，需重新检测 / another phone: it is checked anew"
LOGGED_OUT = "本人签出 / logged out"
HELP_OVER = "支援时间到 / the help has lasted its time"
NO_PHONE = "话机没有注册 / the phone never registered"
REGISTER_ANEW = "新口令，等话机重新注册 / a new password: its phone must register anew"
LOCKED_BY_GUARD = "密码多次错误，已锁定 / too many wrong passwords: locked"
CHECK_SILENT = "检测没有结果 / the check gave no result"
FAILURES = {
    "no_answer": "检测来电无人接听 / nobody answered the check's call",
    "unreachable": "话机无法接通 / the phone cannot be reached",
    "hung_up": "检测中途挂断 / hung up during the check",
}
"""Why nothing was measured (``PhoneChecked.failed``)."""
UNHEARD = "听不到声音 / no voice was heard"


@dataclass(frozen=True, slots=True)
class PhoneLimits:
    """What a line may be at worst: ``loss_ratio`` each way, 0..1; times in milliseconds."""

    loss_ratio: float = 0.03
    jitter_ms: float = 50.0
    rtt_ms: float = 400.0


@dataclass(frozen=True, slots=True)
class CloudSeat:
    """A cloud seat and who sits there.

    ``until``: when the present step ends by itself; ``helps_until``: when the help ends; ``warned``: its person was told;
    ``check_until``: a check is under way until then at the latest; ``look_at``: when to look again whether a check can
    begin or what was asked of the queue has happened; ``not_before``: no check earlier, he is still on the phone; ``is_in``: it has joined its queues since it was proven;
    ``waits_for_phone``: the registration that there is was made with the password that was locked;
    ``leaving``: why it leaves after its call, ``""``: it does not; ``way``: how it was invited.
    """

    seat_id: SeatId
    state: CloudState = CLOUD_SEAT.initial
    since: Instant = BEGINNING
    staff_no: str = ""
    reason: str = ""
    invitation: str = ""
    way: Way = Way.PHONE
    until: Instant | None = None
    helps_until: Instant | None = None
    warned: bool = False
    measured: PhoneChecked | None = None
    check_until: Instant | None = None
    look_at: Instant | None = None
    not_before: Instant = BEGINNING
    is_in: bool = False
    waits_for_phone: bool = False
    leaving: str = ""

    def kept(self) -> KeptCloudSeat:
        """What outlives a restart."""
        return KeptCloudSeat(
            self.seat_id,
            self.state,
            self.staff_no,
            self.reason,
            self.invitation,
            self.since,
            self.until,
            self.helps_until,
        )


def taken_up(kept: KeptCloudSeat) -> CloudSeat:
    """The seat as it goes on after a restart: a check that was under way begins anew."""
    state = CloudState.ACCEPTED if kept.state is CloudState.CHECKING else kept.state
    return CloudSeat(
        kept.seat_id,
        state,
        kept.since,
        kept.staff_no,
        kept.reason,
        kept.invitation,
        until=kept.until,
        helps_until=kept.helps_until,
        is_in=state is CloudState.PROVEN,
        waits_for_phone=kept.reason == REGISTER_ANEW,
    )


def judged(checked: PhoneChecked, limits: PhoneLimits) -> str:
    """Why the line is not good enough, with what was measured; ``""``: it is.

    Limits after ITU-T G.1010 (conversational voice: loss <= 3 %) and G.114 (mouth to ear <= 400 ms is the last
    acceptable delay; a round trip of 400 ms leaves room for buffers).
    """
    if checked.failed:
        return FAILURES.get(checked.failed, CHECK_SILENT)
    loss = max(checked.loss_in, checked.loss_out)
    if loss > limits.loss_ratio:
        return _beyond("丢包", "loss", loss * 100, limits.loss_ratio * 100, " %")
    if checked.jitter_ms > limits.jitter_ms:
        return _beyond("抖动", "jitter", checked.jitter_ms, limits.jitter_ms, " ms")
    if checked.rtt_ms > limits.rtt_ms:
        return _beyond("往返时延", "round trip", checked.rtt_ms, limits.rtt_ms, " ms")
    return "" if checked.heard else UNHEARD


def _beyond(zh: str, en: str, found: float, limit: float, unit: str) -> str:
    return f"{zh} {found:.3g}{unit}，上限 {limit:.3g}{unit} / {en} {found:.3g}{unit}, limit {limit:.3g}{unit}"
