"""Promises: one per citizen, in order, counted before the telephone rings."""

import pytest

from queues.core.callbacks import CALLS, COURTESY, MESSAGES, CallbackRules, PromiseBook
from queues.core.dialogue import Ground, Promise

pytestmark = pytest.mark.core


@pytest.fixture
def book() -> PromiseBook:
    """Three tries, half an hour apart."""
    return PromiseBook(CallbackRules(max_tries=3, retry_gap_s=1800))


def test_one_promise_per_citizen(book: PromiseBook) -> None:
    """A missed call that becomes an accepted call-back is one promise, with the tries it had."""
    book.make("a", Ground.MISSED, 0)
    book.begin_try("a", 10)
    promise = book.make("a", Ground.ACCEPTED, 20)
    assert (book.count(CALLS), promise.tries, promise.due) == (1, 1, 1810)


def test_the_oldest_due_comes_first(book: PromiseBook) -> None:
    """First promised, first dialed; a retry waits for its gap."""
    book.make("a", Ground.MISSED, 0)
    book.make("b", Ground.ACCEPTED, 1)
    book.begin_try("a", 2)
    first = book.first_due(CALLS, 3)
    assert first is not None
    assert first.caller == "b"
    book.drop("b")
    assert book.first_due(CALLS, 1801) is None
    assert book.first_due(CALLS, 1802) is not None


def test_tries_run_out(book: PromiseBook) -> None:
    """After the third try the promise is exhausted."""
    book.make("a", Ground.MISSED, 0)
    tried = [book.begin_try("a", at) for at in (0, 1800, 3600)]
    assert [book.is_exhausted(promise) for promise in tried] == [False, False, True]


def test_shelves(book: PromiseBook) -> None:
    """Calls, unheard messages and courtesy calls are kept apart."""
    book.make("a", Ground.MISSED, 0)
    book.make("b", Ground.MESSAGE, 0)
    book.put(Promise("c", Ground.MESSAGE, 0, 0, reviewed=True))
    assert [book.count(shelf) for shelf in (CALLS, MESSAGES, COURTESY)] == [1, 1, 1]


def test_a_message_under_review_is_nobody_elses(book: PromiseBook) -> None:
    """While a seat reviews it, it is owed but not due."""
    book.make("a", Ground.MESSAGE, 0)
    book.begin_review("a")
    assert book.first_due(MESSAGES, 1e9) is None
    assert book.count(MESSAGES) == 1
    assert book.next_due() is None
