"""``callcenter vault``: prove, encrypt, rotate, erase, hold, list gaps, export. Works whether the instance runs or not.

Invariant: whoever reads or destroys something says why, and it stands in the audit before it happens.
"""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape

from callcenter.clocks import SystemClock
from callcenter.commands.screens import ShareBar, print_json
from callcenter.commands.vault_marks import EXPORTED, samples, takers
from callcenter.commands.vault_screens import print_caught, print_gaps, print_holds, print_report, print_state
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.settings import Settings, load

if TYPE_CHECKING:
    from callcenter.store.database import Database
    from recordings.core.completeness import GapReport
    from recordings.vault import Vault
    from recordings.verify import Report

T = TypeVar("T")

console = Console()

vault_app = typer.Typer(no_args_is_help=True, help="录音库 / the vault of recordings")

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option("--why", help="原因，记入审计 / the reason, for the audit")]
Contact = Annotated[str, typer.Argument(help="来电编号 / contact id")]


@vault_app.command("verify", epilog="Example: callcenter vault verify --day 20261122 --json")
def verify(
    day: Annotated[str, typer.Option(help="只查这天的录音 / files of this folder only, e.g. 20261122")] = "",
    json: Json = False,
) -> None:
    """核验 / prove manifest, signed roots, files and rows against one another. Exit code 1 when something is wrong."""
    settings = load().settings
    wanted = _folder_day(day) if day else None
    rows, trouble = _sealed_rows(settings)
    report = _verify(settings, wanted, rows, shown=not json)
    if json:
        print_json({**report.as_json(), "database": trouble or "compared"})
    else:
        print_report(console, report, trouble)
    if report.findings:
        raise typer.Exit(1)


@vault_app.command("status", epilog="Example: callcenter vault status --json")
def status(json: Json = False) -> None:
    """状态 / keys by month, and what waits for a key or for the storage."""
    from recordings.upkeep import state_of

    settings = load().settings
    vault = _vault(settings)
    state = state_of(vault, _clock(settings).at())
    try:
        keys = vault.keys.months() if vault.keys is not None else []
    except CallcenterError:  # said in the state
        keys = []
    if json:
        rows = [
            {"key_id": k.key_id, "month": k.month, "made_at": k.made_at, "erased_at": k.erased_at}
            for k in keys
        ]
        print_json(
            {
                "trouble": state.trouble,
                "waiting_for_key": state.waiting_for_key,
                "waiting_for_storage": state.waiting_for_storage,
                "keys": rows,
            }
        )
    else:
        print_state(console, state, keys)
    if state.trouble:
        raise typer.Exit(1)


@vault_app.command("encrypt", epilog="Example: callcenter vault encrypt")
def encrypt(json: Json = False) -> None:
    """加密 / encrypt what lies unencrypted: from times before encryption, or for want of a key. May be repeated."""
    from recordings import upkeep

    settings = load().settings
    vault = _vault(settings)
    if vault.keys is not None:
        vault.keys.check()
    with upkeep.upkeep(vault), ShareBar(console, "加密 / encrypting", shown=not json) as bar:
        wanted = upkeep.unencrypted(vault, old_too=True)
        caught = upkeep.encrypt_all(vault, wanted, _clock(settings).at(), bar)
    if json:
        print_json({"done": len(caught.done), "failed": caught.failed})
    else:
        print_caught(console, caught, "已加密 / encrypted")
    if caught.failed:
        raise typer.Exit(1)


@vault_app.command("rotate", epilog="Example: callcenter vault rotate --why 季度更换")
def rotate(why: Why) -> None:
    """换主密钥 / make a new master key and wrap all data keys anew. No audio is touched. Back up secrets/vault.key after it."""
    settings = load().settings
    vault = _vault(settings)
    _note(settings, "vault.rotated", "vault/master_key", why)
    count = vault.keys.rotate() if vault.keys is not None else 0
    console.print(
        f"新主密钥已生成，{count} 个数据密钥已重新包裹 / new master key; {count} data keys wrapped anew"
    )
    console.print("请备份 / back up now: secrets/vault.key, recordings/keys.json", style="yellow")


@vault_app.command("erase", epilog="Example: callcenter vault erase --month 2026-01 --why 保存期满")
def erase(month: Annotated[str, typer.Option(help="月份 / such as 2026-01")], why: Why) -> None:
    """销毁 / destroy a month's data key, when nothing of that month is wanted or held any more. Cannot be undone."""
    from recordings import retention

    settings = load().settings

    async def work(database: "Database") -> list[str]:
        policy = retention.policy_of(settings.recordings)
        now = _clock(settings).at()
        return await retention.erase_month(database, _vault(settings), policy, month, why, _by(), now)

    erased = _on_database(settings, work)
    console.print(f"已销毁 / erased: {', '.join(erased)}")


@vault_app.command("hold", epilog="Example: callcenter vault hold cc-1763784000.1 --why 行政复议")
def hold(contact: Contact, why: Why) -> None:
    """保全 / keep a contact's recordings, and those of its call-backs, until released."""
    _change_hold(contact, why, place=True)


@vault_app.command("release", epilog="Example: callcenter vault release cc-1763784000.1 --why 已结案")
def release(contact: Contact, why: Why) -> None:
    """解除保全 / end a hold."""
    _change_hold(contact, why, place=False)


@vault_app.command("holds", epilog="Example: callcenter vault holds --json")
def list_holds(json: Json = False) -> None:
    """保全清单 / the holds in force."""
    from recordings import retention

    async def work(database: "Database") -> list[retention.Hold]:
        async with database.reading() as connection:
            return await retention.holds(connection)

    found = _on_database(load().settings, work)
    if json:
        print_json(
            [{"contact_id": h.contact_id, "why": h.why, "by": h.placed_by, "at": h.placed_at} for h in found]
        )
    else:
        print_holds(console, found)


@vault_app.command("gaps", epilog="Example: callcenter vault gaps --day 2026-11-22 --json")
def list_gaps(
    day: Annotated[str, typer.Option(help="哪天 / which day of the house; default: today")] = "",
    json: Json = False,
) -> None:
    """录音缺口 / answered contacts whose recording is missing or shorter than the talk. Exit code 1 when there are any."""
    from recordings.gaps import gaps_of

    settings = load().settings
    zone, now = ZoneInfo(settings.time_zone), _clock(settings).at()
    wanted = _date(day) if day else now.astimezone(zone).date()

    async def work(database: "Database") -> "GapReport":
        return await gaps_of(database, wanted, zone, now)

    report = _on_database(settings, work)
    if json:
        print_json({"day": wanted.isoformat(), **report.as_json()})
    else:
        print_gaps(console, report, wanted)
    if report.gaps:
        raise typer.Exit(1)


@vault_app.command("tidy", epilog="Example: callcenter vault tidy --json")
def tidy(json: Json = False) -> None:
    """维护 / what housekeeping does: encrypt and send what waits, sign days, delete what is due, list gaps."""
    from callcenter.vault.keeper import VaultKeeper, Work

    settings = load().settings

    async def work() -> Work:
        keeper = VaultKeeper.of(settings, _clock(settings))
        try:
            done = await keeper.catch_up()
            await keeper.nightly(done)
        finally:
            await keeper.close()
        return done

    done = asyncio.run(work())
    print_json(done.as_json()) if json else console.print(done.as_json())
    if done.troubles:
        raise typer.Exit(1)


@vault_app.command(
    "export", epilog="Example: callcenter vault export cc-1763784000.1 --to x.wav --why 12389 转办"
)
def export(
    recording: Annotated[str, typer.Argument(help="录音编号 / recording id")],
    to: Annotated[Path, typer.Option(help="新文件 / a file that does not exist yet")],
    why: Why,
    as_sealed: Annotated[
        bool, typer.Option("--as-sealed", help="无水印，用于取证 / without the mark, as evidence")
    ] = False,
) -> None:
    """导出 / write one recording as a WAV file (mode 600), marked with who and when; audited."""
    from recordings.watermark import marked

    settings = load().settings
    sound = _vault(settings).open(RecordingId(recording))
    if sound is None:
        raise UsageError(f"there is no recording {recording}", code="unknown_recording")
    with sound:
        copy = sound if as_sealed else marked(sound, recording, _by(), _clock(settings).at(), why)
        action = "recording.exported_as_sealed" if as_sealed else EXPORTED
        _note(settings, action, f"recording/{recording}", why)
        to.touch(0o600, exist_ok=False)
        with to.open("wb") as file:
            for block in copy.blocks():
                file.write(block)
    console.print(f"已导出 / written: {escape(str(to))}")


@vault_app.command("whose", epilog="Example: callcenter vault whose found.wav --json")
def whose(
    file: Annotated[Path, typer.Argument(help="流出的录音 / a WAV file, 8 kHz, 16 bit")], json: Json = False
) -> None:
    """水印 / who took this copy out of the house, when and why. Exit code 2 when it bears no mark that can be read."""
    from recordings.core.watermark import find, fingerprint

    mark = find(samples(file))
    if mark is None:
        raise UsageError(
            "no mark that can be read: it is no copy of ours, too short, or was changed too much",
            code="no_mark",
        )
    settings = load().settings
    taken = [row for row in _on_database(settings, takers) if fingerprint(row["by"]) == mark.account]
    at = mark.at.astimezone(ZoneInfo(settings.time_zone))
    names = sorted({row["by"] for row in taken})
    these = [row for row in taken if abs((row["at"] - mark.at).total_seconds()) < 2]
    resources, reasons = (sorted({row[name] for row in these}) for name in ("resource", "why"))
    if json:
        print_json({"at": at, "accounts": names, "resources": resources, "reasons": reasons})
    else:
        shown = escape(", ".join(names)) or "审计中没有此账号 / nobody in the audit"
        told = escape(" ".join([*resources, *reasons]))
        console.print(f"{at:%Y-%m-%d %H:%M:%S}  {shown}  {told}", highlight=False)


def _verify(
    settings: Settings, day: str | None, rows: "dict[RecordingId, str] | None", *, shown: bool
) -> "Report":
    from callcenter.vault.keeper import open_roots
    from recordings import verify as proof

    zone = ZoneInfo(settings.time_zone)
    today = _clock(settings).at().astimezone(zone).date()
    with ShareBar(console, "核验 / verifying", shown=shown) as bar:
        return proof.verify(
            _vault(settings), open_roots(settings), today, zone, day=day, rows=rows, progress=bar
        )


def _sealed_rows(settings: Settings) -> "tuple[dict[RecordingId, str] | None, str]":
    """What the database calls sealed; without a database the other witnesses are compared."""
    from recordings.retention import sealed_sounds

    async def work(database: "Database") -> dict[RecordingId, str]:
        async with database.reading() as connection:
            return dict(await sealed_sounds(connection))

    try:
        return _on_database(settings, work), ""
    except CallcenterError as error:
        return None, str(error)


def _change_hold(contact: str, why: str, *, place: bool) -> None:
    from recordings import retention

    settings = load().settings
    change = retention.place_hold if place else retention.release_hold

    async def work(database: "Database") -> None:
        async with database.unit() as unit:
            await change(unit, ContactId(contact), why, _by(), _clock(settings).at())

    _on_database(settings, work)
    console.print("已保全 / held" if place else "已解除 / released")


def _note(settings: Settings, action: str, resource: str, why: str) -> None:
    from recordings import retention

    retention.require_why(why)

    async def work(database: "Database") -> None:
        async with database.unit() as unit:
            await retention.note(unit, _clock(settings).at(), _by(), action, resource, why)

    _on_database(settings, work)


def _on_database(settings: Settings, work: "Callable[[Database], Awaitable[T]]") -> T:
    from callcenter.store.database import Database

    async def run() -> T:
        async with Database(settings.effective_database_url) as database:
            return await work(database)

    return asyncio.run(run())


def _vault(settings: Settings) -> "Vault":
    from recordings.vault import open_vault

    return open_vault(settings, _clock(settings))


def _clock(settings: Settings) -> SystemClock:
    return SystemClock(ZoneInfo(settings.time_zone))


def _by() -> str:
    """Who sits at this machine."""
    return f"cli:{getpass.getuser()}"


def _date(text: str) -> date:
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise UsageError(f"'{text}' is not a day such as 2026-11-22", code="bad_day")


def _folder_day(text: str) -> str:
    return f"{_date(text):%Y%m%d}"
