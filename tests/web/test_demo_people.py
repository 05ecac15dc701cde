"""People to try the desks with: one of each role, once, and only where nobody is yet."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.commands import accounts as accounts_command
from callcenter.settings import Settings
from callcenter.web.clients import accounts as account_client
from callcenter.web.roles import Role

pytestmark = pytest.mark.web


async def test_one_person_of_each_role_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent sits at a seat; each comes in with the password told; a second time nobody is made."""
    house = House(tmp_path)
    house.add_account(Role.ADMIN)
    monkeypatch.setattr(accounts_command, "desk_seat", lambda settings: "8001")
    async with browsing(house, Role.ADMIN) as browser:

        class Client:
            """Asks over the network what the control socket is asked."""

            def __init__(self, settings: Settings) -> None: ...

            async def __aenter__(self) -> "Client":
                return self

            async def __aexit__(self, *error: object) -> None: ...

            async def accounts(self) -> list[dict[str, object]]:
                """Everybody."""
                return (await browser.get("/accounts"))[1]["items"]  # type: ignore[no-any-return]

            async def make_account(
                self, name: str, role: str, seat_id: str | None, why: str
            ) -> dict[str, str]:
                """A new one."""
                body = {"name": name, "role": role, "seat_id": seat_id, "why": why}
                return (await browser.post("/accounts", body))[1]  # type: ignore[no-any-return]

        monkeypatch.setattr(account_client, "AccountClient", Client)
        people = await accounts_command.make_people(house.settings)
        assert people is not None
        assert {it.role for it in people} == set(Role) - {Role.ADMIN}
        assert [it.seat_id for it in people if it.seat_id] == ["8001"]
        for person in people:
            credentials = {"name": person.name, "password": person.password}
            status, me = await browser.post("/session", credentials)
            assert (status, me["role"], me["must_change_password"]) == (201, person.role, True)
        assert await accounts_command.make_people(house.settings) is None


def test_the_agent_sits_where_the_page_is_the_phone() -> None:
    """A seat of the house with a browser phone; without one the first seat."""
    assert accounts_command.desk_seat(Settings()) == "8017"
    phones = Settings.model_validate({"phones": {"browser": []}})
    assert accounts_command.desk_seat(phones) == "8001"
