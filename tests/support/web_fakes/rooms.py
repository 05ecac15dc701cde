"""A small house: one browser seat, the real calendar, two prompts of which one is missing, one flow."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Collection, Sequence

from callcenter.core.errors import PeerError, UsageError
from callcenter.house.rooms import HouseRooms
from callcenter.settings import Settings
from callcenter.web.views.rooms import CalendarView, PromptView
from recordings import wav
from web_fakes.prompts import FakePromptDesk

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><text x="5" y="20">接入</text></svg>'


class FakeRooms:
    """A text with ``broken`` in it has a mistake. What was handed in for the greeting is what is heard."""

    def __init__(self, desk: FakePromptDesk) -> None:
        self.desk = desk

    def browser_seats(self) -> Collection[str]:
        return ("8001",)

    def calendar(self, year: int) -> CalendarView:
        return HouseRooms.calendar(self, year)  # type: ignore[arg-type]

    def settings(self) -> Settings:
        return Settings()

    def prompts(self) -> Sequence[PromptView]:
        now = self.desk.greeting
        told = PromptView(
            id="greeting",
            zh="您好，这里是12345。",
            en="Hello.",
            seconds=now.seconds or 2.5,
            source="own" if now.seconds else "made",
        )
        return [told, told.model_copy(update={"id": "goodbye", "seconds": None, "source": "missing"})]

    def sound(self, prompt_id: str) -> bytes:
        if prompt_id == "goodbye":
            raise PeerError("it is missing", code="prompt_missing")
        if prompt_id != "greeting":
            raise UsageError("there is no such prompt", code="unknown_prompt")
        return self.desk.played("greeting") or wav.header(64) + bytes(64)

    def picture(self, flow: str) -> str | None:
        return SVG if flow == "intake" else None

    def mistake(self, flow: str, text: str) -> str:
        return f"{flow}.toml:3: 死路 / dead end" if "broken" in text else ""
