"""The partner city at our web: only what it signed is read, once; and what our people see and may do about it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web_fakes import Browser, House, browsing
from web_fakes.partner import KEY, TOKEN

from callcenter.core.errors import UsageError
from callcenter.partner.signing import (
    NONCE,
    SIGNATURE,
    SKEW_S,
    TIME,
    Signer,
    key_path,
    load_key,
    make_key,
    tag_of,
)
from callcenter.partner.wire import BODY_MAX_BYTES, CAPACITY, OFFERS, Answer, Offer
from callcenter.settings import Settings
from callcenter.web.partner_door import GUESSES_MAX
from callcenter.web.ports.partner import NoPartner
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

BO = Offer(record="r-1", origin="铜川", caller="13800000002", urgent=False, waited_s=40, hops=0)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes with a partner."""
    return House(tmp_path)


def alone(house: House) -> House:
    """The house without a partner."""
    house.ports = replace(house.ports, partner=NoPartner())
    return house


async def send(
    browser: Browser, body: bytes, headers: Mapping[str, str], path: str = OFFERS
) -> tuple[int, Any]:
    """An offer as bytes."""
    told = {"Content-Type": "application/json", **headers}
    return await browser.ask("POST", path, data=body, headers=told)


def signed(house: House, body: bytes, key: bytes = KEY, late_s: float = 0.0) -> dict[str, str]:
    """The headers of a request that the partner makes now, or made ``late_s`` ago."""
    return Signer(key).headers("POST", OFFERS, body, house.clock.at().timestamp() - late_s)


async def test_a_signed_offer_is_answered_and_the_answer_is_sealed(house: House) -> None:
    """The record arrives whole; the answer belongs to this request and no other."""
    body = BO.model_dump_json().encode()
    headers = signed(house, body)
    async with browsing(house) as browser:
        answer = await browser.raw("POST", OFFERS, data=body, headers=headers)
        raw = await answer.read()
    assert answer.status == 200
    assert Answer.model_validate_json(raw) == Answer(accepted=True, token=TOKEN)
    assert house.partner.offers == [BO]
    assert Signer(KEY).is_sealed(headers, raw, answer.headers)
    assert not Signer(KEY).is_sealed(signed(house, body), raw, answer.headers)
    assert not Signer(bytes(32)).is_sealed(headers, raw, answer.headers)


async def test_an_offer_is_believed_once(house: House) -> None:
    """The very same request again is refused."""
    body = BO.model_dump_json().encode()
    headers = signed(house, body)
    async with browsing(house) as browser:
        assert (await send(browser, body, headers))[0] == 200
        status, refusal = await send(browser, body, headers)
    assert (status, refusal["error_id"]) == (401, "replayed")
    assert len(house.partner.offers) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "unsigned"),
        ({"late_s": SKEW_S + 1}, "stale"),
        ({"late_s": -SKEW_S - 1}, "stale"),
        ({"key": bytes(32)}, "bad_signature"),
        ({SIGNATURE: "0" * 64}, "bad_signature"),
        ({SIGNATURE: "é"}, "bad_signature"),
        ({NONCE: "0" * 32}, "bad_signature"),
        ({NONCE: "x"}, "unsigned"),
        ({TIME: "1e9"}, "unsigned"),
        (
            {"body": BO.model_copy(update={"hops": 0, "urgent": True}).model_dump_json().encode()},
            "bad_signature",
        ),
    ],
)
async def test_what_is_not_the_partners_is_not_read(house: House, change: dict[str, Any], code: str) -> None:
    """Unsigned, late, early, another key, another body, a changed header: refused, and nothing of it is parsed."""
    body = BO.model_dump_json().encode()
    headers = signed(house, body, change.get("key", KEY), change.get("late_s", 0.0)) if change else {}
    headers |= {name: value for name, value in change.items() if name in (TIME, NONCE, SIGNATURE)}
    async with browsing(house) as browser:
        status, refusal = await send(browser, change.get("body", body), headers)
    assert (status, refusal["error_id"]) == (401, code)
    assert house.partner.offers == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"record": "r-1"}',
        BO.model_dump_json().encode()[:-1] + b',"more":1}',
        BO.model_dump_json().replace('"13800000002"', '"1380000 2;"').encode(),
        BO.model_dump_json().replace('"r-1"', '"../r"').encode(),
        BO.model_dump_json().replace('"hops":0', '"hops":-1').encode(),
    ],
)
async def test_garbage_from_the_partner_is_refused(house: House, body: bytes) -> None:
    """Signed nonsense is nonsense."""
    async with browsing(house) as browser:
        status, refusal = await send(browser, body, signed(house, body))
    assert (status, refusal["error_id"]) == (422, "bad_offer")
    assert house.partner.offers == []


async def test_a_big_body_and_guesses_are_cut_short(house: House) -> None:
    """Too many bytes are not read, too many wrong signatures are not even looked at; a minute later the partner is heard."""
    async with browsing(house) as browser:
        big = b" " * (BODY_MAX_BYTES + 1)
        assert (await send(browser, big, signed(house, big)))[0] == 413
        for _ in range(GUESSES_MAX):
            assert (await send(browser, b"{}", {}))[0] == 401
        body = BO.model_dump_json().encode()
        assert (await send(browser, body, signed(house, body)))[0] == 429
        house.clock.advance(61)
        assert (await send(browser, body, signed(house, body)))[0] == 200


async def test_capacity_is_told_to_the_partner_alone(house: House) -> None:
    """Signed: a number; else nothing. Without a partner there is no such door."""
    async with browsing(house) as browser:
        headers = Signer(KEY).headers("GET", CAPACITY, b"", house.clock.at().timestamp())
        assert await browser.ask("GET", CAPACITY, headers=headers) == (200, {"free": 3})
        assert (await browser.ask("GET", CAPACITY))[0] == 401
    async with browsing(alone(house)) as browser:
        assert (await browser.ask("GET", CAPACITY))[1]["error_id"] == "unknown_partner"
        assert (await send(browser, b"{}", {}))[0] == 404


async def test_mutual_aid_is_shown_paused_and_audited(house: House) -> None:
    """Everybody sees it; who steers pauses it and gives callers back, with a reason that is kept."""
    async with browsing(house, Role.AGENT) as browser:
        status, shown = await browser.get("/partner")
        assert (status, shown["name"], shown["is_paused"]) == (200, "铜川", False)
        assert (await browser.post("/partner/pause", {"paused": True, "why": "停电"}))[0] == 403
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.post("/partner/pause", {"paused": True}))[0] == 422
        _, paused = await browser.post("/partner/pause", {"paused": True, "why": "停电"})
        assert paused["is_paused"]
        await browser.post("/partner/calls/c-1/give-back", {"why": "需本地办理"})
        status, refusal = await browser.post("/partner/calls/c-9/give-back", {"why": "需本地办理"})
        assert (status, refusal["error_id"]) == (404, "unknown_contact")
    assert house.partner.done == [(True, "shift_manager", "停电"), ("c-1", "shift_manager")]
    actions = [entry.action for entry in house.audit.entries if entry.action.startswith("partner.")]
    assert actions[:2] == ["partner.pause_asked", "partner.given_back"]
    async with browsing(alone(house), Role.ADMIN) as browser:
        assert (await browser.get("/partner"))[0] == 404


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """Mode 600, 256 bits; one that others may read, or that is none, is refused with what to do."""
    settings = Settings.model_validate({"home": str(tmp_path)})
    path = key_path(settings)
    with pytest.raises(UsageError, match="callcenter partner key"):
        load_key(path)
    assert make_key(path)
    assert not make_key(path)
    key = load_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.hex()[:16] not in tag_of(key)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        load_key(path)
    path.write_text("secret")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="64 hexadecimal"):
        load_key(path)


def test_a_flood_of_nonces_is_refused_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the memory is full nobody is believed until old requests are stale."""
    monkeypatch.setattr("callcenter.partner.signing.NONCES_MAX", 2)
    signer, now_s = Signer(KEY), 1_790_000_000.0
    for _ in range(2):
        signer.check("GET", CAPACITY, b"", signer.headers("GET", CAPACITY, b"", now_s), now_s)
    with pytest.raises(UsageError, match="made before"):
        signer.check("GET", CAPACITY, b"", signer.headers("GET", CAPACITY, b"", now_s), now_s)
    later = now_s + 2 * SKEW_S + 1
    signer.check("GET", CAPACITY, b"", signer.headers("GET", CAPACITY, b"", later), later)
