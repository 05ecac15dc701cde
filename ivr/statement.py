"""A caller who waits states his matter: Asterisk records it into a file of ours.

Invariant: what was said stays, whatever ends the recording; silence leaves no file.
"""

from pathlib import Path
from typing import Final

from callcenter.asterisk.agi import AgiSession, CallerGone
from callcenter.core.messages.offers import STATEMENT_S

SILENCE_S: Final = 5
"""A pause of so long ends it."""
WORD_S: Final = 1.5
"""Less is no statement: of a silence that ends a recording Asterisk leaves a second."""
HANGUP: Final = "hangup"
"""Why Asterisk stopped; whatever else troubles it, the caller is there and goes on waiting."""

_HEADER_BYTES: Final = 44
_BYTES_PER_S: Final = 16_000


async def record(session: AgiSession, sound: Path) -> None:
    """Record after a tone until ``#``, a pause, or :data:`STATEMENT_S`. ``sound``: a ``.wav`` to be.

    Raises:
        PeerError: he hung up in it, or the session is broken; what was recorded is there.
    """
    limits = (round(STATEMENT_S * 1000), 0, "BEEP", f"s={SILENCE_S}")
    reply = await session.command("RECORD FILE", str(sound.with_suffix("")), "wav", "#", *limits)
    if reply.data == HANGUP:
        raise CallerGone("the caller hung up in his statement")


def recorded_s(sound: Path) -> float:
    """Seconds that were recorded; 0: no word, and no file is left."""
    seconds = max(0, _size(sound) - _HEADER_BYTES) / _BYTES_PER_S
    if seconds >= WORD_S:
        return round(seconds, 2)
    sound.unlink(missing_ok=True)
    return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
