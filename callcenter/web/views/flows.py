"""What the outside sees of flows (来电流程)."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import View


class FlowSummary(View):
    """A flow in force."""

    flow: str
    title: str
    kind: str = Field(description="arrival, question or after (the talk)")
    occasions: list[str] = Field(description="normal, watch, high, overload, night, holiday")
    is_exception: bool = Field(description="not for normal hours: its walks count as ivr_exception")
    steps: int
    version: int = Field(description="0: a file, shipped or in HOME/menus; else as published")


class FlowView(FlowSummary):
    """A flow in force with its text and its picture."""

    text: str = Field(description="TOML, as it was written")
    drawing: str = Field(description="a Mermaid flowchart")


class FlowVersionView(View):
    """One published version. Never changed, never taken back: what was before is published anew."""

    flow: str
    version: int = Field(ge=1)
    by: str
    why: str
    at: datetime
    text: str


class FlowCountView(View):
    """Walks through one version of a flow that have ended, by how they ended."""

    flow: str
    version: int
    is_exception: bool
    walks: int
    exits: dict[str, int] = Field(
        description="line, reply, message, transfer, resolved, goodbye, left (he hung up), failed (to a person)"
    )
