"""Takes a voice message when the line cannot take the citizen. Run by Asterisk, alone, under any Python 3.8+.

Invariant: needs nothing of the product at run time (pyst2 and six come from the folder named in the arguments),
runs nothing, and leaves ``ID.wav`` first and ``ID.json`` last and in one step: a note always has its recording.
A citizen who hangs up in the middle keeps what was recorded; one who says nothing leaves the number.

Arguments: folder of pyst2, spool folder, invitation prompt (without extension), citizen's number, called number.
"""

import datetime
import json
import os
import re
import sys
import wave

MESSAGE_MS_MAX = 120_000
SILENCE_S_MAX = 8
NUMBER = re.compile(r"\+?[0-9]{3,20}")
IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]{1,100}")
PATH = re.compile(r"/[^\x00-\x1f\x7f\"\\]{1,1000}")


def main(arguments: "list[str]") -> int:
    """Answer, invite, record, note. The exit code is for the Asterisk log only."""
    if len(arguments) != 5:
        return 2
    libraries, spool, prompt, number, called = arguments
    sys.path.insert(0, libraries)
    from asterisk import agi as pyst2

    # Asterisk ends the script at a hang-up before buffered output is flushed, hence line buffering; pyst2 talks to
    # stderr on every line, hence the null stream.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    with open(os.devnull, "w") as nowhere:
        try:
            link = pyst2.AGI(stdin=sys.stdin, stdout=sys.stdout, stderr=nowhere)
        except (ValueError, OSError):
            return 1
        uniqueid = link.env.get("agi_uniqueid", "")
        if not IDENTIFIER.fullmatch(uniqueid) or not PATH.fullmatch(spool) or not PATH.fullmatch(prompt):
            return 2
        started = datetime.datetime.now(datetime.timezone.utc)
        base = os.path.join(spool, uniqueid)
        for step in (lambda: invite(link, prompt), lambda: record(link, base)):
            try:
                step()
            except (pyst2.AGIException, ValueError, OSError):
                pass  # no prompt file, the citizen hung up, or the link broke: what was recorded counts
        note(base, number, called, started)
    return 0


def invite(link: "object", prompt: str) -> None:
    """Play the invitation; any key skips it."""
    link.execute("ANSWER")
    link.execute("STREAM FILE", quoted(prompt), '"0123456789*#"')


def record(link: "object", base: str) -> None:
    """Record after a tone until silence, ``#`` or the limit."""
    link.execute(
        "RECORD FILE", quoted(base), "wav", '"#"', str(MESSAGE_MS_MAX), "0", "BEEP", "s=%d" % SILENCE_S_MAX
    )


def quoted(text: str) -> str:
    """One AGI argument; PATH has refused what would end it."""
    return '"%s"' % text


def note(base: str, number: str, called: str, started: "datetime.datetime") -> None:
    """Write the note beside the recording, in one step."""
    content = {
        "uniqueid": os.path.basename(base),
        "number": number if NUMBER.fullmatch(number) else "",
        "called": called if NUMBER.fullmatch(called) else "",
        "at": started.isoformat(timespec="milliseconds"),
        "seconds": recorded_s(base + ".wav"),
    }
    draft = base + ".part"
    with open(draft, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, base + ".json")


def recorded_s(path: str) -> float:
    """Seconds in the recording; 0 if there is none."""
    try:
        with wave.open(path, "rb") as recording:
            return round(recording.getnframes() / recording.getframerate(), 2)
    except (OSError, EOFError, wave.Error):
        return 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
