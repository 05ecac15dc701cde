"""People beside a talk."""

from pydantic import Field

from callcenter.core.messages.beside import Mode
from callcenter.web.views import View


class BesideAnswer(View):
    """What was asked for is on its way: the telephone rings, or is moved. What became of it is told by the event stream."""

    contact_id: str
    mode: Mode
    phone: str = Field(
        description="坐席号，或 telephone（登记的电话） / a seat, or telephone: the registered one"
    )
