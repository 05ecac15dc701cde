"""What two cities say to each other over HTTP. Invariant: unknown fields, long texts and big bodies are refused on both sides."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from callcenter.core.messages.partner import TOKEN_DIGITS

OFFERS, CAPACITY = "/api/partner/v1/offers", "/api/partner/v1/capacity"
BODY_MAX_BYTES = 4096
"""Of a request as well as of an answer."""

Token = Annotated[str, Field(pattern=rf"^[0-9]{{{TOKEN_DIGITS}}}$")]


class Wire(BaseModel):
    """Base of all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Offer(Wire):
    """A caller is offered. ``record``: his contact there; ``hops``: cities that have handed him on already."""

    record: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    origin: str = Field(min_length=1, max_length=40, pattern=r"^\w+$")
    caller: str = Field(pattern=r"^(\+?[0-9]{3,20})?$")
    urgent: bool
    waited_s: float = Field(ge=0, le=86400)
    hops: int = Field(ge=0, le=9)
    collected: str = Field("", max_length=120, pattern=r"^[A-Za-z0-9_. -]*$")


class Answer(Wire):
    """Accepted, with the token that is to be dialed; or declined, and why."""

    accepted: bool
    token: Token | Literal[""] = ""
    reason: str = Field("", max_length=40, pattern=r"^[a-z_]*$")

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.accepted != bool(self.token):
            raise ValueError("an accepted offer has a token, a declined one has none")
        return self


class Capacity(Wire):
    """How many offers would be accepted now; a claim."""

    free: int = Field(ge=0, le=9999)
