"""Puts another sound in a prompt's place while calls run: everything is written beside first, then renamed at once.

Invariant: whoever asks for the prompt gets the old sound whole or the new one whole, also if this process dies in between.
"""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.settings import Settings
from callcenter.speech import audio
from ivr.prompt_maker import LEVEL_DBFS
from ivr.prompts import ALAW, own_folder, prompts_folder


@dataclass
class Swap:
    """Files written, not yet in their places. ``gone``: taken away with them."""

    drafts: list[tuple[Path, Path]] = field(default_factory=list)
    gone: list[Path] = field(default_factory=list)

    def carry_out(self) -> None:
        """Three renames, with nothing between them: call it where the prompt's readers run, in the event loop."""
        for draft, place in self.drafts:
            draft.replace(place)
        for path in self.gone:
            path.unlink(missing_ok=True)

    def give_up(self) -> None:
        """What was not put in its place is removed."""
        for draft, _ in self.drafts:
            draft.unlink(missing_ok=True)


def prepare(settings: Settings, prompt_id: str, samples: audio.Samples, own: bytes | None) -> Swap:
    """Write ``samples`` for callers, in the loudness of all prompts, and ``own`` for later starts; ``None``: the voice's again.

    Raises:
        OSError: the disk; nothing is left behind.
    """
    swap, even = Swap(), audio.normalize(samples, LEVEL_DBFS)
    played = prompts_folder(settings) / f"{prompt_id}.wav"
    kept = own_folder(settings) / f"{prompt_id}.wav"
    try:
        if own is None:
            swap.gone.append(kept)
        else:
            _draft(swap, kept).write_bytes(own)
        audio.write_wav(_draft(swap, played), even)
        _draft(swap, played.with_suffix(ALAW)).write_bytes(audio.alaw_bytes(even))
    except OSError:
        swap.give_up()
        raise
    return swap


def _draft(swap: Swap, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".part-")
    os.fchmod(handle, 0o644)
    os.close(handle)
    swap.drafts.append((Path(name), place))
    return Path(name)
