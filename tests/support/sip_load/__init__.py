"""SIP load on loopback: thousands of impatient callers and a room of seats, without sound.

Invariant: bounded in calls and in time, never leaves loopback, and its counters tell when the test itself is
overloaded (``retransmits``, ``answered_after_cancel``) or the system wrong (``double_booked``).

Sending no sound would make Asterisk's ``Answer()`` wait half a second for it, so every answered call sends a
few packets of silence.

``callers`` and ``seats`` are used; ``agent`` is what both are, ``endpoint`` their socket, ``message`` SIP as text.
"""

from sip_load.agent import Counters
from sip_load.callers import Callers
from sip_load.message import SipMessage
from sip_load.seats import Seats

__all__ = ["Callers", "Counters", "Seats", "SipMessage"]
