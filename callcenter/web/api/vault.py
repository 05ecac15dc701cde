"""The vault (录音库): legal holds, gaps in the recordings, the proof that nothing was changed.

Keys are rotated and erased on the command line only: who destroys something sits at the machine.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from callcenter.core.ids import ContactId
from callcenter.web.api.common import WHY_MAX, WHY_MIN, audit, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.vault import HoldView, RecordingGapsView, VaultView, VerificationView

Reason = Annotated[str, AfterValidator(printable), Field(min_length=WHY_MIN, max_length=WHY_MAX)]


class GapsQuery(Params):
    """Which day of the city; without: today."""

    day: date | None = None


class HoldBody(Params):
    """Whose recordings are kept, and why."""

    contact_id: str = Field(pattern=f"^{PATH_IDS['contact_id']}$")
    why: Reason


class ReleaseBody(Params):
    """Why the hold ends."""

    why: Reason


class VerifyBody(Params):
    """Why it is proved, and only files of which day; without: all."""

    why: Reason
    day: date | None = None


@operation("GET", "/vault", may=Permission.READ_VAULT, zh="录音库状态", en="Keys, and what waits")
async def get_vault(call: Call[Nothing, Nothing]) -> VaultView:
    """Data keys by month; recordings that wait for a key or for the storage."""
    return await call.ports.vault.state()


@operation(
    "GET",
    "/vault/gaps",
    may=Permission.READ_VAULT,
    zh="录音缺口清单",
    en="Answered contacts whose recording is missing or short",
)
async def list_recording_gaps(call: Call[GapsQuery, Nothing]) -> RecordingGapsView:
    """Recorded seconds against talk seconds, worst first. The same list is made every night."""
    return await call.ports.vault.gaps(call.query.day)


@operation("GET", "/vault/holds", may=Permission.READ_VAULT, zh="保全清单", en="Legal holds in force")
async def list_holds(call: Call[Nothing, Nothing]) -> Page[HoldView]:
    """Oldest first."""
    found = list(await call.ports.vault.holds())
    return Page.whole(found)


@operation(
    "POST",
    "/vault/holds",
    may=Permission.HOLD_RECORDINGS,
    zh="法律保全",
    en="Keep a contact's recordings until released",
    statuses=(404,),
)
async def place_hold(call: Call[Nothing, HoldBody]) -> HoldView:
    """Also those of its call-backs. Nothing that is held is ever deleted."""
    return await call.ports.vault.place_hold(
        ContactId(call.body.contact_id), call.body.why, call.identity.name
    )


@operation(
    "POST",
    "/vault/holds/{contact_id}/release",
    may=Permission.HOLD_RECORDINGS,
    zh="解除保全",
    en="End a legal hold",
)
async def release_hold(call: Call[Nothing, ReleaseBody]) -> None:
    """What is due by then is deleted in the next night."""
    await call.ports.vault.release_hold(call.contact_id, call.body.why, call.identity.name)


@operation(
    "GET", "/vault/verification", may=Permission.READ_VAULT, zh="核验结果", en="The newest proof of the vault"
)
async def get_verification(call: Call[Nothing, Nothing]) -> VerificationView:
    """How far it is, and what was found."""
    return call.ports.vault.verification()


@operation("POST", "/vault/verification", may=Permission.VERIFY_VAULT, zh="核验录音库", en="Prove the vault")
async def start_verification(call: Call[Nothing, VerifyBody]) -> VerificationView:
    """Compare manifest, signed roots, files and rows, in a process of its own; one at a time."""
    day = call.body.day
    await audit(call, "vault.verified", f"vault/{day or 'all'}", call.body.why)
    return await call.ports.vault.verify(day, call.identity.name)


OPERATIONS: tuple[Operation, ...] = (
    get_vault,
    list_recording_gaps,
    list_holds,
    place_hold,
    release_hold,
    get_verification,
    start_verification,
)
