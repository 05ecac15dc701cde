"""Writes the whole configuration of one Asterisk from the settings and the templates of ``asterisk_conf``.

Invariant: every value passes :func:`plain`, which refuses what could end a line or start a comment, a section or an
expression; an undefined name is an error; what holds secrets is readable by this user alone.
"""

import ipaddress
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import jinja2

import asterisk_conf
from callcenter.asterisk.books import CDR_SOURCE, CEL_SOURCE, Column, asterisk_log_path, cdr_path, cel_path
from callcenter.asterisk.hold_tone import ROUND_S, write_hold_tone
from callcenter.asterisk.install import AsteriskProgram
from callcenter.asterisk.modules import MODULES, OPTIONAL_MODULES
from callcenter.asterisk.ports import LOOPBACK, Ports, run_dir, socket_address
from callcenter.asterisk.secrets import Secrets
from callcenter.core.errors import UsageError
from callcenter.core.messages.flows import SERVICES
from callcenter.core.messages.partner import GIVEN_BACK
from callcenter.partner.signing import key_path, load_key, tag_of
from callcenter.private_files import write_private
from callcenter.sections import parse_address
from callcenter.settings import Settings

TEMPLATES = Path(asterisk_conf.__file__).parent
ACCOUNTS = "pjsip.conf"
EMPTY_FILES = (
    "acl.conf",
    "ccss.conf",
    "features.conf",
    "pjproject.conf",
    "queuerules.conf",
    "stasis.conf",
    "udptl.conf",
)
"""Asterisk complains of each that is absent; ``acl.conf`` must not even have a section."""

QUEUE_NAME = r"(?!general$)[a-z][a-z0-9_]{1,39}"
"""``[general]`` is the head of every Asterisk file; single letters are special extensions."""
MESSAGE_LIMIT_S = 600
"""Invitation, voice message, hearing and saying it again together: the script's own limit is 120 s of one recording."""
EMERGENCY_RING_S = 30
PROOF_S = 2
"""Within this the controller must have booked the contact and given its first command; else the dialplan goes on."""
KEPT_PLACE_PRIORITY = 90
"""Priority of a caller whom a failed session gives back to the line; below a transfer that nobody answered (100)."""

GUARD_S = 2
"""So long after a talk no seat is rung, if it has after-call work. Asterisk counts whole seconds: 1 may be none."""
CHECK_LIMIT_S = 45
"""Longest line check from its answer on, whatever happens: prompt, voice and echo together."""
CHECK_VOICE_S = 5
"""How long a line check waits for a voice before the echo."""
CHECK_READING_S = 5
"""How long a measured phone is kept, so that the controller can read the figures."""
INVITATION_LIMIT_S = 45
"""Longest question to who is invited to a cloud seat, twice asked and thanked."""
SEAT_RTP_TIMEOUT_S = 120
"""A seat's phone that sends no sound for so long in a talk is dead, whatever else it does; longer than an agent is mute."""
PAGE_BACK_S = 5
"""So long a citizen waits for a page that lost his sound; with the listening before, he is in the line within ten seconds."""
PAGE_RING_S = 4
"""So long that page rings: it answers by itself."""
SYSTEM_PYTHON = Path("/usr/bin/python3")
"""Runs the survival script even where the virtual environment is out of reach of Asterisk's user."""

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f;\[\]{}\"\\]|\$[({]")
_UNFIT_PATH = re.compile(r"[,()&|'$<>]")


class _Expression:
    """Text of ours that is meant to hold expressions; :func:`plain` is not asked."""

    def __init__(self, text: str):
        self._text = text

    def __str__(self) -> str:
        return self._text


def plain(value: object) -> str:
    """A value as it may stand in a configuration file.

    Raises:
        UsageError: it holds a control character, ``;``, brackets, braces, a quote, a backslash or ``${``.
    """
    text = str(value)
    if _FORBIDDEN.search(text) and not isinstance(value, _Expression):
        raise UsageError(f"{text!r} cannot be written into Asterisk's configuration", code="bad_value")
    return text


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one home keeps what Asterisk reads and writes."""

    etc: Path
    state: Path
    run: Path
    log: Path
    moh: Path
    survival: Path
    recordings: Path
    messages: Path
    statements: Path
    prompts: Path


def layout(settings: Settings) -> Layout:
    """The folders of a home.

    Raises:
        UsageError: the home's path holds a character that Asterisk's dialplan would misread.
    """
    home, state = settings.home_path, settings.home_path / "asterisk"
    for path in (home, settings.cache_path):
        if _UNFIT_PATH.search(str(path)) or _FORBIDDEN.search(str(path)):
            raise UsageError(
                f"{path} holds a character that Asterisk misreads: use letters, digits, - _ . only",
                code="bad_home",
            )
    return Layout(
        etc=state / "etc",
        state=state,
        run=run_dir(settings),
        log=asterisk_log_path(settings),
        moh=state / "moh",
        survival=state / "survival",
        recordings=settings.recordings_path / "incoming",
        messages=home / "spool" / "messages",
        statements=home / "spool" / "statements",
        prompts=home / "sounds" / "zh",
    )


def render(
    settings: Settings,
    program: AsteriskProgram,
    ports: Ports,
    secrets: Secrets,
    boot_id: str,
) -> Path:
    """Write all configuration files and what they point at; returns the folder that ``asterisk -C`` needs.

    Raises:
        UsageError: a setting cannot be written safely.
    """
    where = layout(settings)
    _make_folders(settings, where)
    values = _values(settings, program, ports, secrets, where) | {"boot_id": boot_id}
    environment = _environment()
    for name in sorted(environment.list_templates(extensions=["j2"])):
        text = environment.get_template(name).render(values)
        write_private(where.etc / name.removesuffix(".j2"), text)
    for name in EMPTY_FILES:
        write_private(where.etc / name, "")
    write_hold_tone(where.moh / "hold.wav")
    _copy_survival(where.survival)
    return where.etc


def render_accounts(settings: Settings, program: AsteriskProgram, ports: Ports, secrets: Secrets) -> None:
    """Write the SIP accounts anew for an Asterisk that runs; a reload of its SIP module takes them in, calls go on.

    Raises:
        UsageError: a setting cannot be written safely.
    """
    where = layout(settings)
    values = _values(settings, program, ports, secrets, where)
    text = _environment().get_template(ACCOUNTS + ".j2").render(values)
    write_private(where.etc / ACCOUNTS, text)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=plain,
        autoescape=False,  # noqa: S701  no HTML here; `finalize` refuses what would be dangerous
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def loaded_modules(program: AsteriskProgram) -> list[str]:
    """The modules that this Asterisk is told to load: all but the optional ones that it does not have."""
    return [
        name
        for name in MODULES
        if name not in OPTIONAL_MODULES or (program.modules_path / f"{name}.so").exists()
    ]


def _values(
    settings: Settings, program: AsteriskProgram, ports: Ports, secrets: Secrets, where: Layout
) -> dict[str, object]:
    low, high = settings.rtp_range
    host = settings.sip_address.host
    is_everywhere = ipaddress.ip_address(host).is_unspecified
    outbound = parse_address(settings.trunk.outbound) if settings.trunk.outbound else None
    return {
        "etc": where.etc,
        "state": where.state,
        "run": where.run,
        "log": where.log,
        "moh": where.moh,
        "survival": where.survival,
        "recordings": where.recordings,
        "messages": where.messages,
        "prompts": where.prompts,
        "modules_path": program.modules_path,
        "data_path": program.data_path,
        "modules": loaded_modules(program),
        "python": SYSTEM_PYTHON if SYSTEM_PYTHON.exists() else Path(sys.executable).resolve(),
        "sip": settings.sip,
        "media_host": "" if is_everywhere else host,
        "browser_media_host": "" if is_everywhere or ipaddress.ip_address(host).is_loopback else host,
        "trunk_hosts": list(dict.fromkeys([LOOPBACK, *([outbound.host] if outbound else [])])),
        "trunk_outbound": outbound or "",
        "callback_ring_s": settings.callback.ring_s,
        "rtp_low": low,
        "rtp_high": high,
        "max_calls": settings.max_calls,
        "max_calls_per_caller": settings.capacity.max_calls_per_caller,
        "called_numbers": _checked(settings.line.called_numbers, r"[0-9]{3,20}", "line.called_numbers"),
        "queues": _checked(settings.line.queues, QUEUE_NAME, "line.queues"),
        "max_waiting": settings.line.max_waiting,
        "ring_timeout_s": settings.line.ring_timeout_s,
        "comfort_every_s": settings.line.comfort_every_s,
        "tone_rounds": settings.line.comfort_every_s // ROUND_S,
        "guard_s": _guard_s(settings),
        "proof_s": PROOF_S,
        "kept_place_priority": KEPT_PLACE_PRIORITY,
        "message_limit_s": MESSAGE_LIMIT_S,
        "check_limit_s": CHECK_LIMIT_S,
        "check_voice_s": CHECK_VOICE_S,
        "check_reading_s": CHECK_READING_S,
        "echo_s": settings.seats.echo_s,
        "invitation_ring_s": settings.cloud.ring_s,
        "invitation_limit_s": INVITATION_LIMIT_S,
        **_partner_values(settings),
        "services": SERVICES,
        "emergency_ring_s": EMERGENCY_RING_S,
        "seats": secrets.seats,
        "browser_seats": settings.browser_seats,
        "seat_rtp_timeout_s": SEAT_RTP_TIMEOUT_S,
        "page_back_s": PAGE_BACK_S,
        "page_ring_s": PAGE_RING_S,
        "ami_secrets": secrets.ami,
        "ami_port": ports.ami,
        "agi_port": ports.agi,
        "http_host": socket_address(settings, ports).host,
        "http_port": socket_address(settings, ports).port,
        "tls_cert": _absolute(settings.phones.tls_cert),
        "tls_key": _absolute(settings.phones.tls_key),
        "cel_line": _Expression(_csv_line(CEL_SOURCE)),
        "cdr_line": _Expression(_csv_line(CDR_SOURCE)),
    }


def _absolute(path: str) -> Path | str:
    """Asterisk works elsewhere."""
    return Path(path).absolute() if path else ""


def _partner_values(settings: Settings) -> dict[str, object]:
    """What the dialplan and SIP need of the partner city; ``partner_sip`` empty: there is none.

    Raises:
        UsageError: there is one, but no key that both hold.
    """
    agreed = settings.partner
    values: dict[str, object] = {"partner_sip": "", "given_back_cause": GIVEN_BACK}
    if not agreed.name:
        return values
    return values | {
        "partner_sip": agreed.sip,
        "partner_host": parse_address(agreed.sip).host,
        "partner_tag": tag_of(load_key(key_path(settings))),
        "partner_ring_s": agreed.ring_s,
        "partner_silence_s": agreed.silence_s,
    }


def _guard_s(settings: Settings) -> int:
    """At most the shortest after-call work that a surge level leaves."""
    caps = [profile.wrap_up_cap_s for profile in settings.surge.levels() if profile.wrap_up_cap_s]
    return min(GUARD_S, settings.line.wrap_up_s, *caps)


def _csv_line(columns: tuple[Column, ...]) -> str:
    return ",".join(f"${{CSV_QUOTE({column.expression})}}" for column in columns)


def _checked(words: tuple[str, ...], pattern: str, key: str) -> tuple[str, ...]:
    """Words that stand in the dialplan's expressions.

    Raises:
        UsageError: there is none, one twice, or one of another shape.
    """
    bad = [word for word in words if not re.fullmatch(pattern, word, re.ASCII)]
    if bad or not words or len(set(words)) < len(words):
        culprit = f"'{bad[0]}' does not match {pattern}" if bad else "must name at least one, each once"
        raise UsageError(f"'{key}': {culprit}", code="bad_config")
    return words


def _make_folders(settings: Settings, where: Layout) -> None:
    private = (where.state, where.etc, settings.recordings_path, where.recordings, where.messages.parent)
    for folder in (*private, where.messages, where.statements, settings.log_path, where.log):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for name in ("lib/keys", "db", "spool"):
        (where.state / name).mkdir(parents=True, exist_ok=True)
    for book in (cel_path(settings), cdr_path(settings)):
        book.parent.mkdir(parents=True, exist_ok=True)


def _copy_survival(folder: Path) -> None:
    """Put the script and its two libraries where Asterisk's user can read them, whatever becomes of ours."""
    import asterisk.agi
    import six  # type: ignore[import-untyped]

    library = folder / "lib" / "asterisk"
    library.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TEMPLATES / "survival.py", folder / "survival.py")
    shutil.copyfile(six.__file__, folder / "lib" / "six.py")
    for name in ("__init__.py", "agi.py"):
        shutil.copyfile(Path(asterisk.agi.__file__).with_name(name), library / name)
