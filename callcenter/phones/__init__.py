"""Real SIP phones without a sound card: the citizen and the agents of the demo and of the tests.

One :class:`PhoneBox` is one SIP stack of the alpha package ``baresip-python`` on loopback (the stack is
process-global, so there is one box at a time); it gives out any number of :class:`Phone` s. Samples are
``int16`` at 8 kHz, one channel, in both directions.

Invariant: nothing here waits without a limit, no error of the package gets out (only :class:`PhoneError`),
and when the box is closed no call, task, thread or registration of it is left.

``box`` gives out phones (``phone``), which make and take calls (``call``); below them ``switchboard`` and ``line`` move events
and audio, and ``stack`` is where the package is met.
"""

from callcenter.phones.box import PhoneBox
from callcenter.phones.call import Call, IncomingCall
from callcenter.phones.line import CallState, Samples
from callcenter.phones.phone import Phone
from callcenter.phones.stack import PhoneError

__all__ = ["Call", "CallState", "IncomingCall", "Phone", "PhoneBox", "PhoneError", "Samples"]
