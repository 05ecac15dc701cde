"""The settings of seats' phones (话机): which are pages of the browser, where those connect, and by which certificate."""

import re
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from callcenter.sections import Section, parse_address

_SEAT = re.compile(r"8[01][0-9]{2}", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9/._-]+", re.ASCII)


class Phones(Section):
    """Each seat's phone is a page of the browser (软电话) or any SIP phone, hardware or program: an equal choice."""

    browser: tuple[str, ...] = Field(
        ("8017", "8136"),
        description="seats whose phone is the agent desk itself; all others are SIP phones. The default names the last of each kind",
    )
    must_check: bool = Field(
        False, description="a seat with a browser phone logs in only after a good line check (线路检测)"
    )
    listen: str = Field(
        "",
        max_length=60,
        description="where Asterisk waits for browser phones, IP:PORT; empty: 127.0.0.1 and a port chosen once",
    )
    url: str = Field(
        "",
        max_length=200,
        description="as browsers reach it, wss://HOST[:PORT]/ws; empty: derived from 'listen'",
    )
    tls_cert: str = Field(
        "", description="PEM file for web (https) and browser phones (wss); empty: plain, for localhost only"
    )
    tls_key: str = Field("", description="its key, PEM, mode 600; 'callcenter tls make' makes a pair")

    @property
    def has_tls(self) -> bool:
        """Whether web and browser phones are encrypted."""
        return bool(self.tls_cert)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for seat in self.browser:
            if not _SEAT.fullmatch(seat):
                raise ValueError(
                    f"browser 里的“{seat}”不是坐席号，例如 8017 / '{seat}' in browser is no seat, for example 8017"
                )
        if self.listen:
            parse_address(self.listen)
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError(
                "tls_cert 和 tls_key 须同时写或都不写 / tls_cert and tls_key go together: name both, or none"
            )
        if self.url and not _is_socket(self.url):
            raise ValueError(
                f"“{self.url}”须写成 wss://主机[:端口]/ws / '{self.url}' is not wss://HOST[:PORT]/ws"
            )
        return self


def _is_socket(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not parts.username and not parts.query and not parts.fragment
    is_host = re.fullmatch(r"[A-Za-z0-9.:-]+", parts.hostname or "", re.ASCII) is not None
    return parts.scheme in ("ws", "wss") and is_plain and is_host and _PATH.fullmatch(parts.path) is not None
