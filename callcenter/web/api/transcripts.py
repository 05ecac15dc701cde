"""Transcripts (转写): how far the work is."""

from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views import TranscriptQueueView


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


OPERATIONS: tuple[Operation, ...] = (get_transcript_queue,)
