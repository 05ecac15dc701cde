"""What the command line asks of the running system about cloud seats. Answers are the API's JSON as it is."""

from callcenter.web.clients.control import ControlClient, Json


class CloudClient(ControlClient):
    """The control socket, for ``callcenter cloud``; errors as in :class:`ControlClient`."""

    async def cloud(self) -> Json:
        """The roll (``views.cloud.CloudView``)."""
        return await self._ask("GET", "/cloud")

    async def invite(self, seats: int, why: str) -> Json:
        """Call for so many more (``views.cloud.CloudView``)."""
        return await self._ask("POST", "/cloud/invite", {"seats": seats, "why": why})

    async def answer_proposal(self, applied: bool, why: str) -> Json:
        """Apply or decline what the figures propose (``views.cloud.CloudView``)."""
        return await self._ask("POST", "/cloud/apply" if applied else "/cloud/decline", {"why": why})

    async def ask_cloud_seat(self, seat_id: str, request: str, why: str) -> Json:
        """``withdraw``, ``lock``, ``unlock`` or ``check`` (``views.cloud.CloudSeatAnswer``)."""
        return await self._ask("POST", f"/cloud/{seat_id}/{request}", {"why": why})

    async def cloud_link(self, seat_id: str, why: str) -> Json:
        """A link for the seat's owner (``views.cloud.JoinLinkView``)."""
        return await self._ask("POST", f"/cloud/{seat_id}/link", {"why": why})

    async def cloud_people(self) -> list[Json]:
        """Who may be invited (``views.cloud.CloudPersonView``)."""
        return await self._items("/cloud/people")

    async def add_cloud_person(self, staff_no: str, name: str, phone: str, seat_id: str | None) -> Json:
        """Write somebody down (``views.cloud.CloudPersonView``)."""
        person = {"staff_no": staff_no, "name": name, "phone": phone, "seat_id": seat_id}
        return await self._ask("POST", "/cloud/people", person)
