"""Values of main. Made from spiceproto/schema/main.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.unsent import announced


class ChannelId(msgspec.Struct, frozen=True, gc=False):
    """A channel that the client may connect.

    * ``type`` uint8: Kind of the channel
    * ``id`` uint8: Which of several
    """

    type: ChannelType | int
    id: int


class DstInfo(msgspec.Struct, frozen=True, gc=False):
    """Where a session migrates to.

    * ``port`` uint16: Port without TLS
    * ``sport`` uint16: Port with TLS
    * ``host_data`` offset to bytes: Host name or address, usually with a zero byte
    * ``cert_subject_data`` offset to bytes: Subject that the certificate must have; null to compare the host name
    """

    port: int
    sport: int
    host_data: bytes
    cert_subject_data: bytes | None = None

    @property
    def host_size(self) -> int:
        """Length of ``host_data``."""
        return len(self.host_data)

    @property
    def cert_subject_size(self) -> int:
        """Length of ``cert_subject_data``."""
        return announced(self.cert_subject_data)


class MigrateBegin(msgspec.Struct, frozen=True, gc=False):
    """Asks the client to link the destination ahead of a semi-seamless migration.

    * ``dst_info`` DstInfo: The destination
    """

    dst_info: DstInfo


class MigrateCancel(msgspec.Struct, frozen=True, gc=False):
    """No migration after all; the client drops its links to the destination."""


class Init(msgspec.Struct, frozen=True, gc=False):
    """Opens the session.

    * ``session_id`` uint32: Connection id for the links of all other channels
    * ``display_channels_hint`` uint32: Display channels to expect; only a hint
    * ``supported_mouse_modes`` uint32: Mouse modes that can be asked for
    * ``current_mouse_mode`` uint32: Mouse mode now
    * ``agent_connected`` uint32: 1 if a guest agent is there
    * ``agent_tokens`` uint32: AGENT_DATA messages the client may send before it gets more
    * ``multi_media_time`` uint32: Multimedia clock, modulo 2^32 (ms)
    * ``ram_hint`` uint32: Memory of the graphics device, from which clients choose the GLZ window (byte)
    """

    session_id: int
    display_channels_hint: int
    supported_mouse_modes: MouseMode | int
    current_mouse_mode: MouseMode | int
    agent_connected: int
    agent_tokens: int
    multi_media_time: int
    ram_hint: int


class ChannelsList(msgspec.Struct, frozen=True, gc=False):
    """Channels that the client may connect.

    * ``channels`` ChannelIds: The channels; after the first list only those added
    """

    channels: tuple[ChannelId, ...]

    @property
    def num_of_channels(self) -> int:
        """Length of ``channels``."""
        return len(self.channels)


class MouseModeMessage(msgspec.Struct, frozen=True, gc=False):
    """The mouse mode, or what is supported, has changed.

    * ``supported_modes`` uint16: Mouse modes that can be asked for
    * ``current_mode`` uint16: Mouse mode now
    """

    supported_modes: MouseMode | int
    current_mode: MouseMode | int


class MultiMediaTime(msgspec.Struct, frozen=True, gc=False):
    """Sets the client's multimedia clock while no sound is played.

    * ``time`` uint32: Multimedia clock, modulo 2^32 (ms)
    """

    time: int


class AgentConnected(msgspec.Struct, frozen=True, gc=False):
    """A guest agent is there; the client's tokens stay as they were."""


class AgentDisconnected(msgspec.Struct, frozen=True, gc=False):
    """The guest agent is gone, and with it tokens and agent capabilities.

    * ``error_code`` uint32: Why
    """

    error_code: LinkErr | int


class AgentData(msgspec.Struct, frozen=True, gc=False):
    """A piece of an agent message, for one token.

    * ``data`` bytes: Piece of an agent message, at most 2048 bytes
    """

    data: bytes


class AgentToken(msgspec.Struct, frozen=True, gc=False):
    """Flow control of AGENT_DATA.

    * ``num_tokens`` uint32: AGENT_DATA messages the receiver may send on top
    """

    num_tokens: int


class MigrateSwitchHost(msgspec.Struct, frozen=True, gc=False):
    """Tells the client to leave and to connect elsewhere from nothing; the host may be null here, not in DstInfo.

    * ``port`` uint16: Port without TLS
    * ``sport`` uint16: Port with TLS
    * ``host_data`` offset to bytes: Host name or address, usually with a zero byte
    * ``cert_subject_data`` offset to bytes: Subject that the certificate must have; null to compare the host name
    """

    port: int
    sport: int
    host_data: bytes | None = None
    cert_subject_data: bytes | None = None

    @property
    def host_size(self) -> int:
        """Length of ``host_data``."""
        return announced(self.host_data)

    @property
    def cert_subject_size(self) -> int:
        """Length of ``cert_subject_data``."""
        return announced(self.cert_subject_data)


class MigrateEnd(msgspec.Struct, frozen=True, gc=False):
    """Ends a semi-seamless migration: the source tells the client, and the client the destination."""


class Name(msgspec.Struct, frozen=True, gc=False):
    """Name of the guest.

    * ``name`` bytes: The name, usually with a zero byte at its end
    """

    name: bytes

    @property
    def name_len(self) -> int:
        """Length of ``name``."""
        return len(self.name)


class Uuid(msgspec.Struct, frozen=True, gc=False):
    """UUID of the guest.

    * ``uuid`` 16 bytes: The UUID, in the order in which it is printed
    """

    uuid: bytes


class AgentConnectedTokens(msgspec.Struct, frozen=True, gc=False):
    """A guest agent is there, and the client's tokens start anew.

    * ``num_tokens`` uint32: AGENT_DATA messages the client may send before it gets more
    """

    num_tokens: int


class MigrateBeginSeamless(msgspec.Struct, frozen=True, gc=False):
    """Asks the client to link the destination ahead of a seamless migration.

    * ``dst_info`` DstInfo: The destination
    * ``src_mig_version`` uint32: Version of the source's migration data; 1 today
    """

    dst_info: DstInfo
    src_mig_version: int


class MigrateDstSeamlessAck(msgspec.Struct, frozen=True, gc=False):
    """The destination understands the source's migration data."""


class MigrateDstSeamlessNack(msgspec.Struct, frozen=True, gc=False):
    """The destination does not; the migration will be semi-seamless."""


class ClientInfo(msgspec.Struct, frozen=True, gc=False):
    """Obsolete: the size now stands in INIT of the display channel, and spice-server closes on this message.

    * ``cache_size`` uint64: Size of the image cache
    """

    cache_size: int


class MigrateConnected(msgspec.Struct, frozen=True, gc=False):
    """The client has linked the destination."""


class MigrateConnectError(msgspec.Struct, frozen=True, gc=False):
    """The client could not link the destination."""


class AttachChannels(msgspec.Struct, frozen=True, gc=False):
    """Asks for CHANNELS_LIST."""


class MouseModeRequest(msgspec.Struct, frozen=True, gc=False):
    """Asks for another mouse mode; answered by MOUSE_MODE only if the mode changes.

    * ``mode`` uint16: The mode wanted
    """

    mode: MouseMode | int


class AgentStart(msgspec.Struct, frozen=True, gc=False):
    """The client begins to talk to the agent; agent data before it is dropped.

    * ``num_tokens`` uint32: AGENT_DATA messages the server may send before it gets more
    """

    num_tokens: int


class MigrateDstDoSeamless(msgspec.Struct, frozen=True, gc=False):
    """Asks the destination whether it understands the source's migration data.

    * ``src_version`` uint32: The version that MIGRATE_BEGIN_SEAMLESS brought
    """

    src_version: int


class MigrateConnectedSeamless(msgspec.Struct, frozen=True, gc=False):
    """The client has linked the destination, which agreed to a seamless migration."""


class QualityIndicator(msgspec.Struct, frozen=True, gc=False):
    """Reserved; no program sends it, and spice-server closes on it.

    * ``data`` bytes: Not defined
    """

    data: bytes
