"""What the handlers share, built once per application. Invariant: nothing here is a global."""

from dataclasses import dataclass

from callcenter.settings import Settings
from callcenter.web.account_desk import AccountDesk
from callcenter.web.alarms import Alarms
from callcenter.web.discretion import Discretion
from callcenter.web.feed import Feed
from callcenter.web.live_board import LiveBoards
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports
from callcenter.web.signin import SignIn
from callcenter.web.stream import Streams


@dataclass(frozen=True)
class Services:
    """The working parts of the web."""

    ports: Ports
    settings: Settings
    feed: Feed
    signin: SignIn
    streams: Streams
    boards: LiveBoards
    alarms: Alarms
    accounts: AccountDesk
    discretion: Discretion


def build_services(ports: Ports, settings: Settings, passwords: Passwords) -> Services:
    """Plug the parts together; nothing runs yet."""
    feed = Feed(ports.events)
    signin = SignIn(ports, passwords, managers_need_code=settings.sign_in.managers_need_code)
    alarms = Alarms(ports)
    boards = LiveBoards(ports.board, ports.surge, alarms, feed)
    discretion = Discretion(settings.beside.agents_are_told)
    streams = Streams(feed, ports.captions, boards, signin, ports.metrics, ports.clock, discretion)
    accounts = AccountDesk(ports, passwords)
    return Services(ports, settings, feed, signin, streams, boards, alarms, accounts, discretion)
