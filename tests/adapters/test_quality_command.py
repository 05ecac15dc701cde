"""``callcenter qa`` against a served house: what it prints, what it refuses, and old calls done again on the database."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from assessed_calls import ZONE, answer_call, recording_of
from desk import Desk
from loopback import free_port
from rows import NOW
from spoken_calls import say
from web_fakes import CHEAP, NUMBER, FakeClock, House

from callcenter.commands.quality import qa_app, review_app, rules_app
from callcenter.quality.desk import SqlQuality, SqlReviews
from callcenter.settings import Settings
from callcenter.store.accounts import SqlAccounts, SqlAudit
from callcenter.store.database import Database
from callcenter.web.passwords import Passwords
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role
from callcenter.web.server import serving
from recordings.core.qa.assess import assess
from recordings.qa import assessments, gather, reviewing
from recordings.qa.files import SHIPPED_RULES, in_force, load_rules, load_scorecards
from recordings.qa.reviewing import Work

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(180)]

RULES, CARDS = load_rules(), load_scorecards()
BEST: dict[str, int | None] = {name: criterion.best for name, criterion in CARDS["hotline"].criteria.items()}
DAY = "2026-11-22"
R1 = recording_of(1)


@dataclass
class QaDesk(Desk):
    """With two assessed calls."""

    database: Database
    words = ("qa",)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[QaDesk]:
    """A desk in front of a running house; the database is the one of its home."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    database = Database(house.settings.effective_database_url)
    await database.upgrade()
    await answer_call(database, 1, say(0.5, "喂 不归 我们 管 [bold]"), say(5, "东关街 暖气 不热"))
    await answer_call(database, 2, say(0.5, "您好 请讲 好 的 再见"), say(5, "东关街 路灯 坏了"), seat="8002")
    for number in (1, 2):
        await _assess(database, number)
    house.ports = replace(
        house.ports,
        quality=SqlQuality(database, RULES, {}),
        reviews=SqlReviews(database, CARDS, FakeClock(), ZONE),
        accounts=SqlAccounts(database),
        audit=SqlAudit(database),
    )
    for name in ("anna", "bert"):
        await house.ports.accounts.save(Account(name, Role.QA_REVIEWER, "-"))
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield QaDesk(house, database)
    await database.close()


async def _assess(database: Database, number: int) -> None:
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_of(number), ZONE)
    assert call is not None
    async with database.unit() as unit:
        await assessments.keep(unit, call, assess(call.facts, RULES), NOW)


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for prefix, app in (("qa", qa_app), ("qa rules", rules_app), ("qa review", review_app)):
        for command in app.registered_commands:
            assert command.callback
            assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
            assert (command.epilog or "").startswith(f"Example: callcenter {prefix}"), command.name


async def test_the_report_begins_with_the_worst(desk: QaDesk) -> None:
    """Coverage, calls by rule, the ranked list; as JSON what the API says, numbers never whole."""
    told = await desk.ok("report", "--day", DAY)
    assert told.index(R1) < told.index(recording_of(2))
    assert "接听 / answered 2" in told
    assert "forbidden 1" in told
    answer = await desk.json("report", "--day", DAY, "--seat", "8002", "--json")
    assert [row["recording_id"] for row in answer["calls"]["items"]] == [recording_of(2)]
    assert answer["coverage"]["qa_coverage"] == 1.0
    assert NUMBER not in told + json.dumps(answer)
    assert (await desk.json("report", "--day", "2026-11-21", "--json"))["coverage"]["answered"] == 0


async def test_a_call_is_shown_with_its_findings(desk: QaDesk) -> None:
    """Second, text in both languages, words; no markup of words is read."""
    told = await desk.ok("show", R1)
    assert "00:00-00:02" in told
    assert "使用服务忌语 / a forbidden phrase  不归我们管" in told
    assert (await desk.json("show", R1, "--json"))["found"][0]["rule_id"] == "forbidden"
    assert await desk.complaint(2, "show", "cc-1.99") == "there is no assessment cc-1.99"


async def test_a_wrong_day_is_told(desk: QaDesk) -> None:
    """One line that says how to write it."""
    complaint = await desk.complaint(2, "report", "--day", "yesterday")
    assert complaint == "'yesterday' is no day: write it like 2026-11-22"


async def test_a_plan_is_set_and_drawn(desk: QaDesk) -> None:
    """Who reviews what; a second draw assigns nothing."""
    assert "name the reviewers" in await desk.complaint(2, "plan", "weekly")
    plan = await desk.json("plan", "weekly", "anna", "bert", "--size", "1", "--second", "0.5")
    assert (plan["group_by"], plan["reviewers"]) == ("seat", ["anna", "bert"])
    assert await desk.json("plan") == [plan]
    assert "is not over" in await desk.complaint(2, "sample", "weekly", "--week", "2026-W47")
    drawn = await desk.json("sample", "weekly", "--week", "2026-W47", "--so-far", "--json")
    assert (len(drawn["drawn"]), drawn["new_reviews"]) == (2, 3)
    again = await desk.ok("sample", "weekly", "--week", "2026-W47", "--so-far")
    assert "0 项新任务 / new reviews" in again
    assert len(await desk.json("review", "list", "--state", "assigned", "--json")) == 3
    assert await desk.complaint(2, "sample", "none", "--week", "2026-W46") == "there is no sampling plan none"


async def test_reviews_are_assigned_and_listed(desk: QaDesk) -> None:
    """First, second, and what came of the agent's answer; a blind one shows no score."""
    first = await desk.json("review", "assign", R1, "anna")
    second = await desk.json("review", "second", str(first["review_id"]), "bert")
    assert second["ordinal"] == 2
    for review, name in ((first, "anna"), (second, "bert")):
        async with desk.database.unit() as unit:
            work = Work(BEST, {}, "", {})
            await reviewing.submit(unit, review["review_id"], name, CARDS["hotline"], work, NOW)
        listed = await desk.ok("review", "list", "--seat", "8001")
        assert ("100.0" in listed) is (name == "bert")
        assert ("盲评 / blind" in listed) is (name == "anna")
    assert (await desk.json("agreement", "--from", "2026-11-01", "--json"))["pairs"] == 1
    assert "态度" in await desk.ok("agreement", "--from", "2026-11-01")
    too_early = await desk.complaint(2, "review", "uphold", str(first["review_id"]), "--why", "x")
    assert too_early == "the review is submitted: rule comes too early"
    assert await desk.complaint(2, "review", "assign", R1, "nobody") == "there is no reviewer nobody"


async def test_rules_are_checked(desk: QaDesk) -> None:
    """Those in force, a file, and what is wrong with another."""
    assert RULES.version in await desk.ok("rules", "check")
    own = desk.house.folder / "own.toml"
    own.write_text(SHIPPED_RULES.read_text("utf-8").replace("over_s = 20", "over_s = -1"), "utf-8")
    complaint = await desk.complaint(2, "rules", "check", str(own))
    assert complaint == f"{own}: 'rules.silence.over_s': Input should be greater than 0"
    assert "No such file" in await desk.complaint(2, "rules", "check", "none.toml")
    own.write_text("version = ", "utf-8")
    assert str(own) in await desk.complaint(2, "rules", "check", str(own))
    own.write_bytes(b"\xff\xfe")
    assert str(own) in await desk.complaint(2, "rules", "check", str(own))


async def test_old_calls_are_done_again(desk: QaDesk) -> None:
    """By a new rule file, beside what is there; a trial changes no list."""
    own = desk.house.folder / "own.toml"
    own.write_text(SHIPPED_RULES.read_text("utf-8").replace('"2026.1"', '"own"'), "utf-8")
    span = ("--from", DAY, "--until", DAY)
    done = await desk.json("redo", "--rules", str(own), *span, "--trial", "--json")
    assert (done["calls"], done["new"], done["rules_version"][:4]) == (2, 2, "own+")
    assert (await desk.json("show", R1, "--json"))["rules_version"] == RULES.version
    assert "0 条新结果 / new" in await desk.ok("redo", "--rules", str(own), *span)
    shown = await desk.json("show", R1, "--json")
    assert (shown["rules_version"], shown["versions"]) == (
        done["rules_version"],
        [done["rules_version"], RULES.version],
    )


def test_a_mistake_in_the_citys_own_rules_stops_no_call(tmp_path: Path) -> None:
    """Own rules and scorecards go before the shipped ones; broken ones are named and the shipped ones serve."""
    assert in_force(tmp_path).trouble == ""
    own = tmp_path / SHIPPED_RULES.name
    own.write_text(SHIPPED_RULES.read_text("utf-8").replace('"2026.1"', '"own"'), "utf-8")
    cards = tmp_path / "scorecards"
    cards.mkdir()
    (cards / "short.toml").write_text(
        'version = "1"\nzh = "短"\nen = "short"\n'
        '[criteria.a]\nzh = "一"\nen = "a"\nweight = 1\ngrades = ["差", "好"]\n',
        "utf-8",
    )
    found = in_force(tmp_path)
    assert (found.rules.version[:4], set(found.cards), found.trouble) == ("own+", {"hotline", "short"}, "")
    own.write_text("version = 1", "utf-8")
    found = in_force(tmp_path)
    assert (found.rules.version, set(found.cards), found.trouble) == (RULES.version, {"hotline"}, "bad_rules")
