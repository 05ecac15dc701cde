"""Accounts (账号): who may sign in as what; one-time codes beside the password."""

from typing import Annotated

from pydantic import Field

from callcenter.core.ids import SeatId
from callcenter.web import second_factor
from callcenter.web.api.common import Why, WhyBody, audit, note
from callcenter.web.identity import Via
from callcenter.web.ports.accounts import Account
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission, Role
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page, View

Name = Annotated[str, Field(pattern=f"^{PATH_IDS['account']}$")]
Seat = Annotated[str, Field(pattern=f"^{PATH_IDS['seat_id']}$")]


class NewAccountBody(Params):
    """Who, as what, and on which seat."""

    name: Name
    role: Role
    seat_id: Seat | None = None
    why: Why = ""


class AccountBody(Params):
    """What the account is from now on."""

    role: Role
    seat_id: Seat | None = None
    disabled: bool = False
    why: Why = ""


class CodeBody(Params):
    """What the authenticator app shows."""

    code: str = Field(pattern=r"^[0-9]{6}$")


class AccountView(View):
    """An account; never its secrets."""

    name: str
    role: Role
    seat_id: str | None
    must_change_password: bool
    has_second_factor: bool
    disabled: bool


class OneTimeView(View):
    """A password that is told this once."""

    name: str
    password: str


class SecretView(View):
    """What an authenticator app needs; told this once."""

    secret: str
    address: str = Field(description="otpauth:// address, for a QR code")


@operation("GET", "/accounts", may=Permission.ADMINISTER, zh="账号列表", en="Accounts, by name")
async def list_accounts(call: Call[Nothing, Nothing]) -> Page[AccountView]:
    """Everybody who may sign in, or could."""
    views = [_view(account) for account in await call.services.accounts.all()]
    return Page.whole(views)


@operation(
    "POST", "/accounts", may=Permission.ADMINISTER, zh="新建账号", en="Make an account", keeps_answer=False
)
async def make_account(call: Call[Nothing, NewAccountBody]) -> OneTimeView:
    """Its one-time password is in the answer and nowhere else."""
    body = call.body
    await audit(call, "account.made", f"account/{body.name}", body.why)
    password = await call.services.accounts.make(body.name, body.role, _seat(body.seat_id))
    return OneTimeView(name=body.name, password=password)


@operation("PUT", "/accounts/{account}", may=Permission.ADMINISTER, zh="修改账号", en="Change an account")
async def change_account(call: Call[Nothing, AccountBody]) -> AccountView:
    """Role, seat, locked out or not; its sessions end."""
    body, name = call.body, call.request.match_info["account"]
    await audit(call, "account.changed", f"account/{name}", body.why)
    changed = await call.services.accounts.change(
        name, body.role, _seat(body.seat_id), is_disabled=body.disabled
    )
    return _view(changed)


@operation(
    "POST",
    "/accounts/{account}/reset",
    may=Permission.ADMINISTER,
    zh="重置密码",
    en="A new one-time password",
    keeps_answer=False,
)
async def reset_account(call: Call[Nothing, WhyBody]) -> OneTimeView:
    """For who has lost password or telephone; the second factor is gone as well."""
    name = call.request.match_info["account"]
    await audit(call, "account.reset", f"account/{name}", call.body.why)
    return OneTimeView(name=name, password=await call.services.accounts.reset(name))


@operation(
    "POST",
    "/accounts/me/second-factor",
    may=Permission.SIGNED_IN,
    zh="开始绑定动态口令",
    en="Begin with one-time codes",
    keeps_answer=False,
)
async def begin_second_factor(call: Call[Nothing, Nothing]) -> SecretView:
    """A secret for an authenticator app; nothing changes before a code of it is confirmed."""
    name = _own(call.identity.via, call.identity.name)
    secret = await call.services.accounts.begin_second_factor(name)
    return SecretView(secret=secret, address=second_factor.address(secret, name))


@operation(
    "POST",
    "/accounts/me/second-factor/confirm",
    may=Permission.SIGNED_IN,
    zh="确认动态口令",
    en="Confirm the first one-time code",
    statuses=(409,),
)
async def confirm_second_factor(call: Call[Nothing, CodeBody]) -> AccountView:
    """From now on signing in asks for codes."""
    name = _own(call.identity.via, call.identity.name)
    await call.services.accounts.confirm_second_factor(name, call.body.code)
    await note(call, "account.second_factor", f"account/{name}")
    (account,) = [one for one in await call.services.accounts.all() if one.name == name]
    return _view(account)


def _own(via: Via, name: str) -> str:
    if via is Via.CONTROL:
        raise Refusal(409, "wrong_identity", "the operator signs in with no account")
    return name


def _seat(seat_id: str | None) -> SeatId | None:
    return SeatId(seat_id) if seat_id else None


def _view(account: Account) -> AccountView:
    return AccountView(
        name=account.name,
        role=account.role,
        seat_id=account.seat_id,
        must_change_password=account.must_change_password,
        has_second_factor=bool(account.totp_secret),
        disabled=account.is_disabled,
    )


OPERATIONS: tuple[Operation, ...] = (
    list_accounts,
    make_account,
    change_account,
    reset_account,
    begin_second_factor,
    confirm_second_factor,
)
