"""A served house and a shell: commands run as their user runs them, in a process of their own."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from web_fakes import House

ROOT = Path(__file__).parents[2]


@dataclass
class Desk:
    """``words``: what every command begins with."""

    house: House
    words: ClassVar[tuple[str, ...]] = ()

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """``callcenter`` with these arguments: exit code, output, complaint."""
        settings = self.house.settings
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "callcenter",
            *self.words,
            *arguments,
            cwd=self.house.folder,
            env=clean
            | {
                "PYTHONPATH": str(ROOT),
                "COLUMNS": "220",
                "CALLCENTER_HOME": settings.home,
                "CALLCENTER_CACHE": str(settings.cache_path.absolute()),
                "CALLCENTER_HTTP": settings.http,
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

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
