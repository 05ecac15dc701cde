"""Which shared libraries a set of ELF files needs, transitively.

Invariant: libraries are looked for only in the trees given, never on the host, so that a private copy that
resolves here runs without the host's libraries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile


def needed_sonames(path: Path) -> tuple[str, ...]:
    """The ``NEEDED`` entries of one ELF file; empty for anything else."""
    with path.open("rb") as stream:
        try:
            elf = ELFFile(stream)
            section = elf.get_section_by_name(".dynamic")
        except ELFError:
            return ()
        if not isinstance(section, DynamicSection):
            return ()
        return tuple(tag.needed for tag in section.iter_tags("DT_NEEDED"))  # type: ignore[attr-defined]


def shared_objects(tree: Path) -> dict[str, Path]:
    """File name -> path of every shared library below ``tree``, Asterisk's modules left out."""
    return {
        path.name: path
        for path in sorted(tree.rglob("*.so*"))
        if path.is_file() and path.parent.name != "modules"
    }


@dataclass(slots=True)
class Closure:
    """The growing set of resolved libraries and the sonames that nobody has offered yet.

    ``missing`` maps a soname to the files that need it.
    """

    found: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, list[Path]] = field(default_factory=dict)


def resolve(roots: Iterable[Path], libraries: dict[str, Path]) -> Closure:
    """Follow ``NEEDED`` from ``roots`` through ``libraries`` (file name -> path)."""
    closure = Closure()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        for soname in needed_sonames(path):
            if soname in closure.found:
                continue
            if soname in libraries:
                closure.found[soname] = libraries[soname]
                waiting.append(libraries[soname])
            else:
                closure.missing.setdefault(soname, []).append(path)
    return closure
