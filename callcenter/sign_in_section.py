"""The settings of signing in (登录): one-time codes, and an identity provider of the city (统一身份认证) by OpenID Connect."""

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from callcenter.sections import Section

RoleName = Literal["admin", "shift_manager", "team_leader", "qa_reviewer", "agent", "auditor"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_safe_url(url: str) -> bool:
    """``https://``, or plain to this machine; no account, no query, no fragment."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return is_plain and bool(parts.hostname) and (parts.scheme == "https" or is_here)


class Oidc(Section):
    """An identity provider. Its accounts are made at their first sign-in, with the role of the first mapped value."""

    issuer: str = Field("", description="https://..., as the provider names itself; empty: passwords only")
    client_id: str = Field("", max_length=200, description="as the provider knows this house")
    secret_file: str = Field("", description="file with the client secret, mode 600; empty: none, PKCE alone")
    label: str = Field("统一身份认证", max_length=40, description="what stands on the button")
    base_url: str = Field(
        "", description="https://HOST as browsers reach this house; empty: as each request says"
    )
    name_claim: str = Field("preferred_username", description="claim with the account's name")
    role_claim: str = Field("groups", description="claim with the person's roles or groups, one or a list")
    roles: dict[str, RoleName] = Field(
        {}, description="value of that claim -> role; the first that fits, in this order; nobody without one"
    )
    seat_claim: str = Field("", description="claim with the seat number; empty: given by an administrator")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.issuer:
            return self
        if not is_safe_url(self.issuer):
            raise ValueError(
                f"“{self.issuer}”须写成 https://主机[/路径] / '{self.issuer}' is not https://HOST[/PATH]"
            )
        if not self.client_id or not self.roles:
            raise ValueError(
                "写了 issuer 就须写 client_id，roles 里至少一条 / an issuer needs a client_id and at least one entry in roles"
            )
        if self.base_url and (
            not is_safe_url(self.base_url) or not re.fullmatch(r"https?://[^/]+", self.base_url)
        ):
            raise ValueError(f"“{self.base_url}”须写成 https://主机 / '{self.base_url}' is not https://HOST")
        return self


class SignIn(Section):
    """Signing in to the desks."""

    managers_need_code: bool = Field(
        False, description="administrators and shift managers must set up one-time codes (TOTP)"
    )
    oidc: Oidc = Oidc()
