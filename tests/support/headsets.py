"""Headsets that are plugged in and pulled out. Chromium's made devices cannot be: their tracks are ended, the rest is real.

Invariant: what the page opens are Chromium's own devices, or a tone made in the page that stands for another headset.
"""

from playwright.async_api import Page
from real_asterisk import until

SCRIPT = """(() => {
  const media = navigator.mediaDevices;
  const [open, list] = [media.getUserMedia.bind(media), media.enumerateDevices.bind(media)];
  const tracks = [];
  let [areThere, hz, gone] = [true, 0, ""];
  const tone = () => {
    const context = new AudioContext();
    const way = new MediaStreamAudioDestinationNode(context);
    const voice = new OscillatorNode(context, { frequency: hz });
    voice.connect(new GainNode(context, { gain: 0.3 })).connect(way);
    voice.start();
    return way.stream;
  };
  media.getUserMedia = async (wanted) => {
    if (!areThere) throw new DOMException("no device", "NotFoundError");
    const stream = hz ? tone() : await open(wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
  const clone = MediaStream.prototype.clone; // of a headset that is pulled out nothing lives on
  MediaStream.prototype.clone = function () {
    const stream = clone.call(this);
    tracks.push(...stream.getTracks());
    return stream;
  };
  media.enumerateDevices = async () => (await list()).filter(({ kind, label }) =>
    (areThere || kind !== "audioinput") && !(gone && kind === "audiooutput" && label.includes(gone)));
  const changed = () => media.dispatchEvent(new Event("devicechange"));
  const end = () => tracks.splice(0).filter(({ readyState }) => readyState === "live").forEach((track) => {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  });
  window.headsets = {
    unplug: () => { areThere = false; end(); changed(); },
    plug: (tone = 0) => { areThere = true; hz = tone; end(); changed(); },
    isUsed: () => tracks.length > 1,
    lose: (loudspeaker) => { gone = loudspeaker; changed(); },
  };
})()"""


class Headsets:
    """What is plugged into the computer of a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def install(self) -> None:
        """For this page as it is; loaded anew it has Chromium's devices again."""
        await self._page.evaluate(SCRIPT)

    async def take_part(self) -> None:
        """Be what the talk that is on hears; before, it is a device that nobody can pull out."""
        await self.install()
        await self.plug()
        await until(lambda: self._page.evaluate("headsets.isUsed()"), "the talk has this headset")

    async def unplug(self) -> None:
        """There is no microphone any more."""
        await self._page.evaluate("headsets.unplug()")

    async def plug(self, hz: float = 0) -> None:
        """Another one, which hears this tone; without one it is Chromium's again."""
        await self._page.evaluate(f"headsets.plug({hz})")

    async def lose_loudspeaker(self, name: str) -> None:
        """Loudspeakers of this name are there no more."""
        await self._page.evaluate("name => headsets.lose(name)", name)
