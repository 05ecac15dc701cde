"""One frozen settings tree from ``callcenter.toml`` and ``CALLCENTER_*``; an unknown key is an error.

Every option is explained here, where it is set. What a shift manager changes live is not here but in SQL.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from callcenter.core.errors import UsageError

CONFIG_NAME = "callcenter.toml"

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "CALLCENTER_HOME": ("home",),
    "CALLCENTER_CACHE": ("cache",),
    "CALLCENTER_DATABASE_URL": ("database_url",),
    "CALLCENTER_REDIS_URL": ("redis_url",),
    "CALLCENTER_HTTP": ("http",),
    "CALLCENTER_SIP": ("sip",),
    "CALLCENTER_RTP": ("rtp",),
    "CALLCENTER_VOSK_MODEL": ("speech", "vosk_model"),
    "CALLCENTER_ASTERISK": ("asterisk",),
}
"""Environment variable -> key; the environment wins over the file."""

CONFIG_VARIABLE = "CALLCENTER_CONFIG"
"""Names the TOML file; without it ``callcenter.toml`` in the working directory, if there is one."""


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
        raise ValueError(f"'{text}' is not IP:PORT, for example 127.0.0.1:8080") from None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"'{text}' needs a port from 1 to 65535")
    return Address(host, int(port))


def parse_port_range(text: str) -> tuple[int, int]:
    """``FROM-TO`` -> both ends, inclusive.

    Raises:
        ValueError: not two ports in order, or fewer than 8 ports (two calls).
    """
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise ValueError(f"'{text}' is not FROM-TO, for example 20000-24999")
    low, high = int(first), int(last)
    if not 1024 <= low < high <= 65535 or high - low < 7:
        raise ValueError(f"'{text}' needs at least 8 ports between 1024 and 65535")
    return low, high


def _checked_address(text: str) -> str:
    return str(parse_address(text))


def _checked_range(text: str) -> str:
    low, high = parse_port_range(text)
    return f"{low}-{high}"


AddressText = Annotated[str, AfterValidator(_checked_address)]
RangeText = Annotated[str, AfterValidator(_checked_range)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seats(_Section):
    """The seats of the house (坐席)."""

    count: int = Field(17, ge=1, le=99, description="on-site seats: SIP accounts 8001, 8002, ...")
    cloud_count: int = Field(36, ge=0, le=99, description="cloud seats: SIP accounts 8101, 8102, ...")

    def on_site(self) -> list[str]:
        """The account names of the on-site seats."""
        return [str(8001 + n) for n in range(self.count)]

    def cloud(self) -> list[str]:
        """The account names of the cloud seats."""
        return [str(8101 + n) for n in range(self.cloud_count)]

    def all(self) -> list[str]:
        """All account names."""
        return self.on_site() + self.cloud()


class Line(_Section):
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
    ring_outs_before_break: int = Field(
        3, ge=1, description="ring time-outs in a row that send a seat on break"
    )
    session_limit_s: int = Field(120, ge=5, description="longest IVR session before the dialplan takes over")


class Capacity(_Section):
    """Bounds that keep one Asterisk below saturation."""

    max_calls: int = Field(
        400, ge=4, description="calls at once before new ones get 503; RTP ports / 4 bound it too"
    )
    max_calls_per_caller: int = Field(3, ge=1, description="calls at once from one caller number")
    intake_limit: int = Field(500, ge=1, description="FastAGI sessions at once")


class Trunk(_Section):
    """The carrier's line out."""

    outbound: str = Field(
        "", description="IP:PORT of the carrier for call-backs; empty: nobody can be called back"
    )

    @field_validator("outbound")
    @classmethod
    def _check(cls, text: str) -> str:
        return _checked_address(text) if text else ""


class Callback(_Section):
    """Calling citizens back (漏话回拨, 预约回呼)."""

    from_hour: int = Field(8, ge=0, le=23, description="first hour of the day in which citizens are dialed")
    to_hour: int = Field(21, ge=1, le=24, description="hour from which no dial begins")
    max_tries: int = Field(3, ge=1, le=10, description="dials until a citizen counts as unreached")
    retry_gap_s: int = Field(1800, ge=1, description="shortest pause between two tries")
    ring_s: int = Field(30, ge=5, le=90, description="how long a citizen's phone rings")


class Profile(_Section):
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


class Surge(_Section):
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
                "each level must be entered at a higher load than the one before, and left below it"
            )
        return self


# fmt: off
USUAL_PROFILE = (
    .010, .007, .005, .004, .004, .006, .012, .028, .078, .100, .098, .078,
    .048, .052, .080, .086, .080, .062, .042, .036, .032, .026, .016, .010,
)
USUAL_ROSTER = (4, 4, 4, 4, 4, 4, 4, 4, 17, 17, 17, 17, 12, 12, 17, 17, 17, 17, 9, 9, 9, 9, 4, 4)
# fmt: on


class Day(_Section):
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
            raise ValueError("needs 24 numbers, none negative, not all zero")
        return hours


class Rest(_Section):
    """People are not machines: when a seat gets a forced rest."""

    window_s: int = Field(3600, ge=60, description="the time over which a seat's load is measured")
    occupancy_limit: float = Field(0.9, gt=0, le=1, description="load above which a rest follows the call")
    rest_s: int = Field(300, ge=1, description="rest after long load")
    abuse_rest_s: int = Field(600, ge=1, description="rest after an abusive call")


class Speech(_Section):
    """Recognition and synthesis."""

    vosk_model: str = Field(
        "", description="folder of a Vosk model; empty: the installed model, else the demo model"
    )
    workers: int = Field(1, ge=0, le=16, description="transcription processes; 0: none on this machine")
    jobs_per_worker: int = Field(50, ge=1, description="jobs after which a worker process is replaced")


class Settings(_Section):
    """Everything the operator decides at start."""

    home: str = Field("./var", description="data, sockets, logs, secrets")
    cache: str = Field("", description="what set-up downloads and builds; empty: HOME/cache")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the home folder")
    redis_url: str = Field("", description="Redis-protocol URL; empty: a private server in the home")
    http: AddressText = Field("127.0.0.1:8080", description="web and API")
    sip: AddressText = Field("127.0.0.1:5060", description="SIP over UDP and TCP")
    rtp: RangeText = Field("20000-24999", description="RTP ports: two a leg, a hard limit on calls")
    asterisk: str = Field("", description="the asterisk program to use; empty: PATH, else a private copy")
    city: str = Field("延安", description="the city's name in the greeting")
    time_zone: str = Field("Asia/Shanghai", description="IANA zone of reports and tickets")
    min_free_mb: int = Field(500, ge=1, description="free disk below which an alarm is raised")
    seats: Seats = Seats()
    line: Line = Line()
    capacity: Capacity = Capacity()
    trunk: Trunk = Trunk()
    callback: Callback = Callback()
    surge: Surge = Surge()
    day: Day = Day()
    rest: Rest = Rest()
    speech: Speech = Speech()

    @property
    def home_path(self) -> Path:
        """The home folder, absolute."""
        return Path(self.home).absolute()

    @property
    def cache_path(self) -> Path:
        """What set-up made; may be shared by several homes."""
        return Path(self.cache).absolute() if self.cache else self.home_path / "cache"

    @property
    def secrets_path(self) -> Path:
        """Folder of generated secrets (mode 700, files 600)."""
        return self.home_path / "secrets"

    @property
    def log_path(self) -> Path:
        """Folder of all logs."""
        return self.home_path / "log"

    @property
    def recordings_path(self) -> Path:
        """Folder of recordings: ``incoming/`` raw from Asterisk, ``sealed/`` two-channel WAV."""
        return self.home_path / "recordings"

    @property
    def effective_database_url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home_path / 'data' / 'callcenter.db'}"

    @property
    def http_address(self) -> Address:
        """Where the web server listens."""
        return parse_address(self.http)

    @property
    def sip_address(self) -> Address:
        """Where Asterisk listens for SIP."""
        return parse_address(self.sip)

    @property
    def rtp_range(self) -> tuple[int, int]:
        """First and last RTP port."""
        return parse_port_range(self.rtp)

    @property
    def max_calls(self) -> int:
        """Calls that Asterisk admits: never more than the RTP ports carry (two legs, two ports each)."""
        low, high = self.rtp_range
        return min(self.capacity.max_calls, (high - low + 1) // 4)


@dataclass(frozen=True)
class Loaded:
    """Settings and, for each dotted key, where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load(environ: Mapping[str, str] | None = None, config: Path | None = None) -> Loaded:
    """Read the file and the environment.

    Raises:
        UsageError: unreadable file, unknown key, bad value; the message names key and cause.
    """
    env = os.environ if environ is None else environ
    path = config or _config_path(env)
    origins: dict[str, str] = {}
    tree = _read_toml(path) if path else {}
    _note_origins(tree, str(path), origins)
    _overlay_environment(tree, env, origins)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise UsageError(_explain(error, origins), code="bad_config") from None
    return Loaded(settings, origins)


def effective(loaded: Loaded) -> list[tuple[str, Any, str]]:
    """Rows (dotted key, value, origin) of everything in force."""
    return [
        (key, value, loaded.origins.get(key, "default"))
        for key, value in _flatten(loaded.settings.model_dump(mode="json"))
    ]


def _config_path(env: Mapping[str, str]) -> Path | None:
    named = env.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    here = Path(CONFIG_NAME)
    return here if here.is_file() else None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", code="bad_config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", code="bad_config") from None


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        rows += _flatten(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return rows


def _note_origins(tree: Mapping[str, Any], source: str, origins: dict[str, str]) -> None:
    origins.update({key: source for key, _ in _flatten(tree)})


def _overlay_environment(tree: dict[str, Any], env: Mapping[str, str], origins: dict[str, str]) -> None:
    known = set(ENVIRONMENT) | {CONFIG_VARIABLE}
    unknown = sorted(name for name in env if name.startswith("CALLCENTER_") and name not in known)
    if unknown:
        raise UsageError(
            f"unknown environment variable {unknown[0]}; known: {', '.join(sorted(known))}", code="bad_config"
        )
    for name, keys in ENVIRONMENT.items():
        if not env.get(name):
            continue
        branch = tree
        for key in keys[:-1]:
            branch = branch.setdefault(key, {})
        branch[keys[-1]] = env[name]
        origins[".".join(keys)] = name


def _known_beside(location: tuple[int | str, ...]) -> list[str]:
    """The keys of the section in which ``location`` stands."""
    section: type[BaseModel] = Settings
    for part in location[:-1]:
        section = type(section.model_fields[str(part)].default)
    return sorted(section.model_fields)


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    origin = origins.get(key, "configuration")
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}' in {origin}; known here: {', '.join(_known_beside(first['loc']))}"
    return f"'{key}' in {origin}: {first['msg'].removeprefix('Value error, ')}"
