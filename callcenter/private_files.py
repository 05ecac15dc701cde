"""Files with secrets. Invariant: they are whole or not there, and at no moment readable by anybody but their owner."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` in one step by a file of mode 600."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
