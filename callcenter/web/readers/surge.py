"""How the surge level was switched."""

from sqlalchemy import RowMapping, select

from callcenter.core.messages.surge import LevelSwitched
from callcenter.store.database import Database
from callcenter.store.lists import part_of
from callcenter.store.schema import journal
from callcenter.web.views.surge import LEVEL_NAMES, SurgeSwitchView


class SurgeLog:
    """The switches of the surge level, from the journal."""

    def __init__(self, database: Database):
        self._database = database

    async def newest(self, limit: int) -> list[SurgeSwitchView]:
        """The newest ``limit`` switches and proposals, newest first."""
        is_switch = journal.c.type == LevelSwitched.type
        statement = select(journal).where(is_switch).order_by(journal.c.seq.desc())
        async with self._database.reading() as connection:
            rows = await part_of(connection, statement, limit)
        return [_switch(row) for row in rows]


def _switch(row: RowMapping) -> SurgeSwitchView:
    told = row["data"]
    fields = {name: told[name] for name in SurgeSwitchView.model_fields if name in told}
    return SurgeSwitchView(seq=row["seq"], at=row["at"], new_name=LEVEL_NAMES[told["new"]], **fields)
