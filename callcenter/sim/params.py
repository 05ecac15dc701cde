"""The parameter file of a simulated world, read strictly.

Invariant: a ``Params`` that exists is complete, of the right types and within its ranges; every mistake in the file is one
``UsageError`` that names file, line and key. Durations are whole milliseconds from here on.
"""

import re
import tomllib
import types
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from callcenter.core.errors import UsageError

FORMAT = "surge-benchmark/1"


def ms(seconds: float) -> int:
    """Seconds as whole milliseconds, rounded half up (SCENARIOS.md 1.1)."""
    return int(seconds * 1000 + 0.5)


def scaled(duration: int, factor: float) -> int:
    """A duration in ms times a factor (or a product of factors), rounded once, half up."""
    return int(duration * factor + 0.500001)  # a half that floating point put just below counts as a half


def threshold(probability: float) -> int:
    """The ``u_`` value below which an answer is yes (SCENARIOS.md 1.2)."""
    return int(10_000 * probability + 0.5)


@dataclass(frozen=True, slots=True)
class Resources:
    """What the engine may ask for beyond its own seats."""

    cloud_seats: int
    partner: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The simulated span and the hours in which dials are allowed."""

    length_s: float
    callback_from_s: float
    callback_to_s: float


@dataclass(frozen=True, slots=True)
class Seats:
    """Home seats rostered per hour of the day."""

    by_hour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Channels of the trunk."""

    inbound_channels: int
    outbound_channels: int


@dataclass(frozen=True, slots=True)
class Prompts:
    """How long each prompt lasts."""

    greeting_s: float
    announcement_s: float
    selfservice_s: float
    callback_confirm_s: float
    message_s: float


@dataclass(frozen=True, slots=True)
class CitizenTraits:
    """How citizens answer offers and when they call again."""

    p_announcement: float
    p_selfservice_try: float
    p_selfservice_ok: float
    p_callback: float
    p_message: float
    p_callback_waiting: float
    reoffer_after_s: float
    p_status: float
    p_chase: float
    p_redial: float
    p_redial_busy: float
    sms_factor: float
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Callback:
    """What a dial to a citizen takes and when he answers it."""

    reach_accepted: float
    reach_missed: float
    reach_message: float
    ring_s: float
    noanswer_s: float
    talk_factor: float
    max_tries: int
    retry_gap_s: float
    min_talk_s: float


@dataclass(frozen=True, slots=True)
class MessageTraits:
    """What a reviewed message leaves to do."""

    p_contact: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """Cloud seats: who comes when invited, when, for how long."""

    p_response: float
    stay_s: float
    time_factor: float
    u_response: tuple[int, ...]
    login_delay_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PartnerCity:
    """The partner city's seats and the file with its own calls."""

    seats: int
    reserve: int
    time_factor: float
    traffic: str


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Limits that every policy keeps (SCENARIOS.md 7.2, 9.4)."""

    menu_min_ewt_s: float
    ewt_range_slack_s: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a system may know before the day begins."""

    citizens: int
    profile: tuple[float, ...]
    talk_s: float
    acw_s: float
    review_s: float
    patience_mean_s: float


@dataclass(frozen=True, slots=True)
class Params:
    """A whole parameter file. ``source`` is where it was read, for paths relative to it."""

    source: Path
    format: str
    id: str
    title: str
    seed: int
    trace: str
    resources: Resources
    day: Day
    seats: Seats
    lines: Lines
    prompts: Prompts
    citizen: CitizenTraits
    callback: Callback
    message: MessageTraits
    cloud: Cloud
    partner: PartnerCity
    rules: HouseRules
    forecast: Forecast
    generator: dict[str, float] = field(default_factory=dict)

    @property
    def trace_path(self) -> Path:
        """The citizens' file named by the parameters."""
        return self.source.parent / self.trace

    @property
    def partner_path(self) -> Path:
        """The file with the partner city's own calls."""
        return self.source.parent / self.partner.traffic


def load_params(path: Path) -> Params:
    """Read and check a parameter file.

    Raises:
        UsageError: unreadable, not TOML, a key unknown, missing, of the wrong type or out of its range.
    """
    text = _text(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    return _Reader(path, text).params(raw)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({type(error).__name__})") from None


class _Reader:
    """Turns tables into dataclasses and knows in which line a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def params(self, raw: dict[str, Any]) -> Params:
        generator = raw.pop("generator", {})
        self._check_generator(generator)
        values = self._values(Params, raw, "", given={"source", "generator"})
        params = Params(source=self._path, generator=generator, **values)
        self._check_whole(params)
        return params

    def _values(
        self, kind: type, raw: dict[str, Any], section: str, given: frozenset[str] | set[str] = frozenset()
    ) -> dict[str, Any]:
        hints = get_type_hints(kind)
        wanted = [f.name for f in fields(kind) if f.name not in given]
        for key in raw:
            if key not in wanted:
                self._refuse(section, key, "is unknown")
        for key in wanted:
            if key not in raw:
                self._refuse(section, key, "is missing")
        return {key: self._value(hints[key], raw[key], section, key) for key in wanted}

    def _value(self, kind: Any, value: Any, section: str, key: str) -> Any:  # the wire: any TOML value
        if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
            if not isinstance(value, dict):
                self._refuse(section, key, "must be a table")
            return kind(**self._values(kind, value, key))
        if isinstance(kind, types.GenericAlias):
            if not isinstance(value, list):
                self._refuse(section, key, "must be a list")
            return tuple(self._value(kind.__args__[0], item, section, key) for item in value)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            self._refuse(section, key, f"must be {_NAMES[kind]}")
        if kind in (int, float):
            self._check_range(section, key, value)
        return value

    def _check_range(self, section: str, key: str, value: float) -> None:
        if not 0 <= value < 1e9:  # refuses nan and inf as well
            self._refuse(section, key, f"must not be negative or endless: {value}")
        if key.startswith(("p_", "reach_")) and value > 1:
            self._refuse(section, key, f"must be a probability: {value}")

    def _check_generator(self, generator: Any) -> None:
        if not isinstance(generator, dict):
            self._refuse("", "generator", "must be a table")
        for key, value in generator.items():
            if type(value) not in (int, float):
                self._refuse("generator", key, "must be a number")
            self._check_range("generator", key, value)

    def _check_whole(self, params: Params) -> None:
        hours = -(-int(params.day.length_s) // 3600)
        if params.format != FORMAT:
            self._refuse("", "format", f"must be {FORMAT!r}")
        if len(params.seats.by_hour) < hours:
            self._refuse("seats", "by_hour", f"must have {hours} hours")
        if not any(params.seats.by_hour[:hours]):
            self._refuse("seats", "by_hour", "has no seat in any hour")
        if len(params.forecast.profile) < hours:
            self._refuse("forecast", "profile", f"must have {hours} hours")
        if len(params.cloud.u_response) != len(params.cloud.login_delay_s):
            self._refuse("cloud", "login_delay_s", "must be as long as u_response")
        if params.resources.cloud_seats > len(params.cloud.u_response):
            self._refuse("resources", "cloud_seats", "is more than the seats in [cloud]")
        for section, key, value in (
            ("forecast", "talk_s", params.forecast.talk_s),
            ("forecast", "patience_mean_s", params.forecast.patience_mean_s),
            ("citizen", "max_attempts", params.citizen.max_attempts),
            ("cloud", "time_factor", params.cloud.time_factor),
        ):
            if value <= 0:
                self._refuse(section, key, "must be positive")

    def _refuse(self, section: str, key: str, why: str) -> None:
        name = f"[{section}] {key}" if section else key
        raise UsageError(f"{self._path}:{self._line(section, key)}: {name} {why}")

    def _line(self, section: str, key: str) -> int:
        """The line of a key; of its table, or of the file's end, where it is missing."""
        here, last = "", 0
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[([^\]]+)\]", line):
                here = header[1].strip()
                if here == key and not section:
                    return number
            if here == section:
                last = number if header or not last else last
                if re.match(rf"\s*{re.escape(key)}\s*=", line):
                    return number
        return last or len(self._lines)


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
