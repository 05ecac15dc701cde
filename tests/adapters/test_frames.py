"""The strict judge of AMI blocks: honest ones become frames, forged ones do not."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.frames import Frame, SuspiciousFrame, parse
from callcenter.core.errors import PeerError

pytestmark = pytest.mark.adapters

SNAPSHOT = (
    "Channel: PJSIP/trunk-00000001\r\nChannelState: 6\r\nCallerIDNum: {number}\r\nCallerIDName: citizen\r\n"
    "Uniqueid: c-1.1\r\nLinkedid: c-1.1"
)
JOIN = f"Event: QueueCallerJoin\r\n{SNAPSHOT}\r\nQueue: general\r\nPosition: 1\r\nCount: 1"


def test_names_are_found_without_regard_to_case_and_repeats_are_kept() -> None:
    """A frame is a multi-dict in order."""
    frame = parse("Event: Test\r\nChanVariable: A=1\r\nEmpty: \r\nchanvariable: B: 2")
    assert frame.event == "Test"
    assert frame.get("CHANVARIABLE") == "A=1"
    assert frame.all("ChanVariable") == ("A=1", "B: 2")
    assert frame.get("Empty", "x") == ""
    assert not frame.has("Missing")
    with pytest.raises(PeerError) as caught:
        frame.need("Missing")
    assert caught.value.code == "bad_frame"


def test_the_text_of_a_frame_shows_no_values() -> None:
    """A frame that lands in a log tells its kind only."""
    assert "138" not in repr(parse("Event: X\r\nCallerIDNum: 13800000000"))


def test_originate_response_is_an_event() -> None:
    """It has Event and Response; the first line decides."""
    frame = parse("Event: OriginateResponse\r\nResponse: Failure\r\nActionID: 1")
    assert frame.event == "OriginateResponse"


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("", "not_a_header"),
        ("Hello", "not_a_header"),
        (": x", "not_a_header"),
        ("Channel: x\r\nEvent: Hangup", "bad_opening"),
        ("Response: Success\r\nEvent: Hangup", "event_inside_response"),
        ("Event: A\r\nEvent: B", "header_twice"),
        ("Event: A\r\nUniqueid: 1\r\nUNIQUEID: 2", "header_twice"),
        ("Event: A\r\nX: 1\nLinkedid: 2", "stray_line_break"),
        ("Event: A\r\nX: 1\rLinkedid: 2", "stray_line_break"),
        ("Event: A\r\nX: \0", "stray_line_break"),
        ("Event: Newchannel\r\nChannelState: 4\r\nCallerIDNum: 1", "snapshot_cut_short"),
        ("Event: DialBegin\r\nDestChannelState: 4\r\nDestCallerIDNum: 1", "snapshot_cut_short"),
        ("Event: QueueEntry\r\nPosition: 1\r\nUniqueid: 1\r\nCallerIDNum: 1", "entry_cut_short"),
    ],
)
def test_damaged_and_forged_blocks_are_refused(block: str, reason: str) -> None:
    """Each kind of forgery has its own stable word."""
    with pytest.raises(SuspiciousFrame) as caught:
        parse(block)
    assert caught.value.reason == reason


FORGED = st.sampled_from(
    ["Event: Hangup", "Uniqueid: c-9.9", "Linkedid: c-9.9", "Queue: x", "CallerIDNum: 2"]
)


@given(st.lists(FORGED, min_size=1, max_size=5), st.sampled_from(["\r\n", "\r\n\r\n", "\n", "\r"]))
def test_text_after_a_line_break_in_a_number_never_goes_unnoticed(lines: list[str], gap: str) -> None:
    """Whatever a caller number smuggles in, a block is flagged, and no frame shows a forged queue or call."""
    hostile = JOIN.format(number="1" + gap + gap.join(lines))
    frames: list[Frame] = []
    flagged = 0
    for block in hostile.split("\r\n\r\n"):
        try:
            frames.append(parse(block))
        except SuspiciousFrame:
            flagged += 1
    assert flagged
    assert not any(frame.event == "QueueCallerJoin" for frame in frames)


@given(st.text(max_size=200))
def test_any_text_is_a_frame_or_suspicious(text: str) -> None:
    """The parser has no third way to end."""
    with contextlib.suppress(SuspiciousFrame):
        assert parse(text).pairs
