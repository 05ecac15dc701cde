"""Recordings, and the recorder of a running call."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import View


class RecordingView(View):
    """A recording: left channel citizen, right channel agent."""

    recording_id: str
    contact_id: str
    state: str = Field(description="sealed, missing or deleted")
    seconds: float | None
    expected_s: float | None
    short_by_s: float | None = Field(description="missing against the talk; 0 is complete")
    reason: str
    sha256: str | None = Field(description="of the WAV file that is heard")
    sealed_at: datetime | None


class RecorderAnswer(View):
    """Asterisk has confirmed it."""

    contact_id: str
    paused: bool = Field(description="nothing that is said now is kept")
