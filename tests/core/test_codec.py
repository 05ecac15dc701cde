"""Messages as JSON and back, for every message that there is."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core import codec
from callcenter.core.errors import OurError
from callcenter.core.masking import mask_number, masked
from callcenter.core.messages import calls, link, seats, work
from callcenter.core.messages.base import Message

pytestmark = pytest.mark.core

KINDS = [
    kind
    for module in (calls, link, seats, work)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
]
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8))])
st.register_type_strategy(datetime, st.datetimes(timezones=ZONES))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@given(st.sampled_from(KINDS).flatmap(st.from_type))
def test_every_message_comes_back(message: Message) -> None:
    """Whatever a message holds, decoding its JSON gives the same message."""
    data = json.loads(json.dumps(codec.encode(message)))
    assert codec.decode(message.type, data) == message


def test_types_name_one_message_each() -> None:
    """No two messages share a name in the journal."""
    names = [kind.type for kind in KINDS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("call.unheard_of", {}),
        ("call.queued", {}),
        ("call.queued", {"contact_id": "c", "queue": "q", "position": "first"}),
        ("call.ended", {"contact_id": "c", "cause": 16, "at": "yesterday"}),
        ("seat.asked", {"seat_id": "8001", "request": "dance", "reason": "", "by": ""}),
    ],
)
def test_what_does_not_fit_is_our_error(type_: str, data: dict[str, object]) -> None:
    """A journal that another program damaged is named, not guessed at."""
    with pytest.raises(OurError) as caught:
        codec.decode(type_, data)
    assert caught.value.code == "bad_journal"


def test_the_subject_is_what_the_data_names() -> None:
    """Contact, seat and queue of a message are its subject."""
    data = {"contact_id": "c", "queue": "q", "seat_id": None, "position": 3}
    assert codec.subject(data) == {"contact_id": "c", "queue": "q"}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("", ""),
        ("12345", "****"),
        ("1234567", "****"),
        ("02988886666", "029****6666"),
    ],
)
def test_a_number_is_masked(number: str, shown: str) -> None:
    """Head and tail stay, the middle goes; what is too short goes as a whole."""
    assert mask_number(number) == shown


def test_masking_reaches_nested_values() -> None:
    """Numbers are masked wherever they stand in a message."""
    data = {"calls": [{"caller": "13812345678", "called": "12345"}], "number": "13812345678"}
    assert masked(data) == {"calls": [{"caller": "138****5678", "called": "12345"}], "number": "138****5678"}
