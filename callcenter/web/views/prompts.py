"""What the outside sees of the recordings of prompts (提示音)."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import View


class PromptVersionView(View):
    """What a prompt sounded like from then on."""

    prompt: str
    version: int = Field(ge=1)
    seconds: float | None = Field(description="null: the voice speaks it, there is no recording")
    by: str = Field(description="empty: the file was put into the folder by hand")
    at: datetime
    why: str
    is_in_use: bool
