"""Who is signed in (登录中), ended one by one; and which role may do what.

Invariant: a session is named by the beginning of its token's hash, from which nobody gets back to the token.
"""

from datetime import datetime

from pydantic import Field

from callcenter.web.api.common import WhyBody, audit, note
from callcenter.web.ports.accounts import Session
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import GRANTS, Permission, Role
from callcenter.web.routes import Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import Page, View

ID_DIGITS = 16


class SessionsQuery(Params):
    """``everybody``: not only one's own; it needs the right to administer."""

    everybody: bool = False


class SessionView(View):
    """Somebody signed in. ``program``: what the browser says that it is."""

    session_id: str
    account: str
    created_at: datetime
    expires_at: datetime
    address: str
    program: str
    is_this: bool = Field(description="the session of who asks")


class GrantView(View):
    """A permission and the roles that hold it."""

    permission: Permission
    roles: list[Role]


class GrantsView(View):
    """The whole table. It is part of the program: a role is what its duties are, nobody widens it on a page."""

    roles: list[Role]
    grants: list[GrantView]


@operation("GET", "/sessions", may=Permission.SIGNED_IN, zh="登录中的会话", en="Open sessions, newest first")
async def list_sessions(call: Call[SessionsQuery, Nothing]) -> Page[SessionView]:
    """One's own, or everybody's."""
    if call.query.everybody and not call.identity.has(Permission.ADMINISTER):
        raise Refusal(403, "forbidden", "your role does not show other people's sessions")
    found = await call.ports.sessions.all_open(call.ports.clock.at())
    shown = [_view(call, it) for it in found if call.query.everybody or it.account == call.identity.name]
    return Page(items=shown, total=len(found), filtered=len(shown))


@operation("POST", "/sessions/{session_id}/end", may=Permission.SIGNED_IN, zh="结束会话", en="End a session")
async def end_session(call: Call[Nothing, WhyBody]) -> Reply[None]:
    """Its next request is refused, its streams end within seconds."""
    named = call.request.match_info["session_id"]
    open_now = await call.ports.sessions.all_open(call.ports.clock.at())
    found = next((it for it in open_now if it.token_hash.startswith(named)), None)
    is_own = found is not None and found.account == call.identity.name
    if found is None or not (is_own or call.identity.has(Permission.ADMINISTER)):
        raise unknown("session", named)
    if is_own:
        await note(call, "session.ended", found.account)
    else:
        await audit(call, "session.ended", found.account, call.body.why)
    await call.ports.sessions.revoke(found.token_hash)
    await call.services.streams.dismiss(found.token_hash)
    return Reply(None)


@operation("GET", "/roles", may=Permission.SIGNED_IN, zh="角色权限表", en="Which role may do what")
async def list_grants(call: Call[Nothing, Nothing]) -> GrantsView:
    """As the server decides by it."""
    grants = [
        GrantView(permission=it, roles=[role for role in Role if it in GRANTS[role]]) for it in Permission
    ]
    return GrantsView(roles=list(Role), grants=grants)


def _view(call: Call[SessionsQuery, Nothing], session: Session) -> SessionView:
    return SessionView(
        session_id=session.token_hash[:ID_DIGITS],
        account=session.account,
        created_at=session.created_at,
        expires_at=session.expires_at,
        address=session.address,
        program=session.program,
        is_this=session.token_hash == call.identity.token_hash,
    )


OPERATIONS: tuple[Operation, ...] = (list_sessions, end_session, list_grants)
