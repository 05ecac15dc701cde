"""Which ids may become file names, and where the files of a recording belong.

Invariant: an id that is not a Linkedid of Asterisk never forms a path; the same id always forms the same path.
"""

import re
from datetime import UTC, datetime

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, RecordingId

_CONTACT_ID = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}-)?([0-9]{1,10})\.[0-9]{1,10}(?:-[0-9]{1,3}(?:\.[0-9]{1,3})?)?"
)

STATEMENT = "-0"
"""Behind the id of the contact; the tries of a call-back count from 1."""


def is_contact_id(text: str) -> bool:
    """Whether this is a Linkedid: ``[systemname-]seconds.number``, and ``-try[.again]`` behind it for a call-back."""
    return _CONTACT_ID.fullmatch(text, 0) is not None and text.isascii()


def checked(contact_id: ContactId | RecordingId) -> str:
    """The id, fit to be a file name.

    Raises:
        UsageError: it is not a Linkedid.
    """
    if not is_contact_id(contact_id):
        raise UsageError("not a contact id", code="bad_contact_id")
    return contact_id


def day_of(contact_id: ContactId | RecordingId) -> str:
    """The UTC day in which the call's channel was born, ``20261122``: the folder of its recording.

    A call-back lies beside the call that it answers.

    Raises:
        UsageError: it is not a Linkedid.
    """
    found = _CONTACT_ID.fullmatch(checked(contact_id))
    seconds = int(found.group(1)) if found else 0
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d}"


def month_of(contact_id: ContactId | RecordingId) -> str:
    """The UTC month of that day, ``2026-11``: whose data key its recording is encrypted under.

    Raises:
        UsageError: it is not a Linkedid.
    """
    day = day_of(contact_id)
    return f"{day[:4]}-{day[4:6]}"


def recording_of(contact_id: ContactId) -> RecordingId:
    """The recording of a contact, talk or message: named like it.

    Raises:
        UsageError: it is not a Linkedid.
    """
    return RecordingId(checked(contact_id))


def statement_of(contact_id: ContactId) -> RecordingId:
    """The recording of what a citizen stated while he waited (先行陈述): a second one of his contact.

    Raises:
        UsageError: it is not the Linkedid of somebody who called.
    """
    return RecordingId(checked(ContactId(f"{contact_id}{STATEMENT}")))


def is_statement(recording_id: RecordingId) -> bool:
    """Whether this was stated while waiting."""
    return recording_id.endswith(STATEMENT)
