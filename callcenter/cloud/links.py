"""Joining a cloud seat by link (云坐席链接): made, written to its owner, used once.

Invariants: of a token only its hash is kept; the account's password is told once, to who used the link; who guesses
learns nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from callcenter.asterisk.secrets import load_secrets
from callcenter.cloud import store
from callcenter.cloud.people import CloudPeople
from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.cloud import CloudRequest, CloudState
from callcenter.outbox import store as outbox
from callcenter.outbox.store import Letter, Limits
from callcenter.outbox.texts import text_of
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.cloud import JoinView, SipAccount
from queues.core.cloud import CloudRoll, CloudSeat

log = structlog.get_logger()

PATH = "/join/"
"""Where the page of a link is; the token follows."""
LINKS_A_DAY = 10
"""Messages with links that one person may get a day, at least five minutes apart."""
GAP = timedelta(minutes=5)
LINK_USER = "link"
"""Who asks, when it is the person himself, by his link."""

TEXTS = {
    CloudState.IDLE: "等待接受 / waiting to be accepted",
    CloudState.INVITED: "等待接受 / waiting to be accepted",
    CloudState.ACCEPTED: "已接受。请用下面的账号登录话机，登录后会自动检测线路 / "
    "accepted: register your phone with the account, then its line is checked by itself",
    CloudState.CHECKING: "正在检测：请接听话机，说几句话 / being checked: answer your phone and speak",
    CloudState.PROVEN: "检测通过，已加入接听 / proven: you are in the line",
    CloudState.REFUSED: "未通过 / refused",
    CloudState.WITHDRAWN: "支援已结束，谢谢 / your help has ended, thank you",
    CloudState.LOCKED: "该坐席已锁定，请联系值班长 / this seat is locked: ask the shift manager",
}


@dataclass(frozen=True)
class CloudLinks:
    """Makes links, and is the door behind them (:class:`callcenter.web.ports.cloud.JoinDoor`)."""

    settings: Settings
    controller: Controller
    roll: CloudRoll
    people: CloudPeople
    writer: StoreWriter
    database: Database
    clock: Clock
    _lasts: timedelta = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lasts", timedelta(seconds=self.settings.cloud.link_s))

    async def make(self, staff_no: str, seat_id: SeatId) -> tuple[str, datetime]:
        """The address of a new link, to be told once, and until when it is good."""
        now, made = self.clock.at(), list[str]()

        async def make(unit: Unit) -> None:
            made[:] = [await store.make_link(unit, staff_no, seat_id, now, self._lasts)]

        await self.writer.do(make, "make link")
        return self._url(made[0]), now + self._lasts

    async def send(self, effect: cloud.InviteByLink) -> None:
        """Write to him, in one commit with his link; who has no mobile number gets none."""
        number = self.people.mobile_of(effect.staff_no)
        if number is None or not self.settings.sms.link_base:
            log.info("no link was sent", seat_id=effect.seat_id)
            return
        now = self.clock.at()
        limits = Limits(GAP, LINKS_A_DAY)

        async def write(unit: Unit) -> None:
            letter = Letter("cloud", effect.seat_id, number, "")
            if not await outbox.is_allowed(unit.connection, letter, now, limits):
                return
            token = await store.make_link(unit, effect.staff_no, effect.seat_id, now, self._lasts)
            minutes = str(self.settings.cloud.link_s // 60)
            text = text_of("cloud", link=self._url(token), minutes=minutes)
            signed = self.settings.sms.sign.replace("{city}", self.settings.city) + text
            await outbox.put(unit, Letter("cloud", effect.seat_id, number, signed), now, limits)

        await self.writer.do(write, "send link")

    async def state(self, token: str) -> JoinView | None:
        """How far he is; a link that is not used yet shows that it can be."""
        found = await self._find(token)
        if found is None:
            return None
        seat = self.roll.get(found.seat_id)
        state = seat.state if found.is_used else CloudState.INVITED
        return JoinView(
            seat_id=seat.seat_id,
            state=state,
            text=_told(seat) if found.is_used else TEXTS[state],
            is_used=found.is_used,
            can_retry=state is CloudState.REFUSED,
        )

    async def join(self, token: str) -> SipAccount | None:
        """Accept; the link is used up only when the seat could be joined."""
        found = await self._find(token)
        if found is None or found.is_used:
            return None
        try:
            await self.controller.ask(cloud.LinkAccepted(found.staff_no, found.seat_id))
        except UsageError:
            return None
        if not await self._use(token):
            return None
        secret = load_secrets(self.settings).seats[found.seat_id]
        address = self.settings.cloud.sip_address or self.settings.sip
        return SipAccount(address=address, account=found.seat_id, secret=secret)

    async def retry(self, token: str) -> None:
        """Have the line checked again."""
        found = await self._find(token)
        if found is not None and found.is_used:
            asked = cloud.CloudSeatAsked(found.seat_id, CloudRequest.CHECK, LINK_USER, "")
            try:
                await self.controller.ask(asked)
            except UsageError:
                log.info("nothing to check again", seat_id=found.seat_id)

    async def _find(self, token: str) -> store.Link | None:
        async with self.database.reading() as connection:
            found = await store.link(connection, token, self.clock.at())
        is_known = found is not None and any(seat.seat_id == found.seat_id for seat in self.roll.all())
        return found if is_known else None

    async def _use(self, token: str) -> bool:
        used: list[bool] = []

        async def use(unit: Unit, now: datetime) -> None:
            used[:] = [await store.use_link(unit, token, now)]

        await self.writer.do(partial(use, now=self.clock.at()), "use link")
        return used[0]

    def _url(self, token: str) -> str:
        base = self.settings.sms.link_base or self.settings.web_url
        return f"{base}{PATH}{token}"


def _told(seat: CloudSeat) -> str:
    return f"{TEXTS[seat.state]}：{seat.reason}" if seat.reason else TEXTS[seat.state]
