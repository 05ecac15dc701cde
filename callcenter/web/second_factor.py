"""One-time codes beside the password (RFC 6238): six digits, new every 30 seconds.

Invariant: a code is good once, for its own step and one to either side of it, and never for a step before the last one used.
"""

from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""A telephone's clock may be so many steps off."""
ISSUER: Final = "12345"


def new_secret() -> str:
    """160 bits, as authenticator apps take them: base32."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """What an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def used_step(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """The step that the code belongs to; ``None``: it is wrong, too old, or was used."""
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    for step in range(max(now - DRIFT_STEPS, last_step + 1), now + DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(totp.at(step * STEP_S), code):
            return step
    return None
