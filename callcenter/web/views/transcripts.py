"""What was made of recordings, and how far that is."""

from pydantic import Field

from callcenter.web.views import View


class WordView(View):
    """A word as it stands in the text of its turn. ``from_s``: play from there."""

    text: str
    from_s: float


class TurnView(View):
    """What one speaker said without a long pause. Seconds from the beginning of the recording."""

    channel: str = Field(description="citizen or agent")
    from_s: float
    to_s: float
    text: str = Field(description="punctuated from pauses and particles")
    words: list[WordView] = Field(description="its parts, in order: together they are the text")


class TranscriptView(View):
    """What one model made of a recording."""

    recording_id: str
    model: str
    is_demo_model: bool = Field(description="the model is for demonstration, no recognizer of people")
    seconds: float
    turns: list[TurnView]


class TranscriptsView(View):
    """Every model's transcript, the one in use first."""

    items: list[TranscriptView]


class TranscriptQueueView(View):
    """How far transcription is. Voice messages go first, then who complained, then the rest."""

    waiting: int = Field(ge=0)
    running: int = Field(ge=0)
    parked: int = Field(ge=0, description="given up after all tries; they wait for a person")
    done_today: int = Field(ge=0)
    sound_done_today_s: float = Field(ge=0, description="seconds of sound")
    sound_left_s: float = Field(ge=0, description="seconds of sound that wait or are being transcribed")
    rate: float | None = Field(description="seconds of sound a second, of the last results; null: unknown")
    eta_s: float | None = Field(description="until nothing is left at this rate; null: unknown")
