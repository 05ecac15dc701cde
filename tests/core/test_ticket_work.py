"""What a person makes of a ticket: corrections, endings, and nobody overwritten unseen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callcenter.core.errors import UsageError
from callcenter.tickets.core.work import Standing, Work, correct, end, reopen

pytestmark = pytest.mark.core

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_correction_is_kept_and_taken_back() -> None:
    """Named fields only; an empty text lets the suggestion stand again."""
    first = correct(Work(), {"nature": "complaint", "place": "枣园小区"}, 0, "li", NOW)
    assert (first.nature, first.place, first.topic, first.version, first.by) == (
        "complaint",
        "枣园小区",
        None,
        1,
        "li",
    )
    second = correct(first, {"nature": ""}, 1, "wang", NOW)
    assert (second.nature, second.place, second.by) == (None, "枣园小区", "wang")


def test_what_is_no_field_is_not_set() -> None:
    """Standing and version are not typed."""
    assert correct(Work(), {"standing": "answered", "version": "7"}, 0, "li", NOW).standing is Standing.OPEN


@pytest.mark.parametrize("version", [0, 2])
def test_who_has_not_seen_the_newest_is_refused(version: int) -> None:
    """And learns who was faster."""
    work = correct(Work(), {"note": "x"}, 0, "li", NOW)
    changes: list[Callable[[], Work]] = [
        lambda: correct(work, {"note": "y"}, version, "wang", NOW),
        lambda: end(work, Standing.ANSWERED, (), version, "wang", NOW),
        lambda: reopen(work, version, "wang", NOW),
    ]
    for change in changes:
        with pytest.raises(UsageError, match="li changed") as caught:
            change()
        assert caught.value.code == "wrong_version"


def test_an_ending_needs_what_a_ticket_must_say() -> None:
    """Nature and topic; a unit for who hands it on. Then nothing changes until it is opened again."""
    with pytest.raises(UsageError, match="nature, unit"):
        end(Work(), Standing.HANDED_ON, ("nature",), 0, "li", NOW)
    done = end(replace(Work(), unit="住建局"), Standing.HANDED_ON, (), 0, "li", NOW)
    assert (done.standing, done.version) == (Standing.HANDED_ON, 1)
    changes: list[Callable[[], Work]] = [
        lambda: correct(done, {"note": "x"}, 1, "li", NOW),
        lambda: end(done, Standing.ANSWERED, (), 1, "li", NOW),
    ]
    for change in changes:
        with pytest.raises(UsageError) as caught:
            change()
        assert caught.value.code == "wrong_ticket_state"
    assert reopen(done, 1, "zhou", NOW).standing is Standing.OPEN


def test_an_open_ticket_is_not_opened() -> None:
    """Somebody looks at an old page."""
    with pytest.raises(UsageError):
        reopen(Work(), 0, "li", NOW)
