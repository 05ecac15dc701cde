"""People beside talks behind the web's port: whoever asks is; contact c-9 talks with nobody."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages.beside import Mode
from callcenter.web.views.beside import BesideAnswer


@dataclass
class FakeBeside:
    """``asked``: contact, mode, phone, by; ``ended``: contact, by."""

    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, contact_id: ContactId, mode: Mode, phone: str, by: str) -> BesideAnswer:
        if contact_id == "c-9":
            raise UsageError("此来电没有与本中心坐席通话 / nobody talks", code="wrong_call_state")
        self.asked.append((contact_id, mode.value, phone, by))
        return BesideAnswer(contact_id=contact_id, mode=mode, phone=phone)

    async def end(self, contact_id: ContactId, by: str) -> None:
        self.ended.append((contact_id, by))
