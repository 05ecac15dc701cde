"""Signing in and out, and one's own account."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, SecretStr

from callcenter.web.identity import Identity, Via
from callcenter.web.programs import program_name
from callcenter.web.refusals import Refusal
from callcenter.web.roles import GRANTS, Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.signin import ADMIN, forget_admin_file
from callcenter.web.views import View
from callcenter.web.views.sessions import MeView, SignedIn


class Credentials(Params):
    """Name, password, and the one-time code of who has them. ``kind``: a cookie for browsers, a bearer token for programs."""

    name: str = Field(min_length=1, max_length=80)
    password: SecretStr = Field(max_length=256)
    code: str = Field("", pattern=r"^([0-9]{6})?$")
    kind: Literal["cookie", "token"] = "token"


class PasswordChange(Params):
    """The present password and the one to come."""

    old: SecretStr = Field(max_length=256)
    new: SecretStr = Field(max_length=256)


class SignInView(View):
    """What a sign-in page shows before anybody is known."""

    at: datetime = Field(description="this server's clock")
    oidc: str = Field(description="what stands on the identity provider's button; empty: there is none")


@operation("GET", "/sign-in", may=None, zh="登录方式", en="Ways to sign in, and the server's clock")
async def get_sign_in(call: Call[Nothing, Nothing]) -> SignInView:
    """Tells nothing about the house but that."""
    oidc = call.services.settings.sign_in.oidc
    return SignInView(at=call.ports.clock.at(), oidc=oidc.label if oidc.issuer else "")


@operation("POST", "/session", may=None, zh="登录", en="Sign in", keeps_answer=False, statuses=(401, 429))
async def open_session(call: Call[Nothing, Credentials]) -> Reply[SignedIn]:
    """Open a session. It lasts one shift."""
    by_cookie = call.body.kind == "cookie"
    opened = await call.services.signin.open(
        call.body.name,
        call.body.password.get_secret_value(),
        Via.COOKIE if by_cookie else Via.BEARER,
        call.request.remote or "",
        call.body.code,
        program_name(call.request.headers.get("User-Agent", "")),
    )
    shown = SignedIn(
        **(await _me(call, opened.identity)).model_dump(),
        token="" if by_cookie else opened.token,
        expires_at=opened.session.expires_at,
    )
    return Reply(shown, status=201, cookie=opened.token if by_cookie else None)


@operation("DELETE", "/session", may=Permission.SIGNED_IN, zh="退出", en="Sign out", keeps_answer=False)
async def close_session(call: Call[Nothing, Nothing]) -> Reply[None]:
    """End this session; its streams end within seconds."""
    await call.ports.sessions.revoke(call.identity.token_hash)
    return Reply(None, cookie="" if call.identity.via is Via.COOKIE else None)


@operation("GET", "/session/me", may=Permission.SIGNED_IN, zh="当前用户", en="Who is signed in")
async def get_me(call: Call[Nothing, Nothing]) -> MeView:
    """Name, role, permissions, CSRF token, and from where to follow."""
    return await _me(call, call.identity)


@operation(
    "POST",
    "/accounts/me/password",
    may=Permission.SIGNED_IN,
    zh="修改密码",
    en="Change one's own password",
    statuses=(401, 429),
)
async def change_password(call: Call[Nothing, PasswordChange]) -> Reply[None]:
    """Change the password; all other sessions of the account end."""
    if call.identity.via is Via.CONTROL:
        raise Refusal(409, "wrong_identity", "the operator has no password; sign in with an account")
    await call.services.signin.change_password(
        call.identity,
        call.body.old.get_secret_value(),
        call.body.new.get_secret_value(),
        call.request.remote or "",
    )
    if call.identity.name == ADMIN:
        forget_admin_file(call.services.settings.secrets_path)
    return Reply(None)


async def _me(call: Call[Any, Any], identity: Identity) -> MeView:
    return MeView(
        name=identity.name,
        role=identity.role,
        seat_id=identity.seat_id,
        must_change_password=identity.must_change_password,
        must_bind=identity.must_bind,
        permissions=sorted(GRANTS[identity.role]),
        csrf=identity.csrf if identity.via is Via.COOKIE else "",
        seq=await call.services.feed.start_from(None),
    )


OPERATIONS: tuple[Operation, ...] = (get_sign_in, open_session, close_session, get_me, change_password)
