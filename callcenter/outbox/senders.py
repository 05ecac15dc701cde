"""The ways out of the house for short messages: a JSON API over HTTP, or mail to a gateway that makes SMS of it.

Invariant: the same entry has the same id at every try, so that a gateway can drop what it got twice; nothing of number,
text or secret appears in an error.
"""

import asyncio
import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from callcenter.core.errors import PeerError, UsageError
from callcenter.outbox.section import Sms, is_here

ANSWER_BYTES_MAX: Final = 16 * 1024
SMTPS_PORT: Final = 465
WAIT_STATUSES: Final = frozenset({408, 425, 429})
"""Refusals that a later try may overcome; every other 4xx is final."""


class Undelivered(PeerError):
    """The gateway did not take a message; ``retryable`` says whether trying again can help."""

    def __init__(self, code: str, *, retryable: bool = True):
        super().__init__("the gateway did not take the message", code=code, retryable=retryable)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way. ``id``: the same at every try."""

    id: str
    number: str
    text: str


class Sender(Protocol):
    """A way out."""

    async def send(self, message: Outgoing) -> None:
        """Hand it to the gateway.

        Raises:
            Undelivered: it was not taken.
        """

    async def close(self) -> None:
        """Let connections go."""


class GatewaySecrets(BaseModel):
    """``HOME/secrets/sms.json``: what the gateway wants to see; never printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    headers: Mapping[str, str] = {}
    user: str = ""
    password: str = ""


def load_gateway_secrets(folder: Path) -> GatewaySecrets:
    """The secrets of the gateway; none without the file. Its mode is made 600.

    Raises:
        UsageError: ``bad_secrets``.
    """
    path = folder / "sms.json"
    try:
        text = path.read_text("utf-8")
        path.chmod(0o600)
        return GatewaySecrets.model_validate_json(text)
    except FileNotFoundError:
        return GatewaySecrets()
    except (OSError, ValidationError, UnicodeDecodeError):
        raise UsageError(
            f'{path} must be JSON such as {{"headers": {{"Authorization": "Bearer ..."}}}}, '
            'or {"user": "...", "password": "..."} for mail',
            code="bad_secrets",
        ) from None


def build_sender(settings: Sms, secrets: GatewaySecrets) -> Sender | None:
    """The way that the settings name; ``None``: none is set."""
    match settings.sender:
        case "http":
            return HttpSender(settings, secrets)
        case "smtp":
            return MailSender(settings, secrets)
        case _:
            return None


@dataclass
class HttpSender:
    """Posts JSON. A redirect is a refusal: messages go where the operator said, nowhere else."""

    settings: Sms
    secrets: GatewaySecrets = field(repr=False)
    _session: aiohttp.ClientSession | None = None

    async def send(self, message: Outgoing) -> None:
        """See :class:`Sender`."""
        body = filled(json.loads(self.settings.body), message)
        headers = {**self.secrets.headers, "Idempotency-Key": message.id}
        try:
            async with self._http().post(
                self.settings.url, json=body, headers=headers, allow_redirects=False
            ) as answer:
                self._judge(answer.status, await answer.content.read(ANSWER_BYTES_MAX))
        except TimeoutError:
            raise Undelivered("gateway_silent") from None
        except aiohttp.ClientError:
            raise Undelivered("gateway_unreachable") from None

    async def close(self) -> None:
        """See :class:`Sender`."""
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=self.settings.timeout_s)
            self._session = aiohttp.ClientSession(timeout=limit)
        return self._session

    def _judge(self, status: int, answer: bytes) -> None:
        if not 200 <= status < 300:
            final = 400 <= status < 500 and status not in WAIT_STATUSES
            raise Undelivered(f"gateway_{status}", retryable=not final)
        if self.settings.accepted.encode() not in answer:
            raise Undelivered("gateway_refused")


@dataclass
class MailSender:
    """Mails each message to the gateway's address of the number; smtplib works in a thread."""

    settings: Sms
    secrets: GatewaySecrets = field(repr=False)

    async def send(self, message: Outgoing) -> None:
        """See :class:`Sender`."""
        try:
            await asyncio.to_thread(self._deliver, self._mail(message))
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"gateway_{error.smtp_code}", retryable=error.smtp_code < 500) from None
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise Undelivered(f"gateway_{code}", retryable=code < 500) from None
        except TimeoutError:
            raise Undelivered("gateway_silent") from None
        except (OSError, smtplib.SMTPException):
            raise Undelivered("gateway_unreachable") from None

    async def close(self) -> None:
        """See :class:`Sender`."""

    def _mail(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        domain = self.settings.mail_from.rpartition("@")[2]
        mail["From"] = self.settings.mail_from
        mail["To"] = self.settings.mail_to.replace("{number}", message.number)
        mail["Subject"] = "SMS"
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        mail.set_content(message.text)
        return mail

    def _deliver(self, mail: EmailMessage) -> None:
        host, _, port = self.settings.smtp.rpartition(":")
        with self._connect(host, int(port)) as server:
            if self.secrets.user:
                server.login(self.secrets.user, self.secrets.password)
            server.send_message(mail)

    def _connect(self, host: str, port: int) -> smtplib.SMTP:
        timeout, context = self.settings.timeout_s, ssl.create_default_context()
        if port == SMTPS_PORT:
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        server = smtplib.SMTP(host, port, timeout=timeout)
        if not is_here(host):
            server.starttls(context=context)
        return server


def filled(template: Any, message: Outgoing) -> Any:
    """The template with its placeholders filled in every string: whatever a text holds, it stays one JSON string."""
    if isinstance(template, dict):
        return {key: filled(value, message) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, message) for value in template]
    if isinstance(template, str):
        values = {"{number}": message.number, "{text}": message.text, "{id}": message.id}
        return _replaced(template, values)
    return template


def _replaced(template: str, values: Mapping[str, str]) -> str:
    """Each placeholder once, so that a text that looks like a placeholder stays what it is."""
    for name, value in values.items():
        head, found, tail = template.partition(name)
        if found:
            return _replaced(head, values) + value + _replaced(tail, values)
    return template
