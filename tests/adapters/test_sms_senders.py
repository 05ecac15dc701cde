"""Short messages leave the house: by a real HTTP server, by a real mail server, with secrets and templates."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from sms_gateways import http_gateway, smtp_gateway

from callcenter.core.errors import UsageError
from callcenter.outbox.section import Sms
from callcenter.outbox.senders import (
    GatewaySecrets,
    Outgoing,
    Sender,
    Undelivered,
    build_sender,
    filled,
    load_gateway_secrets,
)

pytestmark = pytest.mark.adapters

MESSAGE = Outgoing("yanan-7", "13812345678", '工单"1"{number}\n【x】')


def built(settings: Sms, secrets: GatewaySecrets | None = None) -> Sender:
    """The sender that the settings name."""
    sender = build_sender(settings, secrets or GatewaySecrets())
    assert sender is not None
    return sender


async def refusal(sender: Sender) -> tuple[str, bool]:
    """Code of the refusal, and whether another try may help."""
    with pytest.raises(Undelivered) as refused:
        await sender.send(MESSAGE)
    return refused.value.code, refused.value.retryable


async def test_a_message_is_posted_as_the_template_says() -> None:
    """The JSON of the operator's template, whatever the text holds; the id and the secret header go along."""
    async with http_gateway() as gateway:
        settings = Sms(
            sender="http",
            url=gateway.url,
            body='{"to": ["+86{number}"], "content": {"text": "{text}"}, "seq": "{id}", "type": 1}',
        )
        sender = built(settings, GatewaySecrets(headers={"Authorization": "Bearer s3cret"}))
        await sender.send(MESSAGE)
        await sender.close()
        ((headers, body),) = gateway.got
    assert body == {"to": ["+8613812345678"], "content": {"text": MESSAGE.text}, "seq": "yanan-7", "type": 1}
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Idempotency-Key"] == "yanan-7"


@pytest.mark.parametrize(
    ("status", "again"),
    [(400, False), (401, False), (408, True), (429, True), (500, True), (503, True), (302, True)],
)
async def test_a_refusal_is_told_apart(status: int, again: bool) -> None:
    """What is wrong with the message stays wrong; what ails the gateway may pass; a redirect is not followed."""
    async with http_gateway() as gateway:
        gateway.answers.append((status, "no"))
        sender = built(Sms(sender="http", url=gateway.url))
        assert await refusal(sender) == (f"gateway_{status}", again)
        await sender.close()
        assert len(gateway.got) == 1


async def test_an_answer_that_says_no_is_no() -> None:
    """Some gateways answer 200 whatever happened: the text of an accepting answer is the operator's to name."""
    async with http_gateway() as gateway:
        sender = built(Sms(sender="http", url=gateway.url, accepted='"code":"OK"'))
        gateway.answers.append((200, '{"code":"LIMIT"}'))
        assert await refusal(sender) == ("gateway_refused", True)
        await sender.send(MESSAGE)
        await sender.close()


async def test_a_silent_or_absent_gateway_may_be_tried_again() -> None:
    """Neither hangs longer than the limit nor counts as final."""
    async with http_gateway() as gateway:
        gateway.hangs = True
        sender = built(Sms(sender="http", url=gateway.url, timeout_s=1))
        assert await refusal(sender) == ("gateway_silent", True)
        await sender.close()
    sender = built(Sms(sender="http", url=gateway.url))
    assert await refusal(sender) == ("gateway_unreachable", True)
    await sender.close()


async def test_a_message_is_mailed() -> None:
    """To the gateway's address of the number, in the operator's name, signed in; the text arrives as it is."""
    async with smtp_gateway() as gateway:
        settings = Sms(
            sender="smtp",
            smtp=gateway.address,
            mail_from="12345@city.example",
            mail_to="{number}@sms.example",
        )
        sender = built(settings, GatewaySecrets(user="u", password="p"))
        await sender.send(MESSAGE)
        gateway.refusals.extend(["451 later", "550 no such number"])
        assert await refusal(sender) == ("gateway_451", True)
        assert await refusal(sender) == ("gateway_550", False)
        (mail,) = gateway.got
    assert mail["To"] == "13812345678@sms.example"
    assert mail["From"] == "12345@city.example"
    assert mail["Message-ID"] == "<yanan-7@city.example>"
    assert mail.get_content().split("\r\n")[:2] == MESSAGE.text.split("\n")
    assert len(gateway.logins) == 3
    assert await refusal(sender) == ("gateway_unreachable", True)


def test_a_placeholder_in_a_text_stays_text() -> None:
    """What a citizen reads is never filled in a second time."""
    assert filled("{text}/{number}", MESSAGE) == f"{MESSAGE.text}/13812345678"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"sender": "http"}, "needs url"),
        ({"sender": "http", "url": "http://sms.example/x"}, "https://"),
        ({"sender": "http", "url": "ftp://127.0.0.1/"}, "https://"),
        ({"link_base": "http://hotline.example"}, "https://"),
        ({"sender": "smtp", "smtp": "mail.example:25", "mail_from": "a@b"}, "mail_to"),
        ({"smtp": "mail.example"}, "HOST:PORT"),
        ({"body": '{"to": "{number}"}'}, "{number} and {text}"),
        ({"body": "to={number}&text={text}"}, "must be JSON"),
        ({"sender": "pigeon"}, "'none', 'http' or 'smtp'"),
    ],
)
def test_a_gateway_that_cannot_work_is_refused(settings: dict[str, str], told: str) -> None:
    """At start, with the reason; personal data never leaves in the clear."""
    with pytest.raises(ValidationError, match=told):
        Sms.model_validate(settings)


def test_secrets_of_the_gateway(tmp_path: Path) -> None:
    """From a file that only the owner may read; without it there are none; nonsense is told without its content."""
    assert load_gateway_secrets(tmp_path) == GatewaySecrets()
    path = tmp_path / "sms.json"
    path.write_text(json.dumps({"headers": {"X-Key": "hidden"}}))
    path.chmod(0o644)
    secrets = load_gateway_secrets(tmp_path)
    assert secrets.headers == {"X-Key": "hidden"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert "hidden" not in repr(built(Sms(sender="http", url="https://sms.example"), secrets))
    path.write_text('{"token": "hidden"}')
    with pytest.raises(UsageError, match="must be JSON such as") as refused:
        load_gateway_secrets(tmp_path)
    assert "hidden" not in str(refused.value)
    assert build_sender(Sms(), secrets) is None
