"""Finding an Asterisk, and building a private one: refusals, sources, packages, interrupted builds."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from callcenter.asterisk import install, packages
from callcenter.asterisk.closure import needed_sonames, resolve
from callcenter.asterisk.install import ensure_asterisk, find_asterisk, parse_version
from callcenter.asterisk.packages import Source, debian_source, require_tools, run_tool
from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings

pytestmark = pytest.mark.adapters

DEB822 = """\
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security

# the archive
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Signed-By: /usr/share/keyrings/some.gpg
"""


def program(path: Path, text: str) -> Path:
    """A small executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def installed(root: Path, version: str) -> Path:
    """A tree that looks like an installed Asterisk."""
    for file in (
        "lib/x86_64-linux-gnu/asterisk/modules/app_queue.so",
        "share/asterisk/documentation/core-en_US.xml",
    ):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return program(root / "sbin" / "asterisk", f"echo 'Asterisk {version}'")


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6", (22, 10)),
        ("Asterisk 20.20.0", (20, 20)),
        ("Asterisk certified/20.7-cert3", (20, 7)),
        ("Asterisk GIT-master-abc", None),
        ("", None),
    ],
)
def test_reads_the_version(printed: str, version: tuple[int, int] | None) -> None:
    """What ``asterisk -V`` prints, certified releases included."""
    assert parse_version(printed) == version


@pytest.mark.parametrize("version", ["20.5.1", "22.1.0"])
def test_takes_the_asterisk_that_is_named(tmp_path: Path, version: str) -> None:
    """A named 20 or 22 is taken with its own modules and data."""
    path = installed(tmp_path / "usr", version)
    found = ensure_asterisk(Settings(home=str(tmp_path), asterisk=str(path)), print)
    assert (found.program, found.version, found.prefix) == (path, version, None)
    assert found.modules_path == tmp_path / "usr/lib/x86_64-linux-gnu/asterisk/modules"
    assert found.data_path == tmp_path / "usr/share/asterisk"


def test_takes_the_asterisk_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An acceptable Asterisk on PATH wins over a private copy."""
    path = installed(tmp_path / "usr", "22.9.0")
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    found = find_asterisk(Settings(home=str(tmp_path)))
    assert found is not None
    assert found.program == path


@pytest.mark.parametrize("version", ["16.28.0", "18.10.0", "21.0.0", "23.1.0", "GIT-x"])
def test_refuses_other_versions_in_one_line(tmp_path: Path, version: str) -> None:
    """An Asterisk of another version is named with its path, and what is needed instead."""
    path = installed(tmp_path / "usr", version)
    with pytest.raises(UsageError, match=rf"{path}.*20 or 22") as error:
        find_asterisk(Settings(home=str(tmp_path), asterisk=str(path)))
    assert "\n" not in str(error.value)


def test_refuses_a_program_that_does_not_run(tmp_path: Path) -> None:
    """A wrong path is the operator's mistake."""
    with pytest.raises(UsageError, match="CALLCENTER_ASTERISK"):
        find_asterisk(Settings(home=str(tmp_path), asterisk=str(tmp_path / "nothing")))


def test_refuses_a_tree_without_modules(tmp_path: Path) -> None:
    """A program alone is not an Asterisk."""
    path = program(tmp_path / "usr/sbin/asterisk", "echo Asterisk 22.1.0")
    with pytest.raises(UsageError, match=r"app_queue\.so"):
        find_asterisk(Settings(home=str(tmp_path), asterisk=str(path)))


def test_reads_debian_sources_of_both_formats(tmp_path: Path) -> None:
    """The archive is found behind the security archive, in deb822 and in one-line form, with its keyring."""
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(DEB822)
    found = Source("http://mirror.example/debian", "/usr/share/keyrings/some.gpg")
    assert debian_source(tmp_path) == found
    (folder / "debian.sources").unlink()
    (tmp_path / "sources.list").write_text(
        "# deb http://no/debian x main\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian/ bookworm main\n"
    )
    assert debian_source(tmp_path) == Source("http://mirror.example/debian/", "/k.gpg")


def test_says_when_there_is_no_debian_source(tmp_path: Path) -> None:
    """A system with other package sources gets advice, not a stack trace."""
    with pytest.raises(UsageError, match="CALLCENTER_ASTERISK"):
        debian_source(tmp_path)


def test_says_when_there_is_no_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without apt and without Asterisk is told both ways out."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get"):
        require_tools()


def test_says_when_there_is_no_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is noticed before the first download."""
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    monkeypatch.setattr(packages, "require_tools", lambda: None)
    with pytest.raises(UsageError, match="CALLCENTER_CACHE"):
        install._build_locked(tmp_path / "asterisk", print)


def test_an_unreachable_archive_is_a_peers_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apt's own first error line is passed on; nothing that was built counts."""
    script = 'case "$1 $3" in *update*) echo "E: Failed to fetch http://mirror.example" >&2; exit 100;; esac'
    for tool in packages.TOOLS:
        program(tmp_path / "bin" / tool, script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(packages, "debian_source", lambda: Source("http://mirror.example/debian", "/k.gpg"))
    with pytest.raises(PeerError, match="Failed to fetch"):
        install._build_locked(tmp_path / "asterisk", print)
    assert install._stamped(tmp_path / "asterisk") is None


def test_a_tool_that_fails_silently_is_named(tmp_path: Path) -> None:
    """Without an error text the exit code is told."""
    with pytest.raises(PeerError, match="exit code 3"):
        run_tool("sh", "-c", "exit 3", folder=tmp_path)


def test_an_interrupted_build_is_not_taken_for_complete(tmp_path: Path) -> None:
    """Without its stamp, or with the stamp of another place, a prefix does not count."""
    prefix = tmp_path / "asterisk" / "prefix"
    installed(prefix / "usr", "22.10.1")
    assert install._stamped(tmp_path / "asterisk") is None
    stamp = {"prefix": "/elsewhere", "version": "Asterisk 22.10.1"}
    (prefix / "complete.json").write_text(json.dumps(stamp))
    assert install._stamped(tmp_path / "asterisk") is None
    (prefix / "complete.json").write_text(json.dumps(stamp | {"prefix": str(prefix)}))
    found = install._stamped(tmp_path / "asterisk")
    assert found is not None
    assert (found.version, found.prefix) == ("22.10.1", prefix)


def test_libraries_are_followed_inside_the_tree_only() -> None:
    """What the tree does not offer is reported missing with who needs it, and never taken from the host."""
    shell = Path("/bin/sh").resolve()
    needed = needed_sonames(shell)
    assert "libc.so.6" in needed
    alone = resolve([shell], {})
    assert set(alone.missing) == set(needed)
    assert alone.missing["libc.so.6"] == [shell]
    assert needed_sonames(Path(__file__)) == ()


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libssl.so.3", "libssl3t64"),
        ("libxml2.so.16", "libxml2-16"),
        ("libsqlite3.so.0", "libsqlite3-0"),
        ("libgcc_s.so.1", "libgcc-s1"),
        ("libstdc++.so.6", "libstdc++6"),
    ],
)
def test_a_package_is_guessed_from_a_soname(soname: str, package: str) -> None:
    """Names differ in hyphens, dots and a suffix only."""
    assert install._squeezed(soname) == install._squeezed(package)
