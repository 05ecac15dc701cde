"""Transcripts (转写): what each model made of a recording, and how far the work is."""

from datetime import date

from pydantic import Field

from callcenter.web.api.common import Unmasking, Why, audit, may_unmask
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.redo import RedoView
from callcenter.web.views.transcripts import (
    TranscriptQueueView,
    TranscriptsView,
    TranscriptView,
    TurnView,
    WordView,
)
from recordings.core.transcript import Transcript


class RedoBody(Params):
    """Why; of which day, without: all; with which installed model, without: the one in use."""

    why: Why
    day: date | None = None
    model: str = Field("", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")


@operation(
    "GET",
    "/transcripts/queue",
    may=Permission.READ_BOARD,
    zh="转写进度",
    en="What waits for transcription, and until when",
)
async def get_transcript_queue(call: Call[Nothing, Nothing]) -> TranscriptQueueView:
    """Numbers only: nothing of what was said."""
    return await call.ports.transcripts.queue()


@operation(
    "GET",
    "/recordings/{recording_id}/transcripts",
    may=Permission.READ_TICKETS,
    zh="录音的各份转写",
    en="What each model made of a recording, the one in use first",
)
async def get_transcripts(call: Call[Unmasking, Nothing]) -> TranscriptsView:
    """Turns with their seconds; numbers of persons as stars, unless ``unmask``."""
    found = await call.ports.transcripts.of(call.recording_id)
    if not found:
        raise unknown("transcript", call.recording_id)
    shown = await may_unmask(call, call.query, f"recording/{call.recording_id}")
    return TranscriptsView(items=[_view(one if shown else one.masked()) for one in found])


@operation(
    "GET", "/transcripts/redo", may=Permission.READ_BOARD, zh="重新转写进度", en="How far the newest redo is"
)
async def get_redo(call: Call[Nothing, Nothing]) -> RedoView:
    """Counts only: nothing of what was said."""
    return call.ports.redo.newest()


@operation(
    "POST",
    "/transcripts/redo",
    may=Permission.REDO_TRANSCRIPTS,
    zh="重新转写",
    en="Transcribe again with another model",
)
async def start_redo(call: Call[Nothing, RedoBody]) -> RedoView:
    """Both transcripts are kept, the newer one is shown. It works behind calls, one redo at a time."""
    body = call.body
    await audit(call, "transcripts.redone", f"transcripts/{body.day or 'all'}", body.why)
    return await call.ports.redo.begin(body.day, body.model, call.identity.name)


def _view(transcript: Transcript) -> TranscriptView:
    return TranscriptView(
        recording_id=transcript.recording_id,
        model=transcript.model,
        is_demo_model=transcript.is_demo,
        seconds=transcript.seconds,
        turns=[
            TurnView(
                channel=turn.channel,
                from_s=turn.start,
                to_s=turn.end,
                text=turn.text,
                words=[WordView(text=text, from_s=second) for text, second in words],
            )
            for turn, words in transcript.spoken()
        ],
    )


OPERATIONS: tuple[Operation, ...] = (get_transcript_queue, get_transcripts, get_redo, start_redo)
