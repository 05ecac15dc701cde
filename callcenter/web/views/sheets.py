"""What is wrong with a spreadsheet."""

from pydantic import Field

from callcenter.web.views import View


class FaultView(View):
    """One mistake in a file."""

    sheet: str
    row: int = Field(ge=0, description="from 1; 0: the whole file")
    column: str
    value: str
    problem: str
