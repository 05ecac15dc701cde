"""The command line as a person uses it: one line that says what is wrong and what to do, and the exit code."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forked_commands
import pytest
from loopback import free_port
from recognizer import cache_path
from typer.main import get_command
from typer.testing import CliRunner

from callcenter.cli import app

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The only line of an error.

        Raises:
            AssertionError: there is none, or there are several.
        """
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("callcenter: "), self.err
        return lines[0].removeprefix("callcenter: ")


class Shell:
    """Runs commands in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.variables = {
            "CALLCENTER_HOME": str(self.home),
            "CALLCENTER_CACHE": str(cache_path()),
            "CALLCENTER_HTTP": f"127.0.0.1:{free_port()}",
            "CALLCENTER_SIP": f"127.0.0.1:{free_port()}",
        }

    async def run(self, *arguments: str, **variables: str) -> Said:
        """``callcenter`` with these arguments, and these variables besides its own."""
        return Said(*await forked_commands.run([*arguments], self.folder, self.variables | variables))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in an empty folder."""
    return Shell(tmp_path)


@contextmanager
def taken(kind: socket.SocketKind) -> Iterator[int]:
    """A port of loopback that somebody else uses."""
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen(1)
        yield int(other.getsockname()[1])


def leaves(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """The words of every command that does something."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *path, name)
        elif not command.hidden:
            yield (*path, name)


COMMANDS = list(leaves(get_command(app)))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...]) -> None:
    """``--help`` names what it does and shows how it is called."""
    said = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*command, "--help"])
    assert said.exit_code == 0, said.output
    assert "Example" in said.output


async def test_the_overview_names_every_command(shell: Shell) -> None:
    """The first look shows all there is, and not the inner processes."""
    said = await shell.run("--help")
    assert said.code == 0
    assert all(command[0] in said.out for command in COMMANDS)
    assert "supervisor" not in said.out


async def test_config_check_tells_every_value_and_its_origin(shell: Shell) -> None:
    """As a table and as JSON: default, file or environment."""
    (shell.folder / "callcenter.toml").write_text('city = "榆林"\n', "utf-8")
    rows = {row["key"]: row for row in json.loads((await shell.run("config", "check", "--json")).out)}
    assert (rows["city"]["value"], rows["city"]["origin"]) == ("榆林", "callcenter.toml")
    assert rows["home"] == {"key": "home", "value": str(shell.home), "origin": "CALLCENTER_HOME"}
    assert (rows["seats.count"]["value"], rows["seats.count"]["origin"]) == (17, "default")
    table = await shell.run("config", "check")
    assert table.code == 0
    assert all(key in table.out for key in rows)


BAD_CONFIGS = {
    "unknown key": ("colour = 1\n", "colour"),
    "unknown key in a section": ("[seats]\nchairs = 3\n", "seats.chairs"),
    "value out of range": ("[seats]\ncount = 0\n", "seats.count"),
    "wrong type": ('[line]\nwrap_up_s = "long"\n', "line.wrap_up_s"),
    "bad TOML": ("city = \n", "not valid TOML"),
    "bad range": ('rtp = "20000"\n', "rtp"),
    "bad UTF-8": ("city = '\udcff'\n", "not valid TOML"),
}


@pytest.mark.parametrize("case", BAD_CONFIGS)
async def test_a_bad_configuration_is_one_line_that_names_the_cause(shell: Shell, case: str) -> None:
    """Usage error, key and file in one line."""
    text, cause = BAD_CONFIGS[case]
    (shell.folder / "callcenter.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    said = await shell.run("config", "check", "--json")
    assert (said.code, said.out) == (2, "")
    assert cause in said.complaint
    assert "callcenter.toml" in said.complaint


async def test_a_mistyped_variable_is_refused(shell: Shell) -> None:
    """It would be ignored in silence otherwise."""
    said = await shell.run("config", "check", CALLCENTER_HTPP="127.0.0.1:1")
    assert said.code == 2
    assert "CALLCENTER_HTPP" in said.complaint


@pytest.mark.parametrize(
    "arguments", [[], ["telephone"], ["config", "chekc"], ["up", "--fast"], ["models", "install"]]
)
async def test_a_command_that_does_not_exist_is_a_usage_error(shell: Shell, arguments: list[str]) -> None:
    """Unknown command, option or missing argument: exit 2, one line."""
    said = await shell.run(*arguments)
    assert said.code == 2
    assert said.complaint


@pytest.mark.parametrize(
    "arguments", [["status"], ["seats"], ["seats", "8001", "ready"], ["status", "--json"]]
)
async def test_asking_a_system_that_is_down_says_how_to_start_it(shell: Shell, arguments: list[str]) -> None:
    """One line with the command to type."""
    said = await shell.run(*arguments)
    assert said.code == 1
    assert "callcenter up" in said.complaint


async def test_down_without_up_is_no_error(shell: Shell) -> None:
    """What is wished holds already."""
    said = await shell.run("down")
    assert (said.code, said.err) == (0, "")
    assert "was not running" in said.out


async def test_doctor_answers_in_json(shell: Shell) -> None:
    """A list of checks, each with what was found; 1 only if one failed."""
    said = await shell.run("doctor", "--json")
    checks = json.loads(said.out)
    assert {"python", "disk", "asterisk"} <= {check["name"] for check in checks}
    assert {check["state"] for check in checks} <= {"ok", "warn", "fail"}
    assert said.code == int(any(check["state"] == "fail" for check in checks))
    assert said.err == ""


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://callcenter:s3cret-word@127.0.0.1:1/callcenter",
        "mysql://callcenter:s3cret-word@127.0.0.1/callcenter",
        "s3cret-word",
    ],
)
async def test_a_wrong_database_is_told_without_its_password(shell: Shell, url: str) -> None:
    """Unreachable, unknown kind, no URL at all: one line, nothing started, nothing betrayed."""
    said = await shell.run("up", CALLCENTER_DATABASE_URL=url)
    assert said.code in (1, 2)
    assert "database" in said.complaint
    assert "s3cret-word" not in said.err + said.out
    assert "was not running" in (await shell.run("down")).out


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_a_taken_sip_port_is_named(shell: Shell, kind: socket.SocketKind) -> None:
    """Which port, and which setting changes it."""
    with taken(kind) as port:
        said = await shell.run("up", CALLCENTER_SIP=f"127.0.0.1:{port}")
    assert said.code != 0
    assert f"127.0.0.1:{port}" in said.complaint
    assert "CALLCENTER_SIP" in said.complaint
    assert "was not running" in (await shell.run("down")).out


async def test_a_taken_web_port_is_named(shell: Shell) -> None:
    """Which port, and which setting changes it."""
    with taken(socket.SOCK_STREAM) as port:
        said = await shell.run("up", CALLCENTER_HTTP=f"127.0.0.1:{port}")
    assert said.code == 2
    assert f"127.0.0.1:{port}" in said.complaint
    assert "CALLCENTER_HTTP" in said.complaint


async def test_a_home_that_cannot_be_written_is_named(shell: Shell) -> None:
    """A file stands where the folder should be, which stops root as well."""
    shell.home.write_text("no folder")
    said = await shell.run("up")
    assert said.code == 2
    assert str(shell.home) in said.complaint
    assert "CALLCENTER_HOME" in said.complaint


async def test_a_missing_recording_is_named(shell: Shell) -> None:
    """The other files are still done; the exit code tells."""
    said = await shell.run("transcribe", "nothing.wav")
    assert said.code == 1
    assert "nothing.wav" in said.complaint


async def test_an_empty_ledger_is_clean(shell: Shell) -> None:
    """After the first upgrade there is nothing to differ."""
    assert (await shell.run("db", "upgrade")).code == 0
    said = await shell.run("ledger", "check", "--json")
    assert said.code == 0
    assert json.loads(said.out)["clean"] is True


async def test_a_ledger_without_a_database_says_what_to_do(shell: Shell) -> None:
    """No traceback before the first start."""
    said = await shell.run("ledger", "check")
    assert said.code in (1, 2)
    assert "callcenter.db" in said.complaint
