"""The surge level, which does as told, and the plan of the day."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.web.views.day import DayView
from callcenter.web.views.surge import LEVEL_NAMES, OwedView, ProfileView, SurgeSwitchView, SurgeView
from web_fakes.scene import START, FakeClock


@dataclass
class FakeSurge:
    """A level that does as told, one step back. ``asked``: level, undo, by, why."""

    clock: FakeClock
    level: int = 0
    held: bool = False
    proposal: int | None = 2
    asked: list[tuple[int | None, bool, str, str]] = field(default_factory=list)
    switched: list[SurgeSwitchView] = field(default_factory=list)

    def view(self) -> SurgeView:
        return SurgeView(
            as_of=self.clock.at(),
            level=self.level,
            level_name=LEVEL_NAMES[self.level],
            mode="declared" if self.held else "automatic",
            proposal=self.proposal,
            profile=ProfileView(
                notice=True,
                surveys=False,
                callbacks=True,
                messages=True,
                cloud_seats=True,
                partner=False,
                wrap_up_cap_s=120.0 if self.level else None,
            ),
            load=1.4,
            ewt_s=312.5,
            waiting=12,
            staffed=17,
            free=0,
            owed=OwedView(missed=3, accepted=2, message=1),
        )

    async def ask(self, level: int | None, undo: bool, by: str, why: str) -> None:
        if undo and not self.switched:
            raise UsageError("there is no switch to undo", code="nothing_to_undo")
        old, new = self.level, self.switched[-1].old if undo else (level or 0)
        self.asked.append((level, undo, by, why))
        self.level, self.held, self.proposal = new, level is not None, None
        self.switched.append(
            SurgeSwitchView(
                seq=len(self.switched) + 1,
                at=self.clock.at(),
                old=old,
                new=new,
                new_name=LEVEL_NAMES[new],
                applied=True,
                by=by,
                why=why,
                load=1.4,
                ewt_s=312.5,
                waiting=12,
            )
        )

    async def switches(self, limit: int) -> list[SurgeSwitchView]:
        return self.switched[::-1][:limit]


@dataclass
class FakeDay:
    """A usual day whose roster does as told. ``asked``: by, why."""

    roster: list[int] = field(default_factory=lambda: [4] * 8 + [17] * 16)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def view(self) -> DayView:
        return DayView(
            day=START.date(),
            roster=self.roster,
            is_usual_roster=not self.asked,
            citizens=[50.0] * 24,
            callback_from="08:00",
            callback_to="21:00",
            talk_s=200.0,
            wrap_up_s=120.0,
            review_s=75.0,
            patience_s=198.0,
        )

    async def change_roster(self, roster: Sequence[int], by: str, why: str) -> DayView:
        self.roster = list(roster)
        self.asked.append((by, why))
        return self.view()
