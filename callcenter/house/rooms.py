"""How the house is furnished (:class:`callcenter.web.ports.rooms.RoomPort`): special days, prompts, pictures of flows."""

import wave
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from callcenter.calendars import city_calendar
from callcenter.core.errors import PeerError, UsageError
from callcenter.sections import CalendarDays
from callcenter.settings import Settings
from callcenter.web.views.rooms import CalendarView, PromptView, SpecialDayView
from ivr.core.draw import svg
from ivr.flows import Shelf, Source
from ivr.prompts import own_folder, playable_prompt, prompt_path, prompts_of, spoken_text


@dataclass(frozen=True)
class HouseRooms:
    """``settings``: those in force, asked each time. ``texts``: what prompts say, for pictures."""

    settings: Callable[[], Settings]
    shelf: Shelf
    texts: Mapping[str, str]

    def browser_seats(self) -> Collection[str]:
        """Seats whose phone is a page of the browser."""
        return self.settings().phones.browser

    def calendar(self, year: int) -> CalendarView:
        """The special days of a year, the country's and the city's own."""
        settings = self.settings().calendar
        known = city_calendar(settings)
        added = city_calendar(
            CalendarDays(china=False, holidays=settings.holidays, workdays=settings.workdays)
        )
        by_hand = added.holidays.keys() | added.workdays.keys()
        kinds: tuple[tuple[Mapping[object, str], Literal["holiday", "shifted_workday"]], ...] = (
            (known.holidays, "holiday"),  # type: ignore[assignment]
            (known.workdays, "shifted_workday"),
        )
        days = [
            SpecialDayView.model_validate(
                {"day": day, "kind": kind, "name": name, "is_added": day in by_hand}
            )
            for table, kind in kinds
            for day, name in table.items()
        ]
        shown = sorted((it for it in days if it.day.year == year), key=lambda it: it.day)
        return CalendarView(year=year, is_covered=year in known.covered, days=shown)

    def prompts(self) -> Sequence[PromptView]:
        """Every prompt with its text, how long it is, and who spoke it."""
        settings = self.settings()
        own = own_folder(settings)
        found = []
        for prompt in prompts_of(settings).values():
            seconds = _seconds(prompt_path(settings, prompt.id))
            made: Literal["own", "made"] = "own" if (own / f"{prompt.id}.wav").exists() else "made"
            found.append(
                PromptView(
                    id=prompt.id,
                    zh=spoken_text(prompt, settings.city),
                    en=prompt.en.format(city=settings.city),
                    seconds=seconds,
                    source="missing" if seconds is None else made,
                )
            )
        return found

    def sound(self, prompt_id: str) -> bytes:
        """A prompt as callers hear it, WAV.

        Raises:
            UsageError: ``unknown_prompt``.
            PeerError: ``prompt_missing``.
        """
        try:
            return playable_prompt(self.settings(), prompt_id).read_bytes()
        except OSError:
            raise PeerError(f"the prompt '{prompt_id}' cannot be read", code="prompt_missing") from None

    def picture(self, flow: str) -> str | None:
        """A flow in force as SVG."""
        found = self.shelf.flows.get(flow)
        return svg(found, self.texts) if found is not None else None

    def mistake(self, flow: str, text: str) -> str:
        """What is wrong with a text, by file and line."""
        try:
            self.shelf.refuse_mistakes(Source(flow, text, f"{flow}.toml"))
        except UsageError as error:
            return str(error)
        return ""


def _seconds(path: Path) -> float | None:
    try:
        with wave.open(str(path), "rb") as sound:
            return round(sound.getnframes() / sound.getframerate(), 1)
    except (OSError, EOFError, wave.Error):
        return None
