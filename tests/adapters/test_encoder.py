"""No value can become a second header, action, argument or command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.encoder import agi_line, ami_headers, is_plain_text
from callcenter.asterisk.frames import parse
from callcenter.core.errors import UsageError

pytestmark = pytest.mark.adapters

CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))] + ["\u2028", "\u2029", "\ud800"]


def wire_text(action: dict[str, str | list[str]]) -> str:
    """The block as it goes over the wire."""
    lines = []
    for name, value in ami_headers(action).items():
        lines += [f"{name}: {one}" for one in ([value] if isinstance(value, str) else value)]
    return "\r\n".join(lines)


def words(line: bytes) -> list[str]:
    """Split an AGI command as Asterisk does: blanks end a word, quotes protect them, a backslash protects one."""
    found: list[str] = []
    quoted = escaped = False
    word: str | None = None
    for character in line.decode():
        if character == '"' and not escaped:
            quoted = not quoted
            word = word or ""
        elif character == "\\" and not escaped:
            escaped = True
        elif character in " \t" and not quoted and not escaped:
            found += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + character
            escaped = False
    return found + ([word] if word is not None else [])


@given(st.text(max_size=300))
def test_an_ami_value_arrives_as_it_was_or_is_refused(value: str) -> None:
    """decode(encode(x)) = x, with as many headers as were given."""
    try:
        block = wire_text({"Action": "QueuePause", "Reason": value, "ChanVariable": ["A=1", value]})
    except UsageError:
        return
    frame = parse(f"Event: {block}")
    assert [name for name, _ in frame.pairs] == ["Event", "Reason", "ChanVariable", "ChanVariable"]
    assert frame.get("Reason") == value
    assert frame.all("ChanVariable") == ("A=1", value)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_agi_arguments_arrive_as_they_were_or_are_refused(values: list[str]) -> None:
    """One command stays one line, and its words are the arguments."""
    try:
        line = agi_line("SET VARIABLE", *values)
    except UsageError:
        return
    assert line.count(b"\n") == 1
    assert words(line.removesuffix(b"\n")) == ["SET", "VARIABLE", *values]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
def test_control_characters_are_refused_everywhere(control: str) -> None:
    """Refused, never stripped: a stripped value is a different value."""
    assert not is_plain_text(f"a{control}b")
    with pytest.raises(UsageError):
        ami_headers({"Action": "QueuePause", "Reason": f"a{control}b"})
    with pytest.raises(UsageError):
        ami_headers({"Action": "Originate", "Variable": ["A=1", control]})
    with pytest.raises(UsageError):
        agi_line("SET VARIABLE", "X", control)


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"Action": ""},
        {"Queue": "general"},
        {"Action": "Ping", "ActionID": "mine"},
        {"Action": "Ping", "A B": "1"},
        {"Action": "Ping", "A:B": "1"},
        {"Action": "Ping", "A\r\nB": "1"},
        {"Action": "Ping", "": "1"},
        {"Action": "Ping", "action": "Logoff"},
        {"Action": "Ping", "X": " 1"},
        {"Action": "Ping", "X": "1 "},
        {"Action": "Ping", "X": "市" * 400},
        {"Action": "Ping", "Variable": ["A=1"] * 200},
    ],
)
def test_strange_actions_are_refused(action: dict[str, str | list[str]]) -> None:
    """What Asterisk would cut, drop or read differently is not sent."""
    with pytest.raises(UsageError) as caught:
        ami_headers(action)
    assert caught.value.code == "unsafe_value"


@pytest.mark.parametrize(
    ("name", "argument"), [("set variable", "x"), ("NOOP\n", "x"), ("", "x"), ("EXEC", "x" * 2001)]
)
def test_strange_agi_commands_are_refused(name: str, argument: str) -> None:
    """Commands are capital words, and no longer than Asterisk reads."""
    with pytest.raises(UsageError):
        agi_line(name, argument)


def test_the_message_of_a_refusal_does_not_quote_the_value() -> None:
    """What a citizen said must not reach a log by way of an error."""
    with pytest.raises(UsageError) as caught:
        agi_line("SET VARIABLE", "X", "secret\n")
    assert not re.search("secret", str(caught.value))
