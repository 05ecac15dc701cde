"""What the outside sees of the staff (人员)."""

from pydantic import Field

from callcenter.staff.core.people import StaffKind
from callcenter.web.views import Number, View


class PersonView(View):
    """One of the staff."""

    staff_no: str
    name: str
    kind: StaffKind
    phone: Number = Field(description="his own, masked; empty: he is never rung")
    seat_id: str | None = Field(description="whose phone is his; null: any seat")
    active: bool


class PeopleImportView(View):
    """What an import of people does. ``applied`` false: it was only tried."""

    applied: bool
    people: int = Field(ge=0, description="in the file")
    added: int = Field(ge=0, description="of them new")
