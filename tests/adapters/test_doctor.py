"""The doctor looks at everything, changes nothing, and says what to do."""

import shutil
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter import doctor
from callcenter.asterisk.probe import probe_ami
from callcenter.clocks import SystemClock
from callcenter.doctor import Check, State, run_checks
from callcenter.settings import Settings
from callcenter.tls import make_pair

pytestmark = pytest.mark.adapters


def check(name: str, home: Path, **more: Any) -> Check:
    """One check under the given settings."""
    settings = Settings.model_validate({"home": str(home / "home")} | more)
    return {found.name: found for found in run_checks(settings)}[name]


def test_names_everything_and_changes_nothing(tmp_path: Path) -> None:
    """Every prerequisite has one line; a home that does not exist yet stays away."""
    checks = run_checks(Settings(home=str(tmp_path / "home"), cache=str(tmp_path / "cache")))
    assert [found.name for found in checks] == [name for name, _ in doctor.CHECKS]
    assert all(found.found for found in checks)
    assert all(found.advice for found in checks if found.state is not State.OK)
    assert not (tmp_path / "cache").exists()


def test_a_taken_sip_port_is_a_failure_with_advice(tmp_path: Path) -> None:
    """The setting to change is named."""
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        found = check("SIP port", tmp_path, sip=f"127.0.0.1:{other.getsockname()[1]}")
    assert found.state is State.FAIL
    assert "CALLCENTER_SIP" in found.advice


def test_a_wrong_asterisk_does_not_hide_the_other_checks(tmp_path: Path) -> None:
    """One failing check is one line."""
    found = check("asterisk", tmp_path, asterisk="/nowhere/asterisk")
    assert found.state is State.FAIL
    assert check("python", tmp_path, asterisk="/nowhere/asterisk").state is State.OK


def test_database_addresses_are_judged_without_their_password(tmp_path: Path) -> None:
    """An unreachable or unreadable URL fails; no password is shown."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgresql+asyncpg://me:topsecret@127.0.0.1:{unused.getsockname()[1]}/db"
        found = check("database", tmp_path, database_url=url)
    assert found.state is State.FAIL
    assert "topsecret" not in found.found + found.advice
    assert check("database", tmp_path, database_url="nonsense").state is State.FAIL
    assert check("database", tmp_path).state is State.OK


def test_little_disk_space_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below half a gigabyte nothing should start."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1))
    assert check("disk", tmp_path).state is State.FAIL


def test_missing_prompts_are_named(tmp_path: Path) -> None:
    """Before anything was made the advice is to start; afterwards each prompt that is gone is told."""
    assert "no prompts yet" in check("voice", tmp_path).found
    (tmp_path / "home" / "sounds" / "zh").mkdir(parents=True)
    found = check("voice", tmp_path)
    assert found.state is State.WARN
    assert "beep, greeting" in found.found
    assert "setup" in found.advice


def test_a_manager_that_says_nothing_is_given_up() -> None:
    """pyst2 waits for ever; the probe does not. Nobody at the port is another word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        assert probe_ami(silent.getsockname()[1], "actor", "secret", limit_s=1) == "no answer"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert probe_ami(unused.getsockname()[1], "actor", "secret") == "ManagerSocketException"


def test_browser_phones_need_a_certificate_from_elsewhere(tmp_path: Path) -> None:
    """Plain is enough for this machine's browsers; a certificate that ends soon, or is none, is told."""
    look = dict(doctor.CHECKS)["browser phones"]
    everywhere = {"http": "0.0.0.0:8080"}
    assert look(Settings()).state is State.OK
    far = look(Settings.model_validate(everywhere))
    assert (far.state, "tls make" in far.advice) == (State.WARN, True)
    assert look(Settings.model_validate(everywhere | {"phones": {"browser": []}})).state is State.OK
    now = SystemClock().at()
    for made, state in ((now, State.OK), (now - timedelta(days=380), State.WARN)):
        pair = make_pair(tmp_path / state.value, ["a.local"], made)
        phones = {"tls_cert": str(pair.cert), "tls_key": str(pair.key)}
        assert look(Settings.model_validate({"phones": phones})).state is state
    broken = check("browser phones", tmp_path, phones={"tls_cert": "/none", "tls_key": "/none"})
    assert broken.state is State.FAIL
