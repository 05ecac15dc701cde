"""The two addresses of signing in by an identity provider: away to it, and back from it.

Invariants: an account that was made with a password is never taken over by a name that the provider tells; a person without
a mapped role does not come in; whatever goes wrong, the sign-in page says what.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import structlog
from aiohttp import web

from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import SeatId
from callcenter.settings import Settings
from callcenter.sign_in_section import Oidc
from callcenter.web.desks import ROOT
from callcenter.web.identity import COOKIE, Via
from callcenter.web.limiter import Limiter
from callcenter.web.oidc import OidcClient
from callcenter.web.ports import Ports
from callcenter.web.ports.accounts import Account
from callcenter.web.programs import program_name
from callcenter.web.roles import Role
from callcenter.web.routes import PATH_IDS
from callcenter.web.signin import SignIn

log = structlog.get_logger()

AWAY: Final = "/sign-in/oidc"
BACK: Final = f"{AWAY}/back"
STATE_COOKIE: Final = "callcenter_oidc"
STATE_S: Final = 600
TRIES, WINDOW_S = 60, 300.0
CODE_MAX: Final = 4096


class OidcDoor:
    """Leads browsers to the provider and lets in who comes back."""

    def __init__(self, ports: Ports, settings: Settings, signin: SignIn) -> None:
        self._ports, self._signin = ports, signin
        self._oidc: Oidc = settings.sign_in.oidc
        self._client = OidcClient(self._oidc, ports.clock)
        self._by_address = Limiter(TRIES, WINDOW_S)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve both addresses, if a provider is set."""
        if self._oidc.issuer:
            router.add_get(AWAY, self._away)
            router.add_get(BACK, self._back)

    async def _away(self, request: web.Request) -> web.StreamResponse:
        try:
            self._count(request)
            address, state = await self._client.begin(self._back_address(request))
        except CallcenterError as error:
            return _told(error)
        answer = web.Response(status=302, headers={"Location": address})
        # Lax: the provider leads the browser back from another site.
        answer.set_cookie(
            STATE_COOKIE,
            state,
            max_age=STATE_S,
            path=AWAY,
            httponly=True,
            samesite="Lax",
            secure=request.secure,
        )
        return answer

    async def _back(self, request: web.Request) -> web.StreamResponse:
        try:
            self._count(request)
            token = await self._let_in(request)
        except CallcenterError as error:
            return _told(error)
        answer = web.Response(status=302, headers={"Location": ROOT})
        answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/", secure=request.secure)
        answer.del_cookie(STATE_COOKIE, path=AWAY)
        return answer

    async def _let_in(self, request: web.Request) -> str:
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if not state or state != request.cookies.get(STATE_COOKIE):
            raise PeerError("another browser asked for this sign-in", code="oidc_stale")
        if not 0 < len(code) <= CODE_MAX:
            raise PeerError("the provider let nobody in", code="oidc_refused")
        claims = await self._client.finish(state, code)
        account = await self._account(claims)
        program = program_name(request.headers.get("User-Agent", ""))
        opened = await self._signin.begin(account, Via.COOKIE, request.remote or "", program)
        return opened.token

    async def _account(self, claims: Mapping[str, Any]) -> Account:
        """The account of these claims, made or brought up to date."""
        name, role = claims.get(self._oidc.name_claim), self._role(claims)
        if not isinstance(name, str) or not re.fullmatch(PATH_IDS["account"], name):
            raise PeerError("the name fits no account", code="oidc_bad_name")
        if role is None:
            raise PeerError("no role of this house is mapped", code="oidc_no_role")
        subject = f"{self._oidc.issuer}|{claims['sub']}"
        known = await self._ports.accounts.find(name)
        if known is not None and known.subject != subject:
            raise PeerError("an account of this name is somebody else's", code="oidc_name_taken")
        if known is not None and known.is_disabled:
            raise PeerError("the account is locked out", code="oidc_locked_out")
        seat_id = known.seat_id if known is not None else None
        if self._oidc.seat_claim:
            seat_id = self._seat(claims)
        account = replace(known or Account(name, role, "", subject=subject), role=role, seat_id=seat_id)
        if account != known:
            await self._ports.accounts.save(account)
            if known is not None:
                await self._ports.sessions.revoke_all(name)
        return account

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        told = claims.get(self._oidc.role_claim)
        held = told if isinstance(told, list) else [told]
        return next((Role(role) for value, role in self._oidc.roles.items() if value in held), None)

    def _seat(self, claims: Mapping[str, Any]) -> SeatId | None:
        named = str(claims.get(self._oidc.seat_claim, ""))
        known = {row.seat_id for row in self._ports.board.status().seats}
        return SeatId(named) if named in known else None

    def _back_address(self, request: web.Request) -> str:
        return f"{self._oidc.base_url or request.url.origin()}{BACK}"

    def _count(self, request: web.Request) -> None:
        address, now = request.remote or "", self._ports.clock.instant()
        if self._by_address.wait_s(address, now) > 0:
            raise PeerError("too many tries", code="too_many_tries")
        self._by_address.note(address, now)


def _told(error: CallcenterError) -> web.Response:
    """Back to the sign-in page, which says what went wrong."""
    log.warning("sign-in by the identity provider refused", code=error.code)
    return web.Response(status=302, headers={"Location": f"{ROOT}?problem={error.code}"})
