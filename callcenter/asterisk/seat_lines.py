"""Which channel of a seat is joined with a citizen; asked, for a seat may have several."""

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.translate import seat_of
from callcenter.core.ids import ChannelName, ContactId, SeatId

WITHIN_S = 5.0
"""For the list of channels."""


class SeatLines:
    """``link``: its user needs write class ``reporting``."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def of(self, seat_id: SeatId, contact_id: ContactId) -> ChannelName | None:
        """The seat's channel that is in one bridge with the citizen of this contact, ``None``: there is none.

        Raises:
            PeerError: as :meth:`AmiLink.ask_list`.
        """
        channels = await self._link.ask_list({"Action": "CoreShowChannels"}, WITHIN_S)
        bridges = {frame.get("BridgeId") for frame in channels if frame.get("Uniqueid") == contact_id} - {""}
        for frame in channels:
            if frame.get("BridgeId") in bridges and seat_of(frame.need("Channel")) == seat_id:
                return ChannelName(frame.need("Channel"))
        return None
