"""What the command line asks of the running system about survey calls. Answers are the API's JSON as it is."""

from urllib.parse import quote

from callcenter.web.clients.control import ControlClient, Json


class SurveyClient(ControlClient):
    """The control socket, for ``callcenter surveys``; errors as in :class:`ControlClient`."""

    async def surveys(self, limit: int = 20) -> Json:
        """Whom to ask and who was asked (``views.surveys.SurveysView``)."""
        return await self._ask("GET", f"/surveys?limit={limit}")

    async def next_survey(self, seat_id: str) -> Json:
        """Call the next citizen (``views.surveys.SurveyCallView``)."""
        return await self._ask("POST", "/surveys/next", {"seat_id": seat_id})

    async def answer_survey(self, contact_id: str, grade: int | None) -> Json:
        """Enter a grade, or that he declined (``views.surveys.SurveyAnswerView``)."""
        path = f"/surveys/{quote(contact_id, safe='')}"
        if grade is None:
            return await self._ask("POST", f"{path}/declined")
        return await self._ask("POST", f"{path}/grade", {"grade": grade})
