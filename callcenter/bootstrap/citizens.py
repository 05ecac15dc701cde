"""What citizens are sent, and what they learn without a person: letters, the outbox, self-service."""

import hashlib
from typing import TYPE_CHECKING

from callcenter.asterisk.secrets import load_or_create
from callcenter.engines import mobile_numbers
from callcenter.knowledge import articles
from callcenter.outbox.letters import Letters
from callcenter.outbox.runner import Runner
from callcenter.outbox.senders import build_sender, load_gateway_secrets
from callcenter.self_service import SelfService
from callcenter.settings import Settings
from callcenter.tickets.pins import Pins

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell

NAME_CHARACTERS = 12


def letters(settings: Settings) -> Letters:
    """What is written to citizens."""
    return Letters(settings.sms, settings.city, mobile_numbers(settings), Pins(_key(settings)))


def outbox(cell: "Cell") -> Runner:
    """What sends it. Its name is this house's own, and tells nothing."""
    settings = cell.settings
    sender = build_sender(settings.sms, load_gateway_secrets(settings.secrets_path))
    name = hashlib.sha256(b"outbox:" + _key(settings)).hexdigest()[:NAME_CHARACTERS]
    return Runner(cell.writer, sender, settings.sms, cell.clock, name)


def self_service(cell: "Cell") -> SelfService:
    """What flows look up."""
    known = articles.in_force(cell.settings.home_path)
    return SelfService(cell.writer, known, cell.letters, cell.letters.pins, cell.clock, cell.zone)


def _key(settings: Settings) -> bytes:
    return load_or_create(settings.secrets_path / "citizens.json", ["pins"])["pins"].encode()
