"""A seat whose telephone is the agent desk itself: a real Chromium with a made microphone, and what its page plays.

Invariant: nothing of the page is replaced: what is heard is what its players play, what is pressed are its keys.
"""

import os
import secrets
import signal
import ssl
import wave
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np
from browser import Desk, opened, require_desks
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from own_network import Laptop, laptop, own_network
from real_asterisk import program, until
from system import System, whole_system
from tones import Samples, strongest
from wire import Wire, wire_to

from callcenter.asterisk.ports import free_ports
from callcenter.clocks import SystemClock
from callcenter.tls import make_pair
from callcenter.web.clients.control import ControlClient
from callcenter.web.roles import Role

AGENT_HZ: Final = 700.0
CITIZEN_HZ: Final = 1500.0
OWN_SEAT: Final = "8001"
MICROPHONE_HZ: Final = 48_000
PEAK: Final = 8000
SECRET: Final = "nobody-knows-this-but-one"
"""The agent's password: of a house that lives for these tests."""

LISTEN: Final = """async () => {
  const context = new AudioContext({ sampleRate: 8000 });
  const ear = new AnalyserNode(context, { fftSize: 4096 });
  for (const player of document.querySelectorAll("audio[data-line]"))
    if (player.srcObject?.getAudioTracks().length && !player.paused) context.createMediaStreamSource(player.srcObject).connect(ear);
  await new Promise((heard) => setTimeout(heard, 600));
  const samples = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(samples);
  await context.close();
  return Array.from(samples, (sample) => Math.round(sample * 32767));
}"""
"""The last half second of what the page plays, at the rate of the telephone."""


class BrowserSeat:
    """One agent at the desk, signed in. ``microphone``: the file that Chromium takes for one."""

    def __init__(self, desk: Desk, microphone: Path) -> None:
        self.desk = desk
        self.page = desk.page
        self._microphone = microphone

    async def press(self, key: str) -> None:
        """A shortcut of the desk."""
        await self.page.keyboard.press(key)

    async def sees(self, selector: str, limit_s: float = 20.0) -> None:
        """Wait until the page shows it."""
        await self.page.wait_for_selector(selector, timeout=limit_s * 1000)

    async def sees_no(self, selector: str, limit_s: float = 20.0) -> None:
        """Wait until the page does not show it."""
        await self.page.wait_for_selector(selector, state="detached", timeout=limit_s * 1000)

    async def registered(self, limit_s: float = 20.0) -> None:
        """Wait until its phone is known to Asterisk."""
        await self.sees(".phone[data-status=registered]", limit_s)

    async def ready(self) -> None:
        """Log the seat in by key."""
        await self.registered()
        await self.sees(".seat-bar[data-state=off]")
        await self.press("r")
        unchecked = self.page.locator("dialog .go-on")  # a check of the line is offered first
        await unchecked.or_(self.page.locator(".seat-bar[data-state=ready]")).first.wait_for()
        if await unchecked.count():
            await unchecked.click()
        await self.sees(".seat-bar[data-state=ready]")

    async def answer(self) -> None:
        """Pick up what rings, by key."""
        await self.sees(".line[data-state=ringing]")
        await self.press("c")
        await self.sees(".line[data-state=talking]")

    async def heard(self) -> Samples:
        """What the page plays, half a second of it."""
        return np.array(await self.page.evaluate(LISTEN), dtype=np.int16)

    async def hears(self, hz: float) -> None:
        """Wait until the page plays this tone."""

        async def is_heard() -> bool:
            return strongest(await self.heard()) == hz

        await until(is_heard, f"the page plays {hz} Hz")

    async def reload(self) -> None:
        """Load the page anew, whatever it warns of."""
        self.page.once("dialog", lambda warning: warning.accept())
        await self.page.reload()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Inside the block the agent has closed the desk; another may be the seat's phone."""
        await self.page.goto("about:blank")
        try:
            yield
        finally:
            await self.page.goto(f"{self.desk.url}/desk/#/agent")
        await self.registered()

    def kill(self) -> None:
        """The computer is gone: every process of this browser at once."""
        self._signal(signal.SIGKILL)

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Inside the block the computer sleeps: nothing of this browser runs, and the page can be asked nothing."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        mark = str(self._microphone).encode()
        parents = {pid: parent for pid, parent, line in _processes() if mark not in line}
        family = {pid for pid, _, line in _processes() if mark in line}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, which)


class Trust:
    """A certificate that is known here. ``key_hash``: of its public key, as Chromium takes it."""

    def __init__(self, cert: Path) -> None:
        self.context = ssl.create_default_context(cafile=str(cert))
        key = x509.load_pem_x509_certificate(cert.read_bytes()).public_key()
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_hash = b64encode(sha256(der).digest()).decode()


class BrowserHouse:
    """A running product, its seat 8001 a page. ``wire``: between that page and Asterisk's WebSocket."""

    def __init__(self, system: System, wire: Wire, folder: Path, trust: Trust | None = None) -> None:
        self.system = system
        self.wire = wire
        self.url = f"{'https' if trust else 'http'}://{system.settings.http}"
        self._folder = folder
        self._trust = trust
        self.tls = trust.context if trust else True
        self.socket_page = f"https://{system.settings.phones.listen}/ws"
        self._is_known = False

    @asynccontextmanager
    async def seat(
        self, *, is_taken: bool = False, place: AbstractContextManager[None] | None = None
    ) -> AsyncIterator[BrowserSeat]:
        """The agent opens a browser, signs in, and is at the desk inside the block.

        ``is_taken``: the seat's phone is another computer, and stays so. ``place``: of his computer.
        """
        microphone = self._folder / f"microphone-{secrets.token_hex(4)}.wav"
        write_microphone(microphone)
        flags = [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}",
        ]
        if self._trust:
            flags.append(f"--ignore-certificate-errors-spki-list={self._trust.key_hash}")
        # Without the permission no address is offered to the other side.
        async with opened(self.url, flags=flags, permissions=["microphone"], place=place) as desk:
            await desk.page.add_init_script("localStorage.audio_processing = 'off'")
            await self._make_agent()
            await desk.sign_in(Role.AGENT, SECRET)
            await desk.open("/agent")
            seat = BrowserSeat(desk, microphone)
            await seat.sees(f".phone[data-status={'taken' if is_taken else 'registered'}]")
            yield seat

    async def _make_agent(self) -> None:
        """Make the agent's account, unless it is there, and give it a password of its own."""
        if self._is_known:
            return
        name = Role.AGENT.value
        body = {"name": name, "role": name, "seat_id": OWN_SEAT, "why": "a test"}
        once = (await self.ask("POST", "/accounts", body))["password"]
        way = aiohttp.TCPConnector(ssl=self.tls)
        async with aiohttp.ClientSession(f"{self.url}/api/v1/", connector=way, raise_for_status=True) as http:
            credentials = {"name": name, "password": once, "kind": "token"}
            async with http.post("session", json=credentials) as answer:
                token = (await answer.json())["token"]
            change = {"old": once, "new": SECRET}
            await http.post("accounts/me/password", json=change, headers={"Authorization": f"Bearer {token}"})
        self._is_known = True

    async def end_sessions(self) -> None:
        """Everybody has to sign in again."""
        for session in (await self.ask("GET", "/sessions?everybody=true"))["items"]:
            await self.ask("POST", f"/sessions/{session['session_id']}/end", {"why": "a test"})

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the product as its operator."""
        async with ControlClient(self.system.settings) as client:
            assert client._http is not None
            url = f"/api/v1{path}"
            async with client._http.request(method, url, json=body, raise_for_status=True) as answer:
                return await answer.json() if answer.content_length else {}


@asynccontextmanager
async def browser_house(
    home: Path, *, must_check: bool = False, **changes: object
) -> AsyncIterator[BrowserHouse]:
    """A running product inside a network of its own; skips where there is none, or no built desk."""
    require_desks()
    program()  # there is no way out of the network to fetch it
    with own_network():
        listen, at = free_ports(2)
        ways = {"listen": f"127.0.0.1:{listen}", "url": f"ws://127.0.0.1:{at}/ws"}
        phones = {"browser": [OWN_SEAT], "must_check": must_check, **ways}
        async with wire_to(listen, at) as wire, whole_system(home, phones=phones, **changes) as system:
            yield BrowserHouse(system, wire, home)


def _processes() -> Iterator[tuple[int, int, bytes]]:
    """Of this machine: process, its parent, its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            yield int(folder.name), int(parent), (folder / "cmdline").read_bytes()


@asynccontextmanager
async def house_afar(home: Path) -> AsyncIterator[tuple[BrowserHouse, Laptop]]:
    """A running product, encrypted by its own certificate, and a laptop that reaches it by the cable alone."""
    require_desks()
    program()
    with own_network() as here, laptop() as computer:
        web, socket = free_ports(2)
        pair = make_pair(home / "tls", [here], SystemClock(UTC).at())
        tls = {"tls_cert": str(pair.cert), "tls_key": str(pair.key)}
        phones = {"browser": [OWN_SEAT], "listen": f"{here}:{socket}", **tls}
        async with whole_system(home, phones=phones, http=f"{here}:{web}") as system:
            yield BrowserHouse(system, Wire(socket), home, Trust(pair.cert)), computer


def write_microphone(path: Path) -> None:
    """A second of the agent's tone, which Chromium repeats without a seam."""
    t = np.arange(MICROPHONE_HZ) / MICROPHONE_HZ
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(MICROPHONE_HZ)
        out.writeframes(np.round(PEAK * np.sin(2 * np.pi * AGENT_HZ * t)).astype("<i2").tobytes())
