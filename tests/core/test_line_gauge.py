"""What a line loses, from counts that are told only now and then."""

import pytest

from queues.core.line_gauge import LineFigures, LineGauge

pytestmark = pytest.mark.core

PACKETS_A_SECOND = 50
REPORT_S = 5


def reading(second: int, share_in: float, share_out: float, jitter_s: float = 0.0) -> LineFigures:
    """A line after so many seconds; losses are as of the last report."""
    sent = second * PACKETS_A_SECOND
    reported = second // REPORT_S * REPORT_S * PACKETS_A_SECOND
    return LineFigures(
        received=round(sent * (1 - share_in)),
        lost_in=round(reported * share_in),
        sent=sent,
        lost_out=round(reported * share_out),
        jitter_s=jitter_s,
        rtt_s=0.0,
    )


@pytest.mark.parametrize("seconds", [6, 9, 11, 14, 24])
@pytest.mark.parametrize(("share_in", "share_out"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.3), (0.04, 0.02)])
def test_shares_are_right_whenever_the_test_ends(seconds: int, share_in: float, share_out: float) -> None:
    """Packets that no report can know yet do not make a line better than it is."""
    gauge = LineGauge()
    for second in range(1, seconds + 1):
        gauge.note(reading(second, share_in, share_out))
    assert gauge.share_in == pytest.approx(share_in, rel=0.15, abs=0.001)
    assert gauge.loss_out.share == pytest.approx(share_out, rel=0.15, abs=0.001)


def test_a_phone_of_which_nothing_comes_loses_everything() -> None:
    """Its numbers have no gap, for there are none."""
    gauge = LineGauge()
    gauge.note(LineFigures(received=0, lost_in=0, sent=100, lost_out=0, jitter_s=0.0, rtt_s=0.0))
    assert (gauge.share_in, gauge.jitter_s) == (1.0, 0.0)


def test_a_phone_that_begins_to_send_late_is_not_blamed_for_a_report_before() -> None:
    """One lost packet of many is no loss worth naming, when the last report is old."""
    gauge = LineGauge()
    for received, lost in ((10, 1), (500, 1), (1000, 1)):
        gauge.note(LineFigures(received, lost, received, 0, 0.0, 0.0))
    assert gauge.share_in < 0.002


def test_jitter_is_what_it_has_risen_to() -> None:
    """The running estimate begins at nothing."""
    gauge = LineGauge()
    for second in range(1, 11):
        gauge.note(reading(second, 0.0, 0.0, jitter_s=min(second, 4) * 0.01))
    assert gauge.jitter_s == pytest.approx(0.04)
