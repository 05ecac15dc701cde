"""``callcenter demo --surge`` as a person runs it."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import pytest
from pbx import COMMAND_S_MAX, REPOSITORY

from callcenter.settings import load

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

STEPS = (
    "坐席正忙",
    "询问",
    "按 1",
    "承诺",
    "漏话",
    "坐席空闲",
    "坐席先振铃",
    "市民振铃",
    "通话",
    "回拨完成",
    "名单已清",
)


async def test_both_citizens_are_called_back_and_nothing_is_left(tmp_path: Path) -> None:
    """All steps in their order, exit code 0, in a folder without any configuration; its home is gone afterwards."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    with tempfile.TemporaryDirectory(prefix="cc-") as homes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "demo", "--surge"),
            cwd=tmp_path,
            env=clean
            | {"PYTHONPATH": str(REPOSITORY), "CALLCENTER_CACHE": str(load().settings.cache_path)}
            | {"TMPDIR": homes, "COLUMNS": "200"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(COMMAND_S_MAX):
            out, err = await process.communicate()
        said = out.decode()
        assert process.returncode == 0, said[-2000:] + err.decode()[-2000:]
        places = [said.index(f"· {step}") for step in STEPS]
        assert places == sorted(places), said
        assert not list(Path(homes).glob("cc-demo-*"))
