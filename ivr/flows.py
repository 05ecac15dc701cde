"""The shelf of flows: shipped with the product, overridden by the house's own files, overridden by published versions.

Invariant: the shelf holds only flows that hang together; what has a mistake never replaces what is in force.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from ivr.core.check import House, check
from ivr.core.flow import Flow, Mistake
from ivr.core.reading import read
from ivr.prompts import catalogue

MENUS = Path(__file__).with_name("menus")
"""The shipped flows."""

LOOK_UPS: Mapping[str, Collection[str]] = {
    "ticket": ("ticket_state",),
    "knowledge": ("answer",),
}
"""What can be looked up, and the facts that are then known."""

FLOWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one flow. ``file``: how mistakes name it; ``version``: 0 is a file."""

    name: str
    text: str
    file: str
    version: int = 0


def own_menus(settings: Settings) -> Path:
    """Where the house puts flows of its own: ``NAME.toml`` each."""
    return settings.home_path / "menus"


def house(settings: Settings) -> House:
    """What flows of this instance may name."""
    return House(frozenset(catalogue()), settings.line.queues, LOOK_UPS)


def sources(settings: Settings) -> dict[str, Source]:
    """All flows in files, by name; the house's own win.

    Raises:
        UsageError: ``bad_flow``, a file cannot be read.
    """
    return {**files_in(sorted(MENUS.glob("*.toml"))), **files_in(sorted(own_menus(settings).glob("*.toml")))}


def files_in(paths: Iterable[Path]) -> dict[str, Source]:
    """These files. Raises as :func:`sources`."""
    return {path.stem: Source(path.stem, _text(path), _shown(path)) for path in paths}


def read_all(texts: Mapping[str, Source], where: House) -> tuple[dict[str, Flow], list[Mistake]]:
    """Flows that were read, and every mistake in them."""
    flows: dict[str, Flow] = {}
    mistakes: list[Mistake] = []
    for source in texts.values():
        flow, wrong = read(source.name, source.text, source.file, source.version)
        mistakes += wrong
        if flow is not None:
            flows[flow.name] = flow
    return flows, [*mistakes, *check(flows, where)]


def load(settings: Settings, published: Iterable[Source] = ()) -> dict[str, Flow]:
    """The flows in force: a published version wins over files.

    Raises:
        UsageError: ``bad_flow``, naming the first mistake.
    """
    texts = {**sources(settings), **{source.name: source for source in published}}
    flows, mistakes = read_all(texts, house(settings))
    if mistakes:
        more = f"（共 {len(mistakes)} 处 / {len(mistakes)} mistakes: callcenter ivr check）"
        raise UsageError(f"{mistakes[0]}{more if len(mistakes) > 1 else ''}", code="bad_flow")
    return flows


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", code="bad_flow") from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read as UTF-8 text", code="bad_flow") from None


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
