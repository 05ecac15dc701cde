"""Logs in to AMI, pings, leaves, by pyst2: an implementation independent of the one the controller uses.

Invariant: run as a process of its own (``probe_ami``), because pyst2 waits without limits and leaves threads behind.
"""

import contextlib
import subprocess
import sys

LIMIT_S = 5.0
LOOPBACK = "127.0.0.1"


def probe_ami(port: int, user: str, secret: str, limit_s: float = LIMIT_S) -> str:
    """``Pong``, or in a few words what went wrong."""
    command = [sys.executable, "-P", "-W", "ignore", __file__, str(port), user]
    try:
        done = subprocess.run(
            command, input=secret, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return "no answer"
    return done.stdout.strip() or "no answer"


def login_and_ping(port: int, user: str, secret: str) -> str:
    """One visit; may wait for ever."""
    from asterisk.manager import Manager, ManagerAuthException, ManagerException

    link = Manager()
    try:
        link.connect(LOOPBACK, port)
        link.login(user, secret)
        pong = str(link.ping().get_header("Ping", "no pong"))
    except ManagerAuthException:
        return "login refused"
    except (ManagerException, OSError) as error:
        return type(error).__name__
    with contextlib.suppress(ManagerException, OSError, ValueError):  # Asterisk may close first
        link.close()
    return pong


if __name__ == "__main__":
    sys.stdout.write(login_and_ping(int(sys.argv[1]), sys.argv[2], sys.stdin.read()))
    sys.stdout.flush()
