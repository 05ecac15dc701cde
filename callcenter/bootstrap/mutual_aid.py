"""Mutual aid with the partner city, plugged together: its edge, its calls, who carries out its effects, how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from callcenter.controller import Perform
from callcenter.core.messages import partner
from callcenter.core.messages.base import Effect, Message
from callcenter.partner.desk import PartnerDesk
from callcenter.partner.edge import PartnerEdge
from callcenter.partner.line import PartnerLine
from callcenter.partner.signing import Signer, key_path, load_key
from callcenter.web.ports.figures import Figures
from callcenter.web.ports.partner import NoPartner, PartnerPort
from callcenter.web.views.board import ComponentView
from callcenter.workbench import Workbench
from queues.caller import Callers
from queues.partner_calls import PartnerCalls

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell

REQUESTS_AT_ONCE = 8
LIMIT_S = 10.0
"""Longest piece of work: an offer has an answer, or none, within seconds."""


@dataclass(frozen=True)
class MutualAid:
    """What a house with a partner city has."""

    signer: Signer
    edge: PartnerEdge
    bench: Workbench


def mutual_aid(cell: "Cell") -> MutualAid | None:
    """``None``: there is no partner city.

    Raises:
        UsageError: there is one, but no key that both hold.
    """
    agreed = cell.settings.partner
    if not agreed.name:
        return None
    signer = Signer(load_key(key_path(cell.settings)))
    wants_capacity = cell.engines.steering.partner.wants_capacity
    edge = PartnerEdge(agreed, cell.settings.city, signer, cell.clock, cell.post, wants_capacity)
    return MutualAid(signer, edge, Workbench("partner", limit=REQUESTS_AT_ONCE, limit_s=LIMIT_S))


def line(cell: "Cell") -> PartnerLine:
    """Who serves FastAGI sessions: the partner's calls beside all others."""

    async def ask(command: Message) -> None:
        await cell.controller.ask(command)  # which is built after this

    return PartnerLine(
        cell.sessions.handle,
        ask,
        cell.post,
        cell.engines.steering.aid.offer_of,
        cell.paperwork.arrive,
        cell.clock,
    )


def performers(cell: "Cell") -> Mapping[type[Effect], Perform]:
    """Who carries out the effects of mutual aid."""
    if cell.mutual_aid is None:
        return {}
    edge, bench = cell.mutual_aid.edge, cell.mutual_aid.bench
    calls = PartnerCalls(Callers(cell.actor, cell.post), cell.actor)
    return {
        partner.OfferCaller: lambda effect: bench.start(edge.offer(effect)),
        partner.Fetch: lambda effect: bench.start(calls.fetch(effect)),
        partner.GiveBack: lambda effect: bench.start(calls.give_back(effect)),
    }


def components(cell: "Cell") -> list[ComponentView]:
    """How the partner city works, if there is one."""
    if cell.mutual_aid is None:
        return []
    way = cell.engines.steering.partner
    trouble = "paused" if way.is_paused else way.trust.trouble
    state: Literal["up", "degraded"] = "degraded" if trouble else "up"
    return [ComponentView(name="partner", state=state, required=False, detail=trouble)]


def port(cell: "Cell", figures: Figures) -> PartnerPort:
    """The port behind the web."""
    if cell.mutual_aid is None:
        return NoPartner()
    return PartnerDesk(
        cell.settings.partner,
        cell.mutual_aid.signer,
        cell.controller,
        cell.engines.steering,
        cell.engines.contacts,
        figures,
        cell.clock,
    )
