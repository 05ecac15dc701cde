"""The sections of the settings tree: every option, its bounds, its default, and what it is for.

Invariant: a value that passes is usable as it is; whoever reads it need not check again.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from callcenter.core.messages.offers import STATEMENT_LIMIT_S


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """``HOST:PORT`` -> :class:`Address`.

    Raises:
        ValueError: not an IP address and a port 1..65535.
    """
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(
            f"“{text}”须写成 IP:端口，例如 127.0.0.1:8080 / '{text}' is not IP:PORT, for example 127.0.0.1:8080"
        ) from None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"“{text}”的端口须是 1 至 65535 / '{text}' needs a port from 1 to 65535")
    return Address(host, int(port))


def parse_port_range(text: str) -> tuple[int, int]:
    """``FROM-TO`` -> both ends, inclusive.

    Raises:
        ValueError: not two ports in order, or fewer than 8 ports (two calls).
    """
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise ValueError(
            f"“{text}”须写成 起-止，例如 20000-24999 / '{text}' is not FROM-TO, for example 20000-24999"
        )
    low, high = int(first), int(last)
    if not 1024 <= low < high <= 65535 or high - low < 7:
        raise ValueError(
            f"“{text}”须在 1024 至 65535 之间，至少 8 个端口 / '{text}' needs at least 8 ports between 1024 and 65535"
        )
    return low, high


def _checked_address(text: str) -> str:
    return str(parse_address(text))


def _checked_range(text: str) -> str:
    low, high = parse_port_range(text)
    return f"{low}-{high}"


AddressText = Annotated[str, AfterValidator(_checked_address)]
RangeText = Annotated[str, AfterValidator(_checked_range)]


class Section(BaseModel):
    """A table of the configuration file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Seats(Section):
    """The seats of the house (坐席)."""

    count: int = Field(17, ge=1, le=99, description="on-site seats: SIP accounts 8001, 8002, ...")
    cloud_count: int = Field(36, ge=0, le=99, description="cloud seats: SIP accounts 8101, 8102, ...")
    echo_s: int = Field(6, ge=3, le=20, description="how long a line check lets a seat's phone hear itself")

    def on_site(self) -> list[str]:
        """The account names of the on-site seats."""
        return [str(8001 + n) for n in range(self.count)]

    def cloud(self) -> list[str]:
        """The account names of the cloud seats."""
        return [str(8101 + n) for n in range(self.cloud_count)]

    def all(self) -> list[str]:
        """All account names."""
        return self.on_site() + self.cloud()


class Line(Section):
    """The line: queues, waiting, after-call work."""

    called_numbers: tuple[str, ...] = Field(("12345",), description="exact numbers that the trunk may dial")
    queues: tuple[str, ...] = Field(
        ("main", "enterprise"),
        description="queues; the first takes everybody; not 'general', which Asterisk reserves",
    )
    max_waiting: int = Field(
        200, ge=1, description="callers that may wait in one queue; beyond: voice message"
    )
    ring_timeout_s: int = Field(20, ge=5, le=60, description="how long a seat may ring")
    wrap_up_s: int = Field(120, ge=0, description="after-call work before the seat is ready again by itself")
    session_limit_s: int = Field(120, ge=5, description="longest IVR session before the dialplan takes over")
    statement_from_s: int = Field(
        180,
        ge=0,
        description="announced wait from which a caller may state his matter in line (先行陈述); 0: never",
    )
    comfort_every_s: int = Field(
        40,
        ge=30,
        le=60,
        multiple_of=10,
        description="comfort message to who waits or is on hold, every so often",
    )

    @property
    def longest_session_s(self) -> float:
        """With the time in which a matter may be stated."""
        return self.session_limit_s + (STATEMENT_LIMIT_S if self.statement_from_s else 0.0)


def parse_night(text: str) -> tuple[time, time]:
    """``HH:MM-HH:MM`` -> both ends; ``""``: no night.

    Raises:
        ValueError: not two times of day.
    """
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if not found:
        if text:
            raise ValueError(
                f"“{text}”须写成 时:分-时:分，例如 22:00-07:00，空为无 / '{text}' is not HH:MM-HH:MM, for example "
                "22:00-07:00"
            )
        return time(0), time(0)
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in found.groups())
    return time(from_hour, from_minute), time(to_hour, to_minute)


class Menus(Section):
    """Which flow (流程) callers are led through, and when; the flows themselves: ``callcenter ivr list``."""

    origins: dict[str, str] = Field(
        {}, description="called number -> its arrival flow, where numbers were folded into one hotline"
    )
    night: str = Field("", description="hours of the flow 'night', for example 22:00-07:00; empty: never")
    holidays: tuple[date, ...] = Field((), description="days of the flow 'holiday', YYYY-MM-DD")

    @field_validator("night")
    @classmethod
    def _check(cls, text: str) -> str:
        parse_night(text)
        return text


class Capacity(Section):
    """Bounds that keep one Asterisk below saturation."""

    max_calls: int = Field(
        400, ge=4, description="calls at once before new ones get 503; RTP ports / 4 bound it too"
    )
    max_calls_per_caller: int = Field(3, ge=1, description="calls at once from one caller number")
    intake_limit: int = Field(500, ge=1, description="FastAGI sessions at once")


class Trunk(Section):
    """The carrier's line out."""

    outbound: str = Field(
        "", description="IP:PORT of the carrier for call-backs; empty: nobody can be called back"
    )

    @field_validator("outbound")
    @classmethod
    def _check(cls, text: str) -> str:
        return _checked_address(text) if text else ""


class Callback(Section):
    """Calling citizens back (漏话回拨, 预约回呼)."""

    from_hour: int = Field(8, ge=0, le=23, description="first hour of the day in which citizens are dialed")
    to_hour: int = Field(21, ge=1, le=24, description="hour from which no dial begins")
    max_tries: int = Field(3, ge=1, le=10, description="dials until a citizen counts as unreached")
    retry_gap_s: int = Field(1800, ge=1, description="shortest pause between two tries")
    ring_s: int = Field(30, ge=5, le=90, description="how long a citizen's phone rings")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.from_hour >= self.to_hour:
            raise ValueError(
                f"开始钟点 {self.from_hour} 须早于结束钟点 {self.to_hour} / from_hour {self.from_hour} must be before "
                f"to_hour {self.to_hour}"
            )
        return self


class Profile(Section):
    """What one surge level allows (预案), and at which load it begins and ends."""

    enter: float = Field(
        0.0, ge=0, description="load at which the level begins (1.0: the seats are just full)"
    )
    leave: float = Field(0.0, ge=0, description="load below which it may end")
    greeting: str = Field("greeting", description="prompt heard on arrival")
    notice: bool = Field(False, description="the notice of the hour is played where the wait is long")
    surveys: bool = Field(True, description="satisfaction is asked after the talk")
    callback: bool = Field(True, description="call-backs are offered where the wait is long")
    message: bool = Field(True, description="voice messages are offered where the wait is long")
    cloud: bool = Field(False, description="cloud seats are invited")
    partner: bool = Field(True, description="the partner city is asked, if there is one")
    wrap_up_cap_s: int = Field(0, ge=0, description="longest after-call work; 0: as usual")


class Surge(Section):
    """When offers appear and levels switch; the four levels as the city has reviewed them."""

    automatic: bool = Field(True, description="levels follow the figures; false: they are only proposed")
    offer_ewt_s: int = Field(30, ge=30, description="plain wait estimate above which offers are made")
    reoffer_after_s: int = Field(90, ge=5, description="wait after which a call-back is offered again")
    kept_place_s: int = Field(900, ge=0, description="how long the place of one who hung up is kept")
    normal: Profile = Profile()
    watch: Profile = Profile(enter=0.9, leave=0.7, notice=True)
    high: Profile = Profile(
        enter=1.3, leave=1.0, notice=True, cloud=True, surveys=False,
        greeting="greeting_surge", wrap_up_cap_s=120,
    )  # fmt: skip
    overload: Profile = Profile(
        enter=3.0, leave=2.0, notice=True, cloud=True, surveys=False,
        greeting="greeting_surge", wrap_up_cap_s=60,
    )  # fmt: skip

    def levels(self) -> tuple[Profile, ...]:
        """The profiles, by level."""
        return (self.normal, self.watch, self.high, self.overload)

    @model_validator(mode="after")
    def _check(self) -> Self:
        raised = self.levels()[1:]
        enters = [profile.enter for profile in raised]
        if enters != sorted(set(enters)) or any(profile.leave > profile.enter for profile in raised):
            raise ValueError(
                "各级的进入负荷须依次升高，退出负荷须低于进入负荷 / each level must be entered at a higher load than the "
                "one before, and left below it"
            )
        return self


# fmt: off
USUAL_PROFILE = (
    .010, .007, .005, .004, .004, .006, .012, .028, .078, .100, .098, .078,
    .048, .052, .080, .086, .080, .062, .042, .036, .032, .026, .016, .010,
)
USUAL_ROSTER = (4, 4, 4, 4, 4, 4, 4, 4, 17, 17, 17, 17, 12, 12, 17, 17, 17, 17, 9, 9, 9, 9, 4, 4)
# fmt: on


class Day(Section):
    """A usual day, as long as the house has no weeks of its own to learn from. Tuples: one value an hour."""

    citizens: float = Field(1000.0, gt=0, description="citizens a day")
    profile: tuple[float, ...] = Field(
        USUAL_PROFILE,
        min_length=24,
        max_length=24,
        description="share of the day's citizens in each hour",
    )
    roster: tuple[int, ...] = Field(
        USUAL_ROSTER,
        min_length=24,
        max_length=24,
        description="seats on the roster in each hour (排班)",
    )
    talk_s: float = Field(200.0, gt=0, description="mean talk")
    wrap_up_s: float = Field(120.0, gt=0, description="mean after-call work")
    ring_s: float = Field(12.0, gt=0, description="mean ringing until a citizen picks up a call-back")
    review_s: float = Field(75.0, gt=0, description="mean review of a voice message")
    patience_s: float = Field(197.8, gt=0, description="mean patience of callers in line")

    @field_validator("profile", "roster")
    @classmethod
    def _check(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if min(hours) < 0 or not any(hours):
            raise ValueError("须是 24 个数，不为负，不全为零 / needs 24 numbers, none negative, not all zero")
        return hours


LONGEST_HOLIDAY = 60
"""Days that one line of the calendar may name."""


def parse_days(line: str) -> dict[date, str]:
    """``2027-02-05``, or ``2027-02-05..2027-02-12``, with a name behind it or none -> name by day.

    Raises:
        ValueError: something else.
    """
    span, _, name = line.strip().partition(" ")
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?", span, re.ASCII)
    try:
        ends = [date.fromisoformat(end) for end in (found[1], found[2] or found[1])] if found else []
    except ValueError:
        ends = []
    if not ends or not 0 <= (ends[1] - ends[0]).days < LONGEST_HOLIDAY:
        raise ValueError(
            f"“{line}”不是日期：写成 2027-02-05 或 2027-02-05..2027-02-12，后面可写名称 / '{line}' is no day: write "
            "2027-02-05, or 2027-02-05..2027-02-12, and a name behind it"
        )
    first, last = ends
    return {first + timedelta(days=n): name.strip() for n in range((last - first).days + 1)}


class CalendarDays(Section):
    """Kinds of day for forecast and staffing. Lines: ``2027-02-05``, ``2027-02-05..2027-02-12 春节``."""

    china: bool = Field(
        True, description="China's public holidays and shifted workdays (调休) are known by themselves"
    )
    holidays: tuple[str, ...] = Field(
        (),
        description="further holidays, or of a year whose notice is not known yet; wins over what is known",
    )
    workdays: tuple[str, ...] = Field(
        (), description="further weekend days that are worked (调休上班); wins over what is known"
    )

    @field_validator("holidays", "workdays")
    @classmethod
    def _check(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for line in lines:
            parse_days(line)
        return lines


class Rest(Section):
    """People are not machines: when a seat gets a forced rest."""

    window_s: int = Field(3600, ge=60, description="the time over which a seat's load is measured")
    occupancy_limit: float = Field(0.9, gt=0, le=1, description="load above which a rest follows the call")
    rest_s: int = Field(300, ge=1, description="rest after long load")
    abuse_rest_s: int = Field(600, ge=1, description="rest after an abusive call")


class Speech(Section):
    """Recognition and synthesis."""

    vosk_model: str = Field(
        "",
        description="folder of a model, Vosk or (with the extra whisper) Whisper; empty: the installed model, else the demo model",
    )
    workers: int = Field(1, ge=0, le=16, description="transcription processes; 0: none on this machine")
    jobs_per_worker: int = Field(50, ge=1, description="jobs after which a worker process is replaced")
    worker_memory_mb: int = Field(
        4096, ge=64, description="memory after which a worker process is replaced, when its job is done"
    )
    callers: Literal["auto", "on", "off"] = Field(
        "auto",
        description="callers may say what they want to know, and confirm by key; auto: unless there is only the demo model",
    )


def checked_cluster(text: str) -> str:
    """``tls://HOST:PORT``, or nothing.

    Raises:
        ValueError: it is something else.
    """
    found = re.fullmatch(r"tls://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})", text)
    if text and not (found and 1 <= int(found[2]) <= 65535):
        raise ValueError(
            f"“{text}”须写成 tls://主机:端口，例如 tls://192.0.2.10:8786 / '{text}' is not tls://HOST:PORT, for example "
            "tls://192.0.2.10:8786"
        )
    return text


class Transcription(Section):
    """Where recordings are transcribed, beside this machine."""

    cluster: Annotated[str, AfterValidator(checked_cluster)] = Field(
        "", description="tls://HOST:PORT of a cluster's scheduler; empty: this machine only"
    )
    at_once: int = Field(64, ge=1, le=1024, description="recordings that are on the cluster at the same time")


class Captions(Section):
    """Live captions of running talks (实时字幕). Calls come first: busy cores end them whatever is set here."""

    enabled: Literal["auto", "on", "off"] = Field(
        "auto",
        description="auto: on where keep_free_cores are left beside the recognizer's one; on: even on fewer; off",
    )
    keep_free_cores: float = Field(2.0, ge=0, description="cores that auto keeps for everything else")
    off_above_ratio: float = Field(
        0.75,
        ge=0,
        le=1,
        description="share of all cores, busy with what is not niced, above which captions end",
    )
    on_below_ratio: float = Field(0.5, ge=0, le=1, description="share below which they may come back")
    behind_s: float = Field(0.5, gt=0, description="recognizer's delay above which it captions one call less")
    hold_s: float = Field(60.0, ge=1, description="quiet time before captions come back, or one more call")
    calls_max: int = Field(8, ge=1, le=32, description="calls that are captioned at once")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.on_below_ratio > self.off_above_ratio:
            raise ValueError(
                "恢复字幕的负荷不能高于停字幕的负荷 / on_below_ratio must not be above off_above_ratio"
            )
        return self


class Recordings(Section):
    """What was said: where it is kept, under whose key, how long (保存期限)."""

    master_key: str = Field(
        "",
        description="master key of encryption: a file, or an https URL of a secrets server; empty: HOME/secrets/vault.key",
    )
    storage: str = Field("", description="s3://BUCKET/PREFIX for encrypted recordings; empty: this disk")
    s3_endpoint: str = Field("", description="URL of an S3-compatible server; empty: the bucket's own cloud")
    calls_days: int = Field(180, ge=1, description="calls: half a year of reviews and repeated complaints")
    callbacks_days: int = Field(180, ge=1, description="call-backs: as long as the calls that they answer")
    messages_days: int = Field(365, ge=1, description="voice messages: a citizen's only words on his matter")
    complaints_days: int = Field(
        1095,
        ge=1,
        description="complaints: three years, the general limitation of claims (Civil Code, art. 188)",
    )
