"""One frozen settings tree from ``callcenter.toml`` and ``CALLCENTER_*``; an unknown key is an error.

Every option is explained where it is set: here and in ``sections.py``. What a shift manager changes live is not here but in SQL.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from callcenter.beside.section import Beside
from callcenter.cloud.section import Cloud
from callcenter.core.errors import UsageError
from callcenter.departments_section import Directory
from callcenter.drill.section import Drill
from callcenter.outbox.section import Sms
from callcenter.partner.section import Partner
from callcenter.phones_section import Phones
from callcenter.refused_setting import explained
from callcenter.sections import (
    Address,
    AddressText,
    CalendarDays,
    Callback,
    Capacity,
    Captions,
    Day,
    Line,
    Menus,
    RangeText,
    Recordings,
    Rest,
    Seats,
    Section,
    Speech,
    Surge,
    Transcription,
    Trunk,
    parse_address,
    parse_port_range,
)
from callcenter.sign_in_section import SignIn
from callcenter.staff.section import Shifts

CONFIG_NAME = "callcenter.toml"

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "CALLCENTER_HOME": ("home",),
    "CALLCENTER_CACHE": ("cache",),
    "CALLCENTER_DATABASE_URL": ("database_url",),
    "CALLCENTER_REDIS_URL": ("redis_url",),
    "CALLCENTER_HTTP": ("http",),
    "CALLCENTER_SIP": ("sip",),
    "CALLCENTER_RTP": ("rtp",),
    "CALLCENTER_CLUSTER": ("transcription", "cluster"),
    "CALLCENTER_VOSK_MODEL": ("speech", "vosk_model"),
    "CALLCENTER_ASTERISK": ("asterisk",),
}
"""Environment variable -> key; the environment wins over the file."""

CONFIG_VARIABLE = "CALLCENTER_CONFIG"
"""Names the TOML file; without it ``callcenter.toml`` in the working directory, if there is one."""


class Settings(Section):
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
    phones: Phones = Phones()
    line: Line = Line()
    menus: Menus = Menus()
    capacity: Capacity = Capacity()
    trunk: Trunk = Trunk()
    callback: Callback = Callback()
    cloud: Cloud = Cloud()
    surge: Surge = Surge()
    day: Day = Day()
    calendar: CalendarDays = CalendarDays()
    rest: Rest = Rest()
    sign_in: SignIn = SignIn()
    speech: Speech = Speech()
    captions: Captions = Captions()
    transcription: Transcription = Transcription()
    recordings: Recordings = Recordings()
    shifts: Shifts = Shifts()
    sms: Sms = Sms()
    partner: Partner = Partner()
    departments: Directory = Field(default_factory=dict)
    beside: Beside = Beside()
    drill: Drill = Drill()

    @property
    def reachable_departments(self) -> dict[str, str]:
        """The directory, as far as the trunk can dial: without one that dials out nobody outside the house can join."""
        return self.departments if self.trunk.outbound else {}

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
        """Folder of recordings: ``incoming/`` raw from Asterisk, ``sealed/`` encrypted."""
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
    def browser_seats(self) -> tuple[str, ...]:
        """The seats whose phone is a page."""
        return tuple(seat for seat in self.seats.all() if seat in self.phones.browser)

    @property
    def web_url(self) -> str:
        """The web server as a browser on this machine reaches it, without a last slash."""
        return f"{'https' if self.phones.has_tls else 'http'}://{self.http}"

    @model_validator(mode="after")
    def _know_browser_seats(self) -> Self:
        unknown = sorted(set(self.phones.browser) - set(self.seats.all()))
        if (
            unknown and self.phones.browser != Phones().browser
        ):  # the default may name seats that a small house lacks
            raise ValueError(
                f"phones.browser：没有坐席 {unknown[0]} / phones.browser: there is no seat {unknown[0]}"
            )
        return self

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
        for key, value in flatten(loaded.settings.model_dump(mode="json"))
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
        raise UsageError(f"读不了 {path} / cannot read {path}: {error.strerror}", code="bad_config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} 的格式不对 / {path} is not valid TOML: {error}", code="bad_config"
        ) from None


def flatten(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The leaves of a tree of tables, by dotted key."""
    rows: list[tuple[str, Any]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        rows += flatten(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return rows


def _note_origins(tree: Mapping[str, Any], source: str, origins: dict[str, str]) -> None:
    origins.update({key: source for key, _ in flatten(tree)})


def _overlay_environment(tree: dict[str, Any], env: Mapping[str, str], origins: dict[str, str]) -> None:
    known = set(ENVIRONMENT) | {CONFIG_VARIABLE}
    unknown = sorted(name for name in env if name.startswith("CALLCENTER_") and name not in known)
    if unknown:
        raise UsageError(
            f"没有环境变量 {unknown[0]} / unknown environment variable {unknown[0]}; known: "
            f"{', '.join(sorted(known))}",
            code="bad_config",
        )
    for name, keys in ENVIRONMENT.items():
        if not env.get(name):
            continue
        branch = tree
        for key in keys[:-1]:
            branch = branch.setdefault(key, {})
        branch[keys[-1]] = env[name]
        origins[".".join(keys)] = name


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(part for part in first["loc"] if isinstance(part, str))
    of_section = (origin for name, origin in origins.items() if name.startswith(f"{key}."))
    return explained(first, origins.get(key) or next(of_section, ""), Settings)
