"""Assesses one call by the rules: findings, a score, and how sure it is. The same call and rules give the same answer.

A finding is a suspicion (疑点) of the machine; only people's reviews make it a fact about an agent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from recordings.core.qa import crosschecks, measured, spoken
from recordings.core.qa.facts import Call, CallFacts, ready
from recordings.core.qa.hits import Hit
from recordings.core.qa.rules import (
    Forbidden,
    HoldTime,
    Interruptions,
    Missing,
    Overtalk,
    Promise,
    Rate,
    Recorded,
    Repeated,
    Required,
    Rule,
    RuleSet,
    Severity,
    Silence,
    Soothed,
    Transfers,
    Urgent,
)

FINDINGS_MAX: Final = 20
"""Findings of one rule that are kept."""
DEMO_CERTAINTY: Final = 0.3
"""What the demo model heard is at most so certain: it recognizes no people."""
FULL_SCORE: Final = 100.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found at one place of the call.

    ``channel``: ``citizen``, ``agent`` or ``""``; ``from_s``, ``to_s``: seconds of the recording, ``None`` for the
    whole call; ``words``: what was said there, numbers of persons masked; ``confidence``: 0..1, how sure it is.
    """

    rule_id: str
    severity: Severity
    points: float
    channel: str
    from_s: float | None
    to_s: float | None
    words: str
    confidence: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say about one call.

    ``score``: 100 minus the findings' points, each weighted with its confidence; ``certainty``: 0..1, mean confidence
    of the words, times the share of the talk that was heard, at most ``DEMO_CERTAINTY`` with the demo model, 0 when
    the agent was not heard at all.
    """

    model: str
    is_demo: bool
    rules_version: str
    score: float
    certainty: float
    findings: tuple[Finding, ...]

    @property
    def concern(self) -> float:
        """0..1: how much a person should look. The worst and the most uncertain calls have the most."""
        return round(1.0 - self.score / FULL_SCORE * self.certainty, 4)


def assess(facts: CallFacts, rules: RuleSet) -> Assessment:
    """Check a call by all rules."""
    call = ready(facts)
    by_rule = {rule_id: _findings(rule_id, rule, call) for rule_id, rule in rules.rules.items()}
    lost = sum(_points(rules.rules[rule_id], found) for rule_id, found in by_rule.items())
    findings = [finding for found in by_rule.values() for finding in found]
    return Assessment(
        facts.model,
        facts.is_demo,
        rules.version,
        round(max(0.0, FULL_SCORE - lost), 2),
        round(_certainty(call), 4),
        tuple(sorted(findings, key=_weight)),
    )


def check(rule: Rule, call: Call) -> Iterable[Hit]:
    """What one rule finds in a call."""
    match rule:
        case Required():
            return spoken.required(rule, call)
        case Forbidden():
            return spoken.forbidden(rule, call)
        case Soothed():
            return spoken.soothed(rule, call)
        case Silence():
            return measured.silence(rule, call)
        case Overtalk():
            return measured.overtalk(rule, call)
        case Interruptions():
            return measured.interruptions(rule, call)
        case Rate():
            return measured.rate(rule, call)
        case HoldTime():
            return measured.hold_time(rule, call)
        case Transfers():
            return measured.transfers(rule, call)
        case Promise():
            return crosschecks.promise(rule, call)
        case Recorded():
            return crosschecks.recorded(rule, call)
        case Missing():
            return crosschecks.missing(rule, call)
        case Repeated():
            return crosschecks.repeated(rule, call)
        case Urgent():
            return crosschecks.urgent(rule, call)


def _findings(rule_id: str, rule: Rule, call: Call) -> list[Finding]:
    return [_finding(rule_id, rule, hit) for hit in islice(check(rule, call), FINDINGS_MAX)]


def _finding(rule_id: str, rule: Rule, hit: Hit) -> Finding:
    return Finding(
        rule_id,
        rule.severity,
        rule.points,
        hit.channel,
        _rounded(hit.from_s),
        _rounded(hit.to_s),
        hit.words,
        round(hit.confidence, 3),
        rule.zh.format_map(hit.figures),
        rule.en.format_map(hit.figures),
    )


def _points(rule: Rule, found: list[Finding]) -> float:
    surest = sorted((finding.confidence for finding in found), reverse=True)[: rule.at_most]
    return rule.points * sum(surest)


def _weight(finding: Finding) -> tuple[float, float, str]:
    """The costliest first, then in order of time."""
    return (-finding.points * finding.confidence, finding.from_s or 0.0, finding.rule_id)


def _certainty(call: Call) -> float:
    if not call.agent.words:
        return 0.0
    talk_s = call.facts.talk_s
    covered = min(1.0, call.ends_s / talk_s) if talk_s > 0 else 1.0
    certainty = call.confidence * covered
    return min(certainty, DEMO_CERTAINTY) if call.facts.is_demo else certainty


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
