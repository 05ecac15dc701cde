"""``callcenter`` commands in processes of their own, forked from one that has read the program already.

Reading it takes a second, running a command a tenth of that. Each command has its own process, folder, environment,
output and exit code, as its user's has; ``tests/web`` starts some in the usual way too.

Invariant: the process that forks ends with its tests: it lives while the other end of its socket is open.
"""

import asyncio
import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parents[2]
LIMIT_S: Final = 100
"""No command of a test takes longer."""
REQUEST_BYTES: Final = 100_000
COLUMNS: Final = "220"
"""The width of what is printed; it is read with the program."""


async def run(arguments: list[str], folder: Path, variables: dict[str, str]) -> tuple[int, str, str]:
    """Run ``callcenter`` with these arguments: exit code (negative: the signal that ended it), output, complaint."""
    return await asyncio.to_thread(_run, arguments, folder, variables)


def _run(arguments: list[str], folder: Path, variables: dict[str, str]) -> tuple[int, str, str]:
    request = json.dumps([arguments, str(folder), variables]).encode()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        answer, told = os.pipe()
        with os.fdopen(answer, "rb") as reader:
            try:
                socket.send_fds(_source(), [request], [out.fileno(), err.fileno(), told])
            finally:
                os.close(told)
            code = int(reader.read())
        return code, _said(out), _said(err)


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@functools.cache
def _source() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            env=clean | {"PYTHONPATH": str(ROOT), "COLUMNS": COLUMNS},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    atexit.register(process.wait)  # later registered, earlier called
    atexit.register(ours.close)
    return ours


def _serve(requests: socket.socket) -> None:
    from callcenter.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchers
    while True:
        request, (*files,), _, _ = socket.recv_fds(requests, REQUEST_BYTES, 3)
        if not request:
            return
        if os.fork() == 0:
            requests.close()
            _watched(*files)
            _become(*json.loads(request))
            main()
        for file in files:
            os.close(file)


def _watched(out: int, err: int, told: int) -> None:
    """Fork once more. The child is the command and goes on; its parent tells how it ended, and ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    os.dup2(out, sys.stdout.fileno())
    os.dup2(err, sys.stderr.fileno())
    for file in (out, err, told):
        os.close(file)
    signal.alarm(LIMIT_S)


def _become(arguments: list[str], folder: str, variables: dict[str, str]) -> None:
    os.chdir(folder)
    os.environ.update(variables)
    sys.argv = ["callcenter", *arguments]


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
