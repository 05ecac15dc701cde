"""Beside a talk on the running product: who hears whom is measured, the audit has it, and the talk never suffers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from loopback import free_port
from system import System, fresh_system, phones_of
from tones import Samples, channels, silence, tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.core.ids import RecordingId
from callcenter.phones import Call, CallState, Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.web.clients.control import ControlClient
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
AGENT, LEADER = "8001", "8016"
MOBILE = "13900001111"
CITIZEN_HZ, AGENT_HZ, LEADER_HZ = 700, 1000, 1500
SAID_S = 0.7
UNDER_WAY_S = 0.4
"""Longer than sound takes from one telephone to the other, mixing and a stalled core included."""
HEARD_S, SILENT_S = 0.35, 0.15
WHY = "新坐席带教"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """One running instance for the tests of this module."""
    carrier = {"outbound": f"127.0.0.1:{free_port()}"}
    own = {"telephones": {"operator": MOBILE}}
    async with fresh_system(trunk=carrier, beside=own) as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def box(system: System) -> AsyncIterator[PhoneBox]:
    """Phones, the carrier's too; afterwards nobody is logged in and the books agree."""
    carrier = parse_address(system.settings.trunk.outbound).port
    async with phones_of(system, carrier) as box:
        yield box


class Talk:
    """A citizen talks with seat 8001; the leader's phone 8016 is registered and logged off."""

    def __init__(self, system: System, contact_id: str, citizen: Call, agent: Call, leader: Phone) -> None:
        self.system, self.contact_id = system, contact_id
        self.citizen, self.agent, self.leader = citizen, agent, leader

    async def ask(self, mode: str, phone: str = LEADER) -> None:
        """The desk's button."""
        async with ControlClient(self.system.settings) as client:
            body = {"mode": mode, "from": phone, "why": WHY}
            await client._ask("POST", f"/calls/{self.contact_id}/beside", body)

    async def beside(self, mode: str) -> Call:
        """The leader has picked up and is beside the talk."""
        await self.ask(mode)
        call = await (await self.leader.ringing()).answer()
        await self.system.event("beside.changed", self.contact_id, mode=mode, is_there=True)
        return call

    async def in_asterisk(self, application: str, count: int = 1) -> None:
        """So many channels are in this application."""

        async def are() -> bool:
            async with self.system.pbx.acting() as link:
                found = await link.ask_list({"Action": "CoreShowChannels"}, 10.0)
            return sum(it.get("Application") == application for it in found) == count

        await self.system.until(are, f"{count} in {application}")

    async def ended(self) -> dict[str, Any]:
        """What is told of the listening that is over."""
        told: dict[str, Any] = (await self.system.event("beside.ended", self.contact_id))["data"]
        return told

    def audited(self) -> list[tuple[str, str]]:
        """Actions and reasons in the audit, in order."""
        return self.system.rows(
            "SELECT action, why FROM audit WHERE resource = ? AND action LIKE 'call.beside%' ORDER BY id",
            f"contact/{self.contact_id}",
        )


@pytest_asyncio.fixture(loop_scope="session")
async def talk(system: System, box: PhoneBox) -> Talk:
    """The two have begun to talk."""
    agent = await box.seat(AGENT, system.pbx.secrets.seats[AGENT])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id=AGENT, new="ready")
    leader = await box.seat(LEADER, system.pbx.secrets.seats[LEADER])
    await leader.register()
    citizen = await (await box.citizen("13800012345")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answer = await (await agent.ringing()).answer()
    contact_id = (await system.event("call.answered"))["subject"]["contact_id"]
    return Talk(system, contact_id, citizen, answer, leader)


async def everybody_speaks(talk: Talk, leader: Call) -> None:
    """One after the other, each with a tone of its own; what was said last is on its way for a moment more."""
    for who, hz in ((talk.citizen, CITIZEN_HZ), (talk.agent, AGENT_HZ), (leader, LEADER_HZ)):
        await who.play(tone(hz, SAID_S))
    await leader.play(silence(UNDER_WAY_S))


def seconds(sound: Samples, *, of: int) -> float:
    """How long this voice is in the sound."""
    return tone_seconds(sound, of)


def recorded(talk: Talk) -> tuple[Samples, Samples]:
    """The recording: the citizen's side, and what he heard."""
    vault = open_vault(talk.system.settings, SystemClock())
    with vault.opened(RecordingId(talk.contact_id)) as found:
        return channels(found.read(44, found.size))


async def test_listening_then_whispering(talk: Talk) -> None:
    """Listening he hears both and neither him; whispering the agent alone does. He leaves, the talk goes on."""
    leader = await talk.beside("listen")
    await talk.in_asterisk("ChanSpy")
    await everybody_speaks(talk, leader)
    assert min(seconds(leader.heard(), of=hz) for hz in (CITIZEN_HZ, AGENT_HZ)) > HEARD_S
    assert seconds(talk.citizen.heard(), of=LEADER_HZ) < SILENT_S, "the citizen hears who listens"
    assert seconds(talk.agent.heard(), of=LEADER_HZ) < SILENT_S, "the agent hears who listens"
    await talk.ask("whisper")
    await talk.system.event("beside.changed", talk.contact_id, mode="whisper", is_there=True)
    await talk.system.until(lambda: whispers(talk, leader), "the agent hears the whisper")
    assert seconds(talk.citizen.heard(), of=LEADER_HZ) < SILENT_S, "the citizen hears the whisper"
    await leader.hangup()
    told = await talk.ended()
    assert min(told["listened_s"], told["whispered_s"]) > SAID_S
    assert (told["joined_s"], talk.agent.state, talk.citizen.state) == (
        0,
        CallState.TALKING,
        CallState.TALKING,
    )
    await talk.citizen.hangup()
    recording = await talk.system.event("recording.ready", talk.contact_id)
    assert recording["data"]["short_by_s"] < 1.0
    assert max(seconds(side, of=LEADER_HZ) for side in recorded(talk)) < SILENT_S
    audited = talk.audited()
    assert audited[:2] == [("call.beside_listen", WHY), ("call.beside_whisper", WHY)]
    assert audited[2][0] == "call.beside_ended"
    assert "耳语" in audited[2][1]


async def whispers(talk: Talk, leader: Call) -> bool:
    """The leader says something, and the agent has heard it."""
    await leader.play(tone(LEADER_HZ, SAID_S))
    return seconds(talk.agent.heard(), of=LEADER_HZ) > HEARD_S


async def test_joining_all_hear_him_and_so_does_the_recording(talk: Talk) -> None:
    """He may fall back to listening and join once more; the citizen's hang-up ends it for him too."""
    leader = await talk.beside("join")
    await talk.system.event("conference.joined", talk.contact_id, who="citizen")
    await talk.in_asterisk("ConfBridge", 3)
    await everybody_speaks(talk, leader)
    assert min(seconds(leader.heard(), of=hz) for hz in (CITIZEN_HZ, AGENT_HZ)) > HEARD_S
    assert seconds(talk.citizen.heard(), of=LEADER_HZ) > HEARD_S
    assert seconds(talk.agent.heard(), of=LEADER_HZ) > HEARD_S
    await talk.ask("listen")
    await talk.in_asterisk("ConfBridge", 2)
    await talk.in_asterisk("ChanSpy")
    before = seconds(talk.citizen.heard(), of=LEADER_HZ)
    await everybody_speaks(talk, leader)
    assert seconds(talk.citizen.heard(), of=LEADER_HZ) < before + SILENT_S
    await talk.citizen.hangup()
    await asyncio.gather(leader.ended(), talk.agent.ended())
    assert (await talk.ended())["joined_s"] > SAID_S
    await talk.system.event("recording.ready", talk.contact_id)
    left, right = recorded(talk)
    assert seconds(left, of=CITIZEN_HZ) > HEARD_S
    assert min(seconds(right, of=hz) for hz in (AGENT_HZ, LEADER_HZ)) > HEARD_S
    assert seconds(left, of=LEADER_HZ) < SILENT_S


async def test_nobody_picks_up_or_the_talk_ends_first(talk: Talk) -> None:
    """The telephone falls silent with the talk that it rang for."""
    await talk.ask("listen")
    rings = await talk.leader.ringing()
    await talk.citizen.hangup()
    await rings.canceled()
    told = await talk.ended()
    assert (told["listened_s"], told["whispered_s"], told["joined_s"]) == (0, 0, 0)
    await talk.system.until(lambda: asyncio.sleep(0, len(talk.audited()) == 2), "the end in the audit")
    assert talk.audited()[-1][1] == "未接听 / not picked up"


async def test_on_a_telephone_outside_the_house(box: PhoneBox, talk: Talk) -> None:
    """The number of the settings rings; joined he is heard by both, and for the books he is no caller."""
    mobile = await box.citizen(MOBILE)
    await talk.ask("join", "telephone")
    leader = await (await mobile.ringing()).answer()
    await talk.in_asterisk("ConfBridge", 3)
    await everybody_speaks(talk, leader)
    assert min(seconds(leader.heard(), of=hz) for hz in (CITIZEN_HZ, AGENT_HZ)) > HEARD_S
    assert min(seconds(who.heard(), of=LEADER_HZ) for who in (talk.citizen, talk.agent)) > HEARD_S
    await leader.hangup()
    assert (await talk.ended())["joined_s"] > SAID_S
    assert (talk.agent.state, talk.citizen.state) == (CallState.TALKING, CallState.TALKING)
    await talk.citizen.hangup()
    await talk.system.event("recording.ready", talk.contact_id)
    assert talk.system.rows("SELECT count(*) FROM contacts WHERE contact_id LIKE 'beside-%'") == [(0,)]
