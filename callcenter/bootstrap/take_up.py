"""What the last controller left is taken up before anything new is decided."""

from typing import TYPE_CHECKING

from callcenter.core import codec
from callcenter.core.messages import duty, seats, surge
from callcenter.guests.desk import unfinished
from callcenter.rebalance import store as rebalances
from callcenter.recording_desk import recorders_left
from callcenter.store import contacts as contact_rows
from callcenter.store import journal
from callcenter.store.unit import JournalEntry
from ivr import flows
from ivr import store as flow_rows
from queues import skill_store as skill_rows
from recordings import store as recording_rows

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell


async def take_up(cell: "Cell") -> None:
    """What the last controller left: open contacts, what is owed, skill groups; and the plan of the day."""
    async with cell.database.reading() as connection:
        opened = await contact_rows.without_outcome(connection)
        stated = await recording_rows.stated(connection)
        skills = await skill_rows.skills(connection)
        versions = await rebalances.versions(connection)
        surveying = await rebalances.on_surveys(connection)
        switched = await journal.newest_of(connection, surge.LevelSwitched.type)
        published = await flow_rows.in_force(connection)
    cell.shelf.take_up(flows.published(version) for version in published)
    at, now = cell.clock.at(), cell.clock.instant()
    for contact in opened:
        age_s = max(0.0, (at - contact.arrived_at).total_seconds())
        cell.engines.contacts.reopen(contact, age_s, now, has_stated=contact.contact_id in stated)
    await cell.house.take_up()
    await cell.planner.look()
    await cell.notices.take_up()
    await cell.prompts.take_up()
    cell.post(await cell.promises.restored(cell.database))
    await cell.cloud_seats.take_up(cell)
    for seat_id, queues in skills.items():
        cell.post(seats.SkillsAssigned(seat_id, queues, by=""))
    for seat_id in surveying:
        cell.post(duty.DutyAssigned(seat_id, duty.Duty.SURVEYS, by=""))
    cell.post(duty.VersionsRestored(versions))
    for day in await unfinished(cell.database, cell.clock):
        cell.post(day)
    if switched and (held := _held_level(switched)):
        cell.post(held)
    recorders = await recorders_left(cell.database, cell.engines.contacts)
    if recorders.recorders:
        cell.post(recorders)


def _held_level(entry: JournalEntry) -> surge.LevelAsked | None:
    """The level that a shift manager held when the last controller stopped, to be held on."""
    last = codec.decode(entry.type, entry.data)
    if not isinstance(last, surge.LevelSwitched) or not (last.applied and last.declared):
        return None
    return surge.LevelAsked(last.new, undo=False, by=last.by, why=last.why)
