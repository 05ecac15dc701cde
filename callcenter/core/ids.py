"""Names of things. Every id is a ``NewType``, so that the type checker keeps them apart."""

from typing import NewType

ContactId = NewType("ContactId", str)
"""One inbound attempt = the Linkedid of its trunk channel; unique over boots (see ``systemname``)."""

ChannelName = NewType("ChannelName", str)
"""An Asterisk channel, such as ``PJSIP/trunk-00000001``."""

SeatId = NewType("SeatId", str)
"""A seat (坐席), named like its SIP account: ``8001``."""

QueueName = NewType("QueueName", str)
"""A queue (队列) of ``app_queue``."""

TicketNo = NewType("TicketNo", str)
"""A ticket (工单) number such as ``20261122-000017``."""

RecordingId = NewType("RecordingId", str)
"""A recording (录音); one per answered contact."""

JobId = NewType("JobId", int)
"""A durable job."""
