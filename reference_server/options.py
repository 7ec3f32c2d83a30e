"""How a server is set up: what it asks of clients, what it has, and how long it waits.

Times are seconds. What may change while the server runs (the password, its expiry, the channels) begins with what
stands here; see the methods of :class:`reference_server.server.Server`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from spiceproto import sound_modes
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.link.sasl import SaslServer
from spiceproto.ticket import TicketKey

__all__ = ["Options"]

_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_NOTHING: Final[Mapping[int, Capabilities]] = MappingProxyType({})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Everything has a default: a server without a password, with one display.

    * ``password``: for the ticket; None if every ticket is good
    * ``password_expires``: time after which it is refused, on the clock of ``now``; None for never
    * ``ticket``: whether tickets are accepted at all
    * ``ticket_key``: makes the key of one link; None for fresh keys
    * ``sasl``: whether SASL is offered
    * ``sasl_mechanisms``: the mechanisms, best first
    * ``sasl_users``: names and passwords for SASL
    * ``sasl_login``: makes a login for one link; None for one that knows these mechanisms and users
    * ``name``, ``uuid``: of the guest, for clients that announced NAME_AND_UUID
    * ``displays``: how many display channels there are, each with a cursor channel
    * ``multi_client``: whether a second session may run beside the first; otherwise it ends the first
    * ``secured``, ``unsecured``: names of channel types that need TLS, and of those that must not have it
    * ``capabilities``: channel type to what is announced instead of the usual
    * ``link_timeout``: a link on which the client is silent for so long is closed, and so is one that takes four times
      as long in all
    * ``unfinished_links``: most links that are not finished; one more, and the oldest is closed of those that have asked for a
      channel, or of those that have not, whichever are more
    * ``display_init_timeout``: a display channel is closed on which the client's INIT takes longer
    * ``ping_interval``: between pings to a silent client; None for none
    * ``ping_padding``: bytes in the first ping
    * ``silence``: a session is ended whose client answers no ping and says nothing else for so long
    * ``image_compression``: ``off``, ``auto_glz``, ``auto_lz``, ``quic``, ``glz``, ``lz`` or ``lz4``
    * ``jpeg``, ``zlib_glz``: JPEG in place of QUIC where that may be lossy, and zlib around GLZ
    * ``sound_mode``: the codec of sound that is announced and used: ``auto``, ``opus``, ``celt``, or ``raw`` for none
    * ``playback_compression``: whether what the guest plays is encoded; False for samples, whatever else is announced
    * ``streaming_video``: which pictures are sent as video: ``off``, ``filter`` (those with smooth colours) or ``all``
    * ``ack_window``: of display and cursor channels
    * ``queue``: bytes that wait for acknowledgements on one channel before the client is given up; on a display channel,
      before pictures of the surfaces take their place
    * ``latency``: milliseconds that clients are asked to hold sound and frames back, at least; 0 for the usual
    * ``copy_paste``, ``file_transfer``: whether client and agent may share a clipboard, and clients may send files; what
      may not be never reaches the other side
    * ``agent_mouse``: whether an agent of the guest may move the pointer
    * ``seamless``: whether clients keep all that they have in a migration. As the destination this server says then that it
      understands the data of the source, takes them, and goes on without INIT; as the source it has none of its own for less
    """

    password: bytes | None = None
    password_expires: float | None = None
    ticket: bool = True
    ticket_key: Callable[[], TicketKey] | None = None
    sasl: bool = False
    sasl_mechanisms: tuple[str, ...] = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
    sasl_users: Mapping[str, str] = _NOBODY
    sasl_login: Callable[[], SaslServer] | None = None
    name: str = "reference"
    uuid: bytes = bytes(range(16))
    displays: int = 1
    multi_client: bool = False
    secured: tuple[str, ...] = ()
    unsecured: tuple[str, ...] = ()
    capabilities: Mapping[int, Capabilities] = _NOTHING
    link_timeout: float = 60.0
    unfinished_links: int = 256
    display_init_timeout: float = 30.0
    ping_interval: float | None = 10.0
    ping_padding: int = 0
    silence: float = 30.0
    image_compression: str = "off"
    jpeg: bool = False
    zlib_glz: bool = False
    sound_mode: str = "auto"
    playback_compression: bool = True
    streaming_video: str = "off"
    ack_window: int = 20
    queue: int = 64 << 20
    latency: int = 0
    copy_paste: bool = True
    file_transfer: bool = True
    agent_mouse: bool = True
    seamless: bool = True

    def announced(self, channel_type: int, own: Capabilities) -> Capabilities:
        """What is announced on a channel of this type, which has ``own`` besides what all channels have in common."""
        chosen = self.capabilities.get(channel_type)
        if chosen is not None:
            return chosen
        found = sound_modes.limited(channel_type, own, self.sound_mode).with_(
            CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.MINI_HEADER
        )
        if self.ticket:
            found = found.with_(CommonCapability.AUTH_SPICE)
        if self.sasl:
            found = found.with_(CommonCapability.AUTH_SASL)
        return found
