"""The shelf of flows: shipped with the product, overridden by the house's own files, overridden by published versions.

Invariant: the shelf holds only flows that hang together; what has a mistake never replaces what is in force.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from ivr.core.check import House, check
from ivr.core.flow import Flow, Kind, Mistake
from ivr.core.reading import read
from ivr.prompts import prompts_of
from ivr.store import FlowVersion

log = structlog.get_logger()

MENUS = Path(__file__).with_name("menus")
"""The shipped flows."""

LOOK_UPS: Mapping[str, Collection[str]] = {
    "ticket": ("ticket_state", "ticket_no", "ticket_due", "ticket_due_is"),
    "knowledge": ("article", "article_asked", "article_id"),
    "link": ("link",),
}
"""What can be looked up, and the facts that are then known."""

HEARS: Mapping[str, Sequence[str]] = {"knowledge": ("article_asked", "article_heard", "topic", "key")}
"""What can be said, and the facts that are then known; the first asks the caller whether it is right."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one flow. ``file``: how mistakes name it; ``version``: 0 is a file."""

    name: str
    text: str
    file: str
    version: int = 0


def published(version: FlowVersion) -> Source:
    """A published version as a text."""
    return Source(version.flow, version.text, f"{version.flow} v{version.version}", version.version)


def own_menus(settings: Settings) -> Path:
    """Where the house puts flows of its own: ``NAME.toml`` each."""
    return settings.home_path / "menus"


def house(settings: Settings) -> House:
    """What flows of this instance may name."""
    return House(frozenset(prompts_of(settings)), settings.line.queues, LOOK_UPS, hears=HEARS)


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
    _refuse_bad_origins(settings, flows)
    return flows


def _refuse_bad_origins(settings: Settings, flows: Mapping[str, Flow]) -> None:
    """Every number with a flow of its own is one that the trunk may dial, and its flow is an arrival."""
    for number, name in settings.menus.origins.items():
        if number not in settings.line.called_numbers:
            raise UsageError(
                f"menus.origins: {number} 不在 line.called_numbers 中 / is not among line.called_numbers",
                code="bad_flow",
            )
        if name not in flows or flows[name].kind is not Kind.ARRIVAL:
            raise UsageError(
                f"menus.origins: 没有来电流程“{name}” / there is no arrival flow '{name}'", code="bad_flow"
            )


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


class Shelf:
    """The flows in force, replaced as a whole: a walk that has begun keeps those that it began with."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._published: dict[str, Source] = {}
        self._flows: Mapping[str, Flow] = {}
        self.trouble = ""
        """Why only the shipped flows are in force; empty: all are."""

    @property
    def flows(self) -> Mapping[str, Flow]:
        """By name."""
        return self._flows

    def source(self, name: str) -> Source | None:
        """The text in force of a flow."""
        return {**sources(self._settings), **self._published}.get(name)

    def take_up(self, published: Iterable[Source]) -> None:
        """At start: what was published, and the files. What has a mistake is left out, and the log says so.

        Raises:
            UsageError: ``bad_flow``, the shipped flows themselves are broken.
        """
        self._published, self.trouble = {source.name: source for source in published}, ""
        try:
            self._flows = load(self._settings, self._published.values())
        except UsageError as error:
            log.error("flows have a mistake, the shipped ones are in force", mistake=str(error))
            self._published, self.trouble = {}, str(error)
            self._flows = load_shipped(self._settings)

    def refuse_mistakes(self, draft: Source) -> None:
        """Whether a text could be put in force beside the others.

        Raises:
            UsageError: ``bad_flow``, naming its mistakes.
        """
        load(self._settings, [*self._published.values(), draft])

    def put(self, source: Source) -> None:
        """Put a text in force for walks that begin from now on. Raises as :meth:`refuse_mistakes`."""
        flows = load(self._settings, [*self._published.values(), source])
        self._published[source.name] = source
        self._flows, self.trouble = flows, ""


def load_shipped(settings: Settings) -> dict[str, Flow]:
    """The shipped flows alone. Raises as :func:`load`."""
    flows, mistakes = read_all(files_in(sorted(MENUS.glob("*.toml"))), house(settings))
    if mistakes:
        raise UsageError(str(mistakes[0]), code="bad_flow")
    return flows
