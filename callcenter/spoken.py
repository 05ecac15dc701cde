"""Callers say what they want to know (:class:`ivr.ears.Ears`): which words can be heard, and which article is meant.

Invariants: what is recognized is only a guess, which the caller confirms by key; sound and text of it are kept nowhere; a
word that can never be heard is told to the operator, never dropped without a word.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.knowledge.articles import Articles, in_force
from callcenter.settings import Settings
from callcenter.speech.words import parts
from recordings.listener import Listener
from recordings.models import ModelChoice, has_dynamic_graph, resolve_model, vocabulary
from recordings.process import Limits

log = structlog.get_logger()

KIND = "knowledge"
"""What callers can say: the articles' questions."""

UTTERANCES_MAX = 8
"""Callers who speak at once; the others choose by key."""

UTTERANCES_PER_PROCESS = 500


@dataclass(frozen=True, slots=True)
class Hearing:
    """What of the articles can be heard with a model. ``model`` ``None``: nobody listens, ``why_not`` says why.

    ``phrases``: words of the vocabulary, apart by spaces; ``unknown``: words that can never be heard.
    """

    model: ModelChoice | None
    why_not: str = ""
    phrases: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def hearing(settings: Settings) -> Hearing:
    """How callers are heard in this house.

    Raises:
        UsageError: ``bad_articles``.
    """
    wanted = settings.speech.callers
    if wanted == "off":
        return Hearing(None, "speech.callers is off")
    try:
        model = resolve_model(settings)
    except UsageError:
        return Hearing(None, "no recognizer is installed")
    if model.is_demo and wanted == "auto":
        return Hearing(None, "the demo recognizer understands no people")
    words = sorted(
        {word for article in in_force(settings.home_path).by_id.values() for word in article.words}
    )
    try:
        known = vocabulary(model.path)
    except UsageError:  # it writes letter by letter: every word can be heard
        return Hearing(model)
    phrases = {word: " ".join(parts(word, known)) for word in words}
    heard = tuple(phrase for phrase in phrases.values() if phrase)
    unknown = tuple(word for word, phrase in phrases.items() if not phrase)
    if not heard:
        return Hearing(None, "the recognizer knows no word of the articles", (), unknown)
    return Hearing(model, "", heard, unknown)


def facts_of(articles: Articles, said: str, today: date) -> Mapping[str, str] | None:
    """The article that is meant, as facts: to be asked, and to be looked up once it is confirmed; ``None``: not clear."""
    article = articles.find(said, today)
    if article is None:
        return None
    return {"article_asked": article.asking, "article_heard": article.id, "topic": article.id, "key": ""}


class CallerEars:
    """``folder``: private, for sound while it is heard; ``zone``: whose calendar day says whether an article is over."""

    def __init__(
        self, articles: Articles, listener: Listener | None, folder: Path, clock: Clock, zone: tzinfo
    ):
        self._articles = articles
        self._listener = listener
        self._folder = folder
        self._clock = clock
        self._zone = zone
        self._speaking = 0

    @contextmanager
    def listen(self, kind: str) -> Iterator[Path | None]:
        """See :class:`ivr.ears.Ears`."""
        sound = self._new_file() if self._can_listen(kind) else None
        self._speaking += 1
        try:
            yield sound
        finally:
            self._speaking -= 1
            if sound is not None:
                sound.unlink(missing_ok=True)

    async def understand(self, kind: str, sound: Path) -> Mapping[str, str] | None:
        """See :class:`ivr.ears.Ears`."""
        if self._listener is None or kind != KIND:
            return None
        said = await self._listener.text_of(sound)
        return facts_of(self._articles, said, self._clock.at().astimezone(self._zone).date())

    async def close(self) -> None:
        """End the recognizer."""
        if self._listener is not None:
            await self._listener.close()

    def _can_listen(self, kind: str) -> bool:
        listener = self._listener
        if listener is None or listener.is_away or kind != KIND or self._speaking >= UTTERANCES_MAX:
            return False
        listener.prepare()
        return True

    def _new_file(self) -> Path | None:
        try:
            handle, name = tempfile.mkstemp(".wav", dir=self._folder)
        except OSError as error:
            log.error("what callers say cannot be recorded", error=type(error).__name__)
            return None
        os.close(handle)
        return Path(name)


def caller_ears(settings: Settings, articles: Articles, clock: Clock, zone: tzinfo) -> CallerEars:
    """The ears of this house; sound that an earlier controller left behind is removed.

    Raises:
        UsageError: ``bad_articles``.
    """
    told, folder = hearing(settings), settings.home_path / "spool" / "spoken"
    with suppress(OSError):  # told when the first caller speaks
        folder.mkdir(0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.wav"):
            left.unlink(missing_ok=True)
    listener = None
    if told.model is None:
        log.info("callers are not asked to speak", reason=told.why_not)
    else:
        limits = Limits(jobs=UTTERANCES_PER_PROCESS, resident_mb=settings.speech.worker_memory_mb)
        # Where words and graph were joined for good, the model hears what it knows, whatever it is told.
        phrases = told.phrases if has_dynamic_graph(told.model.path) else ()
        listener = Listener(told.model, phrases, limits, clock)
    if told.unknown:
        log.warning("words of articles can never be heard", words=told.unknown, count=len(told.unknown))
    return CallerEars(articles, listener, folder, clock, zone)
