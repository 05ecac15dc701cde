"""Takes a voice message when the line cannot take the citizen. Run by Asterisk, alone, under any Python 3.8+.

Invariant: needs nothing of the product at run time (pyst2 and six come from the folder named in the arguments),
runs nothing, and leaves ``ID.wav`` first and ``ID.json`` last and in one step: a note always has its recording.
He may hear his message and say it again; a new one takes the old one's place only when something was said.
A citizen who hangs up in the middle keeps what was recorded; one who says nothing leaves the number.

Arguments: folder of pyst2, spool folder, invitation prompt (without extension), citizen's number, called number.
Note: ``uniqueid``, ``number`` ("" if withheld), ``called``, ``at`` (ISO 8601, UTC), ``seconds`` recorded.
"""

import contextlib
import datetime
import json
import os
import re
import sys
import wave
from pathlib import Path

MESSAGE_MS_MAX = 120_000
SILENCE_S_MAX = 8
WORD_S = 1.0
"""Less than this is no message."""
CHOICE_MS = 5000
"""How long he may think after the last word."""
ROUNDS_MAX = 4
"""Times that he may hear his message or say it again."""
HEAR, AGAIN = "1", "2"
ANY_KEY = "0123456789*#"
NUMBER = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
PATH = re.compile(r"/[^\x00-\x1f\x7f\"\\]{1,1000}")


def main(arguments):
    """Answer, invite, record, correct, note. Asterisk ignores the exit code; it is for who tries the script by hand."""
    if len(arguments) != 5 or not all(PATH.fullmatch(path) for path in arguments[:3]):
        return 2
    libraries, spool, prompt, number, called = arguments
    sys.path.insert(0, libraries)
    from asterisk.agi import AGI, AGIException

    # Asterisk ends a script at a hang-up before buffered output is flushed, hence the line buffering;
    # pyst2 reports each line to stderr, hence the null stream.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    started = datetime.datetime.now(datetime.timezone.utc)  # noqa: TID251, UP017  alone under Python 3.8: no clock of ours
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        link = AGI(stdin=sys.stdin, stdout=sys.stdout, stderr=nowhere)
        uniqueid = link.env.get("agi_uniqueid", "")
        if not IDENTIFIER.fullmatch(uniqueid):
            return 2
        recording = Path(spool, uniqueid + ".wav")
        prompts = Path(prompt).parent
        # No prompt file, the citizen hung up, or the link broke (ValueError): the next step still follows.
        for step, argument in ((invite, prompt), (record, recording), (correct, recording)):
            with contextlib.suppress(AGIException, ValueError, OSError):
                step(link, argument, prompts)
        write_note(recording, number, called, started)
    return 0


def invite(link, prompt, prompts):
    """Play the invitation; any key skips it."""
    link.execute("ANSWER")
    say(link, prompt)


def record(link, recording, prompts):
    """Record after a tone until silence, ``#`` or the limit."""
    limits = (str(MESSAGE_MS_MAX), "0", "BEEP", f"s={SILENCE_S_MAX}")
    link.execute("RECORD FILE", quoted(recording.with_suffix("")), "wav", quoted("#"), *limits)


def correct(link, recording, prompts):
    """Let him hear his message or say it again until he is content; then thank him."""
    key = ""
    for _ in range(ROUNDS_MAX):
        is_there = recorded_s(recording) >= WORD_S
        key = key or choice(link, prompts / ("message_review" if is_there else "message_silent"))
        if is_there and key == HEAR:
            key = say(link, recording.with_suffix(""))  # a key cuts it short, and means the same as after it
        elif key == AGAIN or not is_there:
            key = say_again(link, recording, prompts)
        else:
            break
    say(link, prompts / "message_thanks")


def say_again(link, recording, prompts):
    """Record anew; the old message stays until there is a new one. No key is left to be obeyed."""
    draft = recording.with_name(recording.stem + ".again.wav")
    try:
        record(link, draft, prompts)
    finally:
        if recorded_s(draft) >= WORD_S:
            draft.replace(recording)
        elif draft.exists():
            draft.unlink()
    return ""


def choice(link, prompt):
    """The key pressed during the prompt or soon after it, or ""."""
    key = say(link, prompt)
    return key or pressed(link.execute("WAIT FOR DIGIT", str(CHOICE_MS)))


def say(link, path):
    """Play a sound file; the key that cut it short, or ""."""
    return pressed(link.execute("STREAM FILE", quoted(path), quoted(ANY_KEY)))


def pressed(reply):
    """The key in an answer of Asterisk, which is its ASCII code, or ""."""
    code = reply["result"][0]
    return chr(int(code)) if code.isdigit() and int(code) else ""


def quoted(text):
    """One AGI argument; pyst2 escapes nothing, but PATH and IDENTIFIER have refused what would end it."""
    return f'"{text}"'


def write_note(recording, number, called, started):
    """Write the note beside the recording, in one step."""
    content = {
        "uniqueid": recording.with_suffix("").name,
        "number": number if NUMBER.fullmatch(number) else "",
        "called": called if NUMBER.fullmatch(called) else "",
        "at": started.isoformat(timespec="milliseconds"),
        "seconds": recorded_s(recording),
    }
    draft = recording.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(recording.with_suffix(".json"))


def recorded_s(path):
    """Seconds in the recording; 0 if there is none."""
    try:
        with wave.open(str(path), "rb") as recording:
            return round(recording.getnframes() / recording.getframerate(), 2)
    except (OSError, EOFError, wave.Error):
        return 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
