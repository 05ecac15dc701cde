"""One simulated day: parameters, citizens and a policy's name in, figures out."""

from collections.abc import Sequence
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.log import Entry, write_log
from callcenter.sim.metrics import Figures, measure
from callcenter.sim.params import Params, load_params
from callcenter.sim.picture import draw
from callcenter.sim.port import Policy
from callcenter.sim.reference.policy import Reference
from callcenter.sim.reference.rules import TABLE
from callcenter.sim.trace import Citizens, Traffic, load_citizens, load_traffic
from callcenter.sim.world import World

ENGINE = ("engine", "full")
FIFO = "fifo"


def make_policy(name: str, params: Params) -> Policy:
    """The policy of that name: the production engine, or a reference policy.

    Raises:
        UsageError: there is no such policy.
    """
    if name in ENGINE:
        return EngineDriver(engine_settings(params))
    if name in TABLE or name == FIFO:
        return Reference(TABLE["A" if name == FIFO else name])
    raise UsageError(f"no policy {name!r}: choose one of {', '.join((*ENGINE, FIFO, *TABLE))}")


def run_day(
    params: Params, citizens: Citizens, traffic: Traffic, policy: Policy
) -> tuple[Figures, list[Entry]]:
    """Let one day happen; its figures and its event log."""
    world = World(params, citizens, traffic, policy)
    world.run()
    figures = measure(params, citizens, world.log, world.predictions)
    partner = world.partner
    figures["partner_harm"] = partner.delayed / partner.calls if partner.helps and partner.calls else None
    return figures, world.log


def simulate(
    params: Path, trace: Path | None, policy: str, log: Path | None = None, picture: Path | None = None
) -> Figures:
    """Read the files, simulate a day, optionally write its event log and its picture (SVG).

    ``picture``: a file, or a folder that is there, for ``<scenario>-<policy>.svg``.

    Raises:
        UsageError: a file is bad or cannot be written, or there is no such policy.
    """
    world = load_params(params)
    decider = make_policy(policy, world)
    citizens = load_citizens(trace or world.trace_path)
    figures, entries = run_day(world, citizens, load_traffic(world.partner_path), decider)
    if log is not None:
        write_log(log, entries)
    if picture is not None:
        draw_day(picture, world, policy, entries)
    return figures


def draw_day(picture: Path, params: Params, policy: str, entries: Sequence[Entry]) -> Path:
    """Write a day's picture to a file, or into a folder as ``<scenario>-<policy>.svg``; where it is.

    Raises:
        UsageError: it cannot be written.
    """
    path = picture / f"{params.id}-{policy}.svg" if picture.is_dir() else picture
    _write(path, draw(params, entries, f"{params.id}: {policy}"))
    return path


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({type(error).__name__})") from None
