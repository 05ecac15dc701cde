"""A served house and a shell: commands run as their user runs them, in a process of their own."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import forked_commands
from web_fakes import House


@dataclass
class Desk:
    """``words``: what every command begins with."""

    house: House
    words: ClassVar[tuple[str, ...]] = ()

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """``callcenter`` with these arguments: exit code, output, complaint."""
        settings = self.house.settings
        variables = {
            "CALLCENTER_HOME": settings.home,
            "CALLCENTER_CACHE": str(settings.cache_path.absolute()),
            "CALLCENTER_HTTP": settings.http,
        }
        return await forked_commands.run([*self.words, *arguments], self.house.folder, variables)

    async def ok(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        code, out, err = await self.run(*arguments)
        assert (code, err) == (0, ""), err
        return out

    async def json(self, *arguments: str) -> Any:
        """The same, parsed."""
        return json.loads(await self.ok(*arguments))

    async def complaint(self, code: int, *arguments: str) -> str:
        """The one line of a command that must fail with this code."""
        found, _, err = await self.run(*arguments)
        assert found == code, err
        (line,) = err.splitlines()
        assert line.startswith("callcenter: ")
        return line.removeprefix("callcenter: ")
