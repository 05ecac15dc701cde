"""``[partner]``: the neighboring city that helps us and that we help (城际协作). Invariant: what passes is usable as it is."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from callcenter.sections import Section, parse_address


class Partner(Section):
    """The partner city; an empty ``name`` means that there is none. Both cities set it, each naming the other."""

    name: str = Field("", pattern=r"^\w{0,40}$", description="the partner city's name; empty: no partner")
    url: str = Field("", description="its web address, for example https://10.8.0.2:8080")
    sip: str = Field("", description="its SIP address, IP:PORT")
    key_file: str = Field(
        "", description="the shared key, made by `callcenter partner key`; empty: HOME/secrets/partner.key"
    )
    reserve_seats: int = Field(
        2, ge=0, le=99, description="free seats that are kept for our own citizens when we help"
    )
    help_max: int = Field(5, ge=0, le=99, description="the partner's callers that we help at once; 0: none")
    answer_s: float = Field(1.0, gt=0, le=5, description="how long the partner may think about an offer")
    ring_s: int = Field(
        9, ge=3, le=30, description="how long a caller rings at the partner before he comes back"
    )
    silence_s: int = Field(
        6, ge=4, le=30, description="without one packet of sound for so long a leg to the partner is dead"
    )
    give_back_s: int = Field(
        8, ge=3, le=60, description="a caller of the partner who waits so long with us is given back"
    )
    poll_s: float = Field(
        3.0, ge=1, le=60, description="how often the partner is asked for free seats while our line is long"
    )
    rest_s: float = Field(
        10.0,
        ge=1,
        le=600,
        description="first pause after the partner failed; it doubles with each failure, and is three after a give-back",
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, text: str) -> str:
        parts = urlsplit(text)
        if text and not (parts.scheme in ("http", "https") and parts.hostname and not parts.path.strip("/")):
            raise ValueError(
                f"“{text}”不是网址，例如 https://10.8.0.2:8080 / '{text}' is not a web address such as "
                "https://10.8.0.2:8080"
            )
        return text.rstrip("/")

    @field_validator("sip")
    @classmethod
    def _check_sip(cls, text: str) -> str:
        return str(parse_address(text)) if text else ""

    @model_validator(mode="after")
    def _is_whole(self) -> "Partner":
        if self.name and not (self.url and self.sip):
            raise ValueError(
                "互助城市须写 url 和 sip，或把 name 留空 / a partner needs url and sip, or an empty name"
            )
        return self
