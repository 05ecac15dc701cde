"""The settings of short messages (短信): which are sent, how often at most, and by which gateway.

Invariant: numbers and texts of citizens leave this machine encrypted, or not at all.
"""

import ipaddress
import json
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from callcenter.sections import Section

NUMBER, TEXT = "{number}", "{text}"
"""What a template must have; ``{id}``, which stays the same however often a message is tried, it may have."""


class Sms(Section):
    """Short messages (短信): kept until a gateway is set, then sent; secrets of the gateway are in HOME/secrets/sms.json."""

    sender: Literal["none", "http", "smtp"] = Field(
        "none", description="none: messages are kept and shown, not sent; http: a JSON API; smtp: mail to SMS"
    )
    url: str = Field("", description="http: where a message is posted; https, unless it is this machine")
    body: str = Field(
        '{"phone": "{number}", "content": "{text}", "id": "{id}"}',
        description="http: the JSON that is posted, with {number}, {text}, {id} in strings",
    )
    accepted: str = Field(
        "", description="http: text that the answer to an accepted message holds; empty: any 2xx"
    )
    smtp: str = Field(
        "", description="smtp: HOST:PORT of the mail server; STARTTLS, unless it is this machine"
    )
    mail_from: str = Field("", description="smtp: address of the sender")
    mail_to: str = Field("", description="smtp: address of a citizen, with {number} in it")
    timeout_s: int = Field(10, ge=1, le=60, description="how long the gateway may take")
    sign: str = Field("【{city}12345】", max_length=40, description="what each message begins with")
    missed: bool = Field(True, description="a missed caller is told that he will be called back")
    ticket: bool = Field(True, description="the number and the PIN of his ticket are sent to the citizen")
    rating: bool = Field(True, description="who did not rate by key gets a link; needs link_base")
    rating_after_s: int = Field(120, ge=0, le=86_400, description="wait for the keys before the link is sent")
    link_base: str = Field(
        "", description="address of this server as citizens reach it, as https://12345.example.gov.cn"
    )
    link_days: int = Field(7, ge=1, le=60, description="how long a link to rate is good")
    gap_h: int = Field(
        24,
        ge=1,
        le=720,
        description="hours in which a number gets at most one message of a kind about a thing",
    )
    day_max: int = Field(5, ge=1, le=50, description="messages that a number gets in 24 hours at most")
    max_tries: int = Field(5, ge=1, le=20, description="tries until a message counts as failed")
    expires_h: int = Field(24, ge=1, le=168, description="after this a message is not sent any more")
    kept_days: int = Field(30, ge=1, le=400, description="how long it is known who was sent what kind when")

    @field_validator("body")
    @classmethod
    def _check_body(cls, text: str) -> str:
        try:
            json.loads(text)
        except ValueError:
            raise ValueError(
                '须是 JSON，例如 {"to": "{number}", "text": "{text}"} / must be JSON, for example '
                '{"to": "{number}", "text": "{text}"}'
            ) from None
        if NUMBER not in text or TEXT not in text:
            raise ValueError("须含 {number} 和 {text} / needs {number} and {text}")
        return text

    @field_validator("url", "link_base")
    @classmethod
    def _check_url(cls, text: str) -> str:
        if text and not is_private(text):
            raise ValueError(
                "须以 https:// 开头（http:// 只能指向本机） / must begin with https:// (http:// is for this machine only)"
            )
        return text.rstrip("/")

    @field_validator("smtp")
    @classmethod
    def _check_smtp(cls, text: str) -> str:
        host, _, port = text.rpartition(":")
        if text and not (host and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise ValueError(
                "须写成 主机:端口，例如 mail.example.gov.cn:587 / must be HOST:PORT, for example mail.example.gov.cn:587"
            )
        return text

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sender == "http" and not self.url:
            raise ValueError("用 http 发送须写 url / sender 'http' needs url")
        if self.sender == "smtp" and not (self.smtp and "@" in self.mail_from and NUMBER in self.mail_to):
            raise ValueError(
                "用 smtp 发送须写 smtp、mail_from 和含 {number} 的 mail_to / sender 'smtp' needs smtp, mail_from, and "
                "mail_to with {number}"
            )
        return self


def is_private(url: str) -> bool:
    """Whether nobody reads along: TLS, or this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
    )


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
