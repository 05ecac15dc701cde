"""A third joins a talk."""

from pydantic import Field

from callcenter.web.views import View


class ConferenceAnswer(View):
    """The third's telephone rings. Until he picks up nothing changes; what became of it is told by the event stream."""

    seat_id: str
    third: str = Field(
        description="被邀请的坐席号、部门名称或号码 / the seat, or the department's name or number"
    )


class DepartmentView(View):
    """A department of the directory: who may be joined to a talk over the trunk (部门名录)."""

    name: str
    number: str
