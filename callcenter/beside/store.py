"""The end of each listening in the audit; its begin and its reason are there before the telephone rings."""

from datetime import datetime

from callcenter.core.messages.beside import BesideEnded
from callcenter.store import audit
from callcenter.store.unit import Unit

NAMES_ZH, NAMES_EN = ("监听", "耳语", "介入"), ("listened", "whispered", "joined")


async def note_end(unit: Unit, ended: BesideEnded, at: datetime) -> None:
    """The audit has how long it was, in each mode."""
    spent = (ended.listened_s, ended.whispered_s, ended.joined_s)
    zh = "、".join(f"{name}{seconds:.1f}秒" for name, seconds in zip(NAMES_ZH, spent, strict=True) if seconds)
    en = ", ".join(
        f"{name} {seconds:.1f} s" for name, seconds in zip(NAMES_EN, spent, strict=True) if seconds
    )
    await audit.write(
        unit,
        at=at,
        by=ended.by,
        action="call.beside_ended",
        resource=f"contact/{ended.contact_id}",
        why=f"{zh or '未接听'} / {en or 'not picked up'}",
    )
