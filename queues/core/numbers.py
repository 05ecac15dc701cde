"""Which numbers may be called back (漏话回拨, 预约回呼).

Invariant: only a number that an existing contact brought and that is an ordinary domestic one is ever dialed; everything
doubtful is refused.
"""

import re
from collections.abc import Collection

_MOBILE = re.compile(r"1(?:[3-57-9]\d|6[1-79])\d{8}")
"""Mobile numbers; 160 and 168 begin those of premium services (声讯台)."""
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
_COUNTRY = re.compile(r"(?:\+|00)86")
"""Our own country before a number is taken off; any other makes it foreign."""


def domestic_number(caller: str) -> str | None:
    """The number as it would be dialed, or ``None``: withheld, foreign, premium, a service number or no number.

    ``caller``: as it came from the line; only ASCII digits and one leading ``+`` can be part of a number.
    """
    if not caller.isascii():
        return None
    digits = _COUNTRY.sub("", caller, count=1) if _COUNTRY.match(caller) else caller
    if len(digits) != len(caller) and not digits.startswith(("0", "1")):
        digits = "0" + digits  # +86 10 8888 8888 has lost its trunk zero
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def mobile_number(caller: str, own_numbers: Collection[str] = ()) -> str | None:
    """The number as a short message is sent to it, or ``None``: only ordinary domestic mobile numbers get any."""
    number = domestic_number(caller)
    is_mobile = number is not None and _MOBILE.fullmatch(number) and can_be_called(caller, own_numbers)
    return number if is_mobile else None


def can_be_called(caller: str, own_numbers: Collection[str]) -> bool:
    """Whether a call-back may be promised to this caller. ``own_numbers``: the hotline's own, never dialed."""
    number = domestic_number(caller)
    return number is not None and number not in own_numbers and caller not in own_numbers
