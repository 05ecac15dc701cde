"""What the readers share: rows as views, and what was said as text."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Label, RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import recordings, transcripts
from callcenter.web.views import View
from recordings.core.names import STATEMENT
from recordings.core.transcript import Transcript

SPEAKERS = {"citizen": "市民：", "agent": "坐席："}
"""Channel of a transcript -> how a turn of it begins."""


def stated_by(contact_id: ColumnElement[str]) -> tuple[Label[Any], Label[Any]]:
    """What a contact stated while he waited, and the recording of it."""
    words, sounds, statement_id = transcripts.alias(), recordings.alias(), contact_id.concat(STATEMENT)
    text = select(words.c.content).where(words.c.recording_id == statement_id)
    sound = select(sounds.c.recording_id).where(sounds.c.recording_id == statement_id)
    return text.scalar_subquery().label("statement"), sound.scalar_subquery().label("statement_id")


async def one(connection: AsyncConnection, statement: Select[Any]) -> RowMapping | None:
    """The row, if there is one."""
    rows = await connection.execute(statement)
    row: RowMapping | None = rows.mappings().one_or_none()
    return row


def fields_of(view: type[View], row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """The columns that the view has; a statement as it is read."""
    fields = {name: row[name] for name in view.model_fields if name in row}
    if fields.get("statement"):
        fields["statement"] = dialog(fields["statement"])
    return fields


def dialog(content: dict[str, Any]) -> str:
    """A transcript as it is kept, a line per turn."""
    turns = Transcript.from_json(content).turns()
    return "\n".join(SPEAKERS[turn.channel] + turn.text for turn in turns)
