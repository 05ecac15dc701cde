"""The rendered configuration: complete, private, and nothing in it that could run or break out."""

import csv
import functools
import re
import wave
from pathlib import Path
from typing import Any

import jinja2
import pytest

from callcenter.asterisk import books
from callcenter.asterisk.install import AsteriskProgram
from callcenter.asterisk.modules import MODULES
from callcenter.asterisk.ports import Ports
from callcenter.asterisk.render import TEMPLATES, layout, plain, render
from callcenter.asterisk.secrets import Secrets, load_secrets
from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from queues.core.numbers import domestic_number

pytestmark = pytest.mark.adapters

DANGEROUS = re.compile(
    r"\b(System|TrySystem|Exec|TryExec|ExecIf|Eval|Originate|SHELL|FILE|ENV|STAT)\s*\(", re.IGNORECASE
)

CALLED_BACK = "PJSIP/${CC_CITIZEN}@trunk"
"""Dialed, and not written by us: a number that has passed an anchored check."""
INVITED = "PJSIP/${CC_PERSON}@trunk"
"""The same: somebody of the staff."""
CHECKED_PARTS = (
    CALLED_BACK,
    INVITED,
    "U(callback-joined^${UNIQUEID})",
    "PJSIP/${CC_TARGET}@trunk",
    "b(emergency-announced^s^1(${CITIZEN}))",
    "b(answers-itself^s^1)",
)
"""Of what is dialed: numbers and ids that have passed an anchored check."""


def rendered(home: Path, **more: Any) -> dict[str, str]:
    """All files by name."""
    settings = Settings.model_validate({"home": str(home)} | more)
    program = AsteriskProgram(Path("/x/asterisk"), "22.10.1", None, Path("/x/modules"), Path("/x/data"))
    etc = render(settings, program, Ports(5038, 4573, 8088), load_secrets(settings), "cc01234567")
    return {path.name: path.read_text("utf-8") for path in etc.iterdir()}


ORDINARY = ("13800138000", "19912345678", "01088888888", "09112123456", "02987654321")
OTHERS = (
    "",
    "110",
    "12345",
    "12800138000",
    "138001380001",
    "0911212345",
    "+8613800138000",
    "4008123123",
    "1380013800x",
)


def dialplan_lines(text: str) -> list[str]:
    """``application(arguments)`` of every step."""
    return re.findall(r"^(?:exten => [^,]+,1| same => n(?:\([a-z]+\))?),(.*)$", text, re.MULTILINE)


def test_every_template_is_written_privately(tmp_path: Path) -> None:
    """All files are there, of mode 600 in a folder of mode 700, and none holds a leftover of a template."""
    files = rendered(tmp_path)
    assert {path.name.removesuffix(".j2") for path in TEMPLATES.glob("*.j2")} <= set(files)
    etc = layout(Settings(home=str(tmp_path))).etc
    assert etc.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in etc.iterdir()} == {0o600}
    assert not [name for name, text in files.items() if re.search(r"{%|{#|{{|Undefined|\bNone\b", text)]


def test_the_dialplan_runs_nothing(tmp_path: Path) -> None:
    """No program, no third argument of MixMonitor, no catch-all pattern, no variable where a command stands."""
    text = rendered(tmp_path)["extensions.conf"]
    steps = dialplan_lines(text)
    assert len(steps) > 100
    assert len(steps) == len(re.findall(r"^(exten| same) =>", text, re.MULTILINE))
    for step in steps:
        assert not DANGEROUS.search(step), step
        assert re.match(r"[A-Z][A-Za-z]+\(", step), step
        if step.startswith("MixMonitor("):
            assert step.count(",") == 1, step
        if step.startswith("AGI("):
            assert "$" not in step.split(",")[0], step
        if step.startswith("AGI(/"):
            assert not any("$" in word for word in step.split(",")[:7]), step
        if step.startswith("Dial("):
            checked = functools.reduce(lambda text, part: text.replace(part, ""), CHECKED_PARTS, step)
            assert "$" not in checked, step
    patterns = re.findall(r"^exten => (\S+?),", text, re.MULTILINE)
    assert not [pattern for pattern in patterns if pattern.startswith("_")]


def test_the_trunk_reaches_called_numbers_only(tmp_path: Path) -> None:
    """Context intake has the exact numbers of the settings and includes nothing."""
    text = rendered(tmp_path, line={"called_numbers": ["12345", "10012345"]})["extensions.conf"]
    intake = text.split("\n[intake]\n")[1].split("\n[")[0]
    assert set(re.findall(r"^exten => (\w+),", intake, re.MULTILINE)) == {"12345", "10012345"}
    assert "include" not in text


def test_callers_text_is_only_matched_never_computed(tmp_path: Path) -> None:
    """Expressions see the caller's text only inside REGEX, or after an anchored one has accepted it."""
    text = rendered(tmp_path)["extensions.conf"]
    assert not re.findall(r"\$\[(?![^\]]*REGEX)[^\n]*\$\{FROM\}", text)
    accepted = text.index('REGEX("^[+]?[0-9]{3,20}$" ${CITIZEN})')
    assert text.index('"${CITIZEN}" = ""') > accepted
    assert text.index("CELGenUserEvent(CITIZEN") > accepted


def test_only_ordinary_domestic_numbers_are_called_back(tmp_path: Path) -> None:
    """The dialplan's own check stands before the dialing, and says the same as the engine's."""
    callback = rendered(tmp_path)["extensions.conf"].split("\n[callback]\n")[1].split("\n[")[0]
    first, *steps = dialplan_lines(callback)
    check = re.fullmatch(r'GotoIf\(\$\[\$\{REGEX\("(\^.*\$)" \$\{CC_CITIZEN\}\)\}\]\?:refused\)', first)
    assert check
    assert [CALLED_BACK in step for step in steps].count(True) == 1
    for number in (*ORDINARY, *OTHERS):
        assert bool(re.search(check[1], number)) == (domestic_number(number) == number), number


def test_only_ordinary_domestic_numbers_are_invited(tmp_path: Path) -> None:
    """Who is invited to a cloud seat is dialed by the very check of a call-back."""
    text = rendered(tmp_path)["extensions.conf"]
    first, *steps = dialplan_lines(text.split("\n[cloud-ring]\n")[1].split("\n[")[0])
    called_back, *_ = dialplan_lines(text.split("\n[callback]\n")[1].split("\n[")[0])
    assert first == called_back.replace("CC_CITIZEN", "CC_PERSON")
    assert [step for step in steps if step.startswith("Dial(")] == [f"Dial({INVITED},30)"]


def test_emergency_services_are_named_one_by_one(tmp_path: Path) -> None:
    """Whom a session names is dialed only if it is one of them, whole."""
    text = rendered(tmp_path)["extensions.conf"]
    first, *steps = dialplan_lines(text.split("\n[emergency]\n")[1].split("\n[")[0])
    assert first == 'GotoIf($[${REGEX("^(110|119|120|122)$" ${CC_TARGET})}]?:back)'
    assert ["${CC_TARGET}@trunk" in step for step in steps].count(True) == 1


def test_there_is_a_way_out_only_with_a_carrier(tmp_path: Path) -> None:
    """Without one the trunk has no address; with one it alone may answer, besides the test trunk."""
    assert "aors = trunk" not in rendered(tmp_path)["pjsip.conf"]
    text = rendered(tmp_path, trunk={"outbound": "192.0.2.7:5070"})["pjsip.conf"]
    assert re.findall(r"^contact = (.*)$", text, re.MULTILINE) == ["sip:192.0.2.7:5070"]
    assert re.findall(r"^permit = (.*)/255.255.255.255$", text, re.MULTILINE) == ["127.0.0.1", "192.0.2.7"]
    assert re.findall(r"^(?:from|contact)_user = (.*)$", text, re.MULTILINE) == ["12345", "12345"]


@pytest.mark.parametrize(
    ("wrap_up_s", "cap_s", "guard_s"), [(120, 60, 2), (1, 60, 1), (0, 60, 0), (120, 1, 1)]
)
def test_no_guard_outlasts_the_after_call_work(
    tmp_path: Path, wrap_up_s: int, cap_s: int, guard_s: int
) -> None:
    """Asterisk holds a seat back until the controller pauses it, but never one that is free; no level makes it so."""
    surge = {"overload": {"enter": 3.0, "leave": 2.0, "wrap_up_cap_s": cap_s}}
    text = rendered(tmp_path, line={"wrap_up_s": wrap_up_s}, surge=surge)["queues.conf"]
    assert re.findall(r"^wrapuptime = (.*)$", text, re.MULTILINE) == [str(guard_s)]


def test_manager_users_have_no_dangerous_class(tmp_path: Path) -> None:
    """Neither user may write class system, command or config; both are held to loopback."""
    text = rendered(tmp_path)["manager.conf"]
    for line in re.findall(r"^write = (.*)$", text, re.MULTILINE):
        assert not {"system", "command", "config", "all", "agi"} & set(line.split(","))
    assert "bindaddr = 127.0.0.1" in text
    assert "deny = 0.0.0.0/0.0.0.0" in text


def test_modules_are_listed_one_by_one(tmp_path: Path) -> None:
    """Nothing loads by itself, nothing that runs programs is in the list."""
    text = rendered(tmp_path)["modules.conf"]
    assert "autoload = no" in text
    assert not {"app_system", "app_exec", "func_shell", "func_env", "app_originate"} & set(MODULES)


def test_secrets_stand_in_pjsip_and_manager_only(tmp_path: Path) -> None:
    """No other file carries one."""
    files = rendered(tmp_path)
    secrets = load_secrets(Settings(home=str(tmp_path)))
    values = [*secrets.seats.values(), *secrets.ami.values()]
    holders = {name for name, text in files.items() if any(value in text for value in values)}
    assert holders == {"pjsip.conf", "manager.conf"}


def account(text: str, seat: str) -> str:
    """The template of a seat's endpoint."""
    found = re.search(rf"^\[{seat}\]\((\S+)\)\nauth", text, re.MULTILINE)
    return found[1] if found else ""


def test_each_seat_has_the_phone_that_was_chosen(tmp_path: Path) -> None:
    """A page or a SIP phone, seat by seat; by default the last seat on site and the last cloud seat are pages."""
    text = rendered(tmp_path)["pjsip.conf"]
    seats = Settings().seats
    pages = [seat for seat in seats.all() if account(text, seat) == "browser-seat"]
    assert pages == [seats.on_site()[-1], seats.cloud()[-1]]
    assert account(text, "8001") == "sip-seat"
    chosen = rendered(tmp_path / "b", phones={"browser": ["8001", "8002"]})["pjsip.conf"]
    assert [account(chosen, seat) for seat in ("8001", "8002", "8003")] == [
        "browser-seat",
        "browser-seat",
        "sip-seat",
    ]
    none = rendered(tmp_path / "c", phones={"browser": []})
    assert "](browser-seat)" not in none["pjsip.conf"]
    assert "[back]" not in none["extensions.conf"]


def test_a_page_speaks_as_the_trunk_does_and_has_its_own_address(tmp_path: Path) -> None:
    """DTLS-SRTP by ``webrtc``, the codecs of the trunk; ICE finds the way, so that loopback is not forced upon it."""
    text = rendered(tmp_path)["pjsip.conf"]
    page = text[text.index("[browser-seat](!,seat)") : text.index("[seat-auth]")]
    assert "webrtc = yes" in page
    assert "opus" not in text
    assert "media_address" not in page
    public = rendered(tmp_path / "b", sip="192.0.2.5:5060")["pjsip.conf"]
    assert public.count("media_address = 192.0.2.5") == 3  # trunk, SIP seats, pages


def test_browser_phones_connect_in_plain_to_localhost_or_by_tls(tmp_path: Path) -> None:
    """The same address; a certificate makes it wss."""
    plain_text = rendered(tmp_path)["http.conf"]
    assert "bindaddr = 127.0.0.1\nbindport = 8088" in plain_text
    assert "tls" not in plain_text
    tls = rendered(
        tmp_path / "b",
        phones={"listen": "0.0.0.0:8089", "tls_cert": "/x/cert.pem", "tls_key": "/x/key.pem"},
    )["http.conf"]
    assert "tlsbindaddr = 0.0.0.0:8089" in tls
    assert "tlsprivatekey = /x/key.pem" in tls
    assert "enabled = no" in tls


@pytest.mark.parametrize(
    "value", ["a\nb", "a;b", "[a]", "a\x00", "a\x7f", "${SHELL(x)}", 'a"b', "a\\b", "$(x)", "{x}"]
)
def test_values_that_could_break_out_are_refused(value: str) -> None:
    """No value starts a new line, a comment, a section or an expression."""
    with pytest.raises(UsageError):
        plain(value)


def test_an_undefined_name_is_an_error() -> None:
    """A template never swallows a misspelled name."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, finalize=plain, autoescape=False)  # noqa: S701
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ nothing }}").render()


@pytest.mark.parametrize(
    "line",
    [
        {"queues": ["general"]},
        {"queues": ["a"]},
        {"queues": ["main", "main"]},
        {"queues": []},
        {"queues": ["main)"]},
        {"queues": ["主线"]},
        {"called_numbers": ["_X."]},
        {"called_numbers": ["s"]},
        {"called_numbers": ["\uff11\uff12\uff13\uff14\uff15"]},
        {"called_numbers": []},
    ],
)
def test_names_that_asterisk_would_misread_are_refused(tmp_path: Path, line: dict[str, list[str]]) -> None:
    """Queues and numbers stand in expressions: only plain ones, each once, none reserved."""
    with pytest.raises(UsageError, match="line"):
        rendered(tmp_path, line=line)


@pytest.mark.parametrize("name", ["a;b", "a,b", "a(b)", "a'b", "a$b", "a[b]", "a&b"])
def test_a_home_that_asterisk_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError, match="misreads"):
        rendered(tmp_path / name)
    assert not (tmp_path / name).exists() or not list((tmp_path / name).rglob("*.conf"))


def test_a_home_with_spaces_and_chinese_letters_works(tmp_path: Path) -> None:
    """Folders may be named like people name folders."""
    files = rendered(tmp_path / "市民 热线")
    assert "市民 热线" in files["asterisk.conf"]


def test_no_secret_of_ours_is_too_strange_for_the_files(tmp_path: Path) -> None:
    """A secret that could break out is refused although the file was edited by hand."""
    settings = Settings(home=str(tmp_path))
    program = AsteriskProgram(Path("/x/asterisk"), "22.10.1", None, Path("/x/modules"), Path("/x/data"))
    secrets = Secrets(seats={"8001": "x\npassword=y"}, ami={"observer": "a", "actor": "b"})
    with pytest.raises(UsageError):
        render(settings, program, Ports(5038, 4573, 8088), secrets, "cc01234567")


def test_the_hold_tone_is_quiet_and_ours(tmp_path: Path) -> None:
    """8 kHz, one channel, ten seconds, far from full scale."""
    rendered(tmp_path)
    with wave.open(str(layout(Settings(home=str(tmp_path))).moh / "hold.wav"), "rb") as tone:
        assert (tone.getframerate(), tone.getnchannels(), tone.getsampwidth()) == (8000, 1, 2)
        assert tone.getnframes() == 80_000
        frames = tone.readframes(80_000)
    peak = max(
        abs(int.from_bytes(frames[at : at + 2], "little", signed=True)) for at in range(0, len(frames), 2)
    )
    assert 400 < peak < 3000


def test_who_waits_or_is_held_is_comforted(tmp_path: Path) -> None:
    """Every 40 s unless set otherwise: in the line two messages in turn, on hold after so many rounds of the tone.

    Who is first in the line because his agent's phone died is told so before the tone.
    """
    for every_s, files in (
        (40, rendered(tmp_path / "a")),
        (60, rendered(tmp_path / "b", line={"comfort_every_s": 60})),
    ):
        assert re.search(
            r"^periodic-announce = \S+/waiting,\S+/waiting_comfort$", files["queues.conf"], re.MULTILINE
        )
        assert f"periodic-announce-frequency = {every_s}\n" in files["queues.conf"]
        held, rest = files["musiconhold.conf"].split("[waiting]")
        waiting, rescued = rest.split("[rescued]")
        assert held.count("/moh/hold\n") == every_s / 10
        assert re.search(r"entry = \S+/sounds/zh/hold\n", held)
        assert "entry" not in waiting
        assert re.match(
            r"\nmode = playlist\nentry = \S+/sounds/zh/talk_broken\nentry = \S+/moh/hold\n", rescued
        )


def test_books_are_rendered_in_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    """One column list writes and reads both books."""
    files = rendered(tmp_path)
    assert files["cel_custom.conf"].count("CSV_QUOTE") == len(books.CEL_COLUMNS)
    assert files["cdr_custom.conf"].count("CSV_QUOTE") == len(books.CDR_COLUMNS)


def write_rows(path: Path, rows: list[list[str]], tail: str = "") -> None:
    """A CSV file as Asterisk writes it, with an unfinished end."""
    with path.open("w", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        stream.write(tail)


def test_cel_is_read_without_its_torn_end(tmp_path: Path) -> None:
    """Whole lines only; the dialplan's own marks carry plain text; quotes and commas survive."""
    mark = [
        "1795319564.454323",
        "CITIZEN",
        "CITIZEN",
        "u1",
        "l1",
        "PJSIP/trunk-1",
        "",
        "12345",
        "intake",
        "C",
        "a,b",
    ]
    rows = [[*mark, '{"extra":"13800138000"}'], [*mark, '{"extra":"say ""no"""}'], ["too", "short"]]
    write_rows(tmp_path / "cel.csv", rows, '"1795319565.1","HANG')
    events = list(books.read_cel(tmp_path / "cel.csv"))
    assert [event.extra for event in events] == ["13800138000", '{"extra":"say ""no"""}']
    assert (events[0].at_s, events[0].linkedid, events[0].arguments) == (1795319564.454323, "l1", "a,b")
    assert list(books.read_cel(tmp_path / "missing.csv")) == []


def test_cdr_is_read_with_its_times(tmp_path: Path) -> None:
    """A call that was never answered has no time of answer."""
    row = [
        "u1",
        "l1",
        "3",
        "1795319564.5",
        "",
        "1795319566.75",
        "2.25",
        "0",
        "NO ANSWER",
        "PJSIP/trunk-1",
        "",
        "line",
    ]
    write_rows(tmp_path / "cdr.csv", [[*row, "main", "Queue", "main,c", "13800138000", "12345"], ["x"] * 17])
    (detail,) = books.read_cdr(tmp_path / "cdr.csv")
    assert (detail.sequence, detail.answered_at_s, detail.duration_s) == (3, None, 2.25)
    assert (detail.citizen, detail.called) == ("13800138000", "12345")
