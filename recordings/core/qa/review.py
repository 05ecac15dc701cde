"""The life of a review (质检), and who may see it when.

Invariant: of two reviews of one call neither reviewer sees the other's before both are done; the agent sees them only
when nobody can be swayed any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.errors import UsageError
from callcenter.core.transitions import LifeCycle


class ReviewState(StrEnum):
    """Where a review is."""

    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    ANSWERED = "answered"
    """The agent has made a statement."""
    RULED = "ruled"
    """It was decided what becomes of the statement."""


class ReviewEvent(StrEnum):
    """What moves a review."""

    SUBMIT = "submit"
    ANSWER = "answer"
    RULE = "rule"


class Ruling(StrEnum):
    """What became of an agent's statement."""

    UPHELD = "upheld"
    """The review stays."""
    CORRECTED = "corrected"
    """The review is corrected; the first grades stay on record."""


_S, _E = ReviewState, ReviewEvent
REVIEW: LifeCycle[ReviewState, ReviewEvent] = LifeCycle(
    "review",
    _S.ASSIGNED,
    frozenset({_S.RULED}),
    {
        (_S.ASSIGNED, _E.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _E.ANSWER): _S.ANSWERED,
        (_S.ANSWERED, _E.RULE): _S.RULED,
    },
)
"""The life of a review; many end as ``submitted``."""


@dataclass(frozen=True, slots=True)
class Round:
    """A review as far as blindness goes: whose it is and where it stands."""

    reviewer: str
    state: ReviewState


def after(state: ReviewState, event: ReviewEvent) -> ReviewState:
    """The state after ``event``.

    Raises:
        UsageError: code ``wrong_review_state``: this cannot happen now.
    """
    if not REVIEW.allows(state, event):
        raise UsageError(
            f"the review is {state.value}: {event.value} comes too {_when(state, event)}",
            code="wrong_review_state",
        )
    return REVIEW.next(state, event)


def is_open_to(viewer: str, rounds: Sequence[Round], asked: Round) -> bool:
    """Whether ``viewer`` may see the grades of ``asked``: his own always, others' when all ``rounds`` of the call are done."""
    return asked.reviewer == viewer or is_settled(rounds)


def is_settled(rounds: Sequence[Round]) -> bool:
    """Whether every review of the call is done."""
    return all(each.state is not ReviewState.ASSIGNED for each in rounds)


def _when(state: ReviewState, event: ReviewEvent) -> str:
    order = list(ReviewEvent)
    done = list(ReviewState).index(state)
    return "late" if order.index(event) < done else "early"
