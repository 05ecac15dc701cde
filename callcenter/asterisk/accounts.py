"""SIP accounts of an Asterisk that runs: written anew and read anew, while calls and registrations go on."""

import asyncio

from callcenter.asterisk.install import ensure_asterisk
from callcenter.asterisk.ports import choose_ports
from callcenter.asterisk.render import render_accounts
from callcenter.asterisk.secrets import load_secrets
from callcenter.asterisk.server import AsteriskServer
from callcenter.core.errors import PeerError
from callcenter.settings import Settings


async def reload_accounts(settings: Settings) -> None:
    """Put the passwords of ``settings``' secrets in force, by Asterisk's console on this machine.

    Raises:
        UsageError: ``bad_secrets``, ``weak_secret``.
        PeerError: ``asterisk_console``, ``not_reloaded``: Asterisk does not answer, or refuses.
    """
    server = await asyncio.to_thread(_written, settings)
    told = await server.command("module reload res_pjsip.so")
    if "reloaded successfully" not in told:
        raise PeerError("Asterisk did not take the new password: see its log", code="not_reloaded")


def _written(settings: Settings) -> AsteriskServer:
    """The accounts are written; the server that is to read them."""
    program = ensure_asterisk(settings, lambda line: None)
    ports = choose_ports(settings, asterisk_running=True)
    render_accounts(settings, program, ports, load_secrets(settings))
    return AsteriskServer(settings, program, ports)
