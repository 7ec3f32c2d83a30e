"""Values of migration. Made from spiceproto/schema/migration.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.agent import AgentPort


class MigrateDataHeader(msgspec.Struct, frozen=True, gc=False):
    """Begins every MIGRATE_DATA.

    * ``magic`` uint32: Four letters that name the channel
    * ``version`` uint32: 1
    """

    magic: int
    version: int


class CharDevice(msgspec.Struct, frozen=True, gc=False):
    """State of a byte device.

    * ``version`` uint32: 1
    * ``connected`` uint8: 1 if the device is connected
    * ``num_client_tokens`` uint32: Tokens the client has left
    * ``num_send_tokens`` uint32: Tokens the server has left
    * ``write_num_client_tokens`` uint32: How many of the tokens those bytes hold
    * ``write_data_ptr`` offset to bytes: Those bytes
    """

    version: int
    connected: int
    num_client_tokens: int
    num_send_tokens: int
    write_num_client_tokens: int
    write_data_ptr: bytes | None = None

    @property
    def write_size(self) -> int:
        """Length of ``write_data_ptr``."""
        return 0 if self.write_data_ptr is None else len(self.write_data_ptr)


class ChunkHeader(msgspec.Struct, frozen=True, gc=False):
    """The agent chunk header read last.

    * ``port`` uint32: Port of the chunk that is being read
    * ``size`` uint32: Its size (byte)
    """

    port: AgentPort | int
    size: int


class Main(msgspec.Struct, frozen=True, gc=False):
    """State of the main channel.

    * ``header`` MigrateDataHeader: MNMD
    * ``agent_base`` CharDevice: The agent's device
    * ``client_agent_started`` uint8: 1 if the client sent AGENT_START
    * ``agent2client_chunk_header_size`` uint32: Bytes of the chunk header that were read (byte)
    * ``agent2client_chunk_header`` ChunkHeader: The chunk header, as far as it was read
    * ``agent2client_msg_header_done`` uint8: 1 if the message header was read whole
    * ``agent2client_msg_header_ptr`` offset to bytes: Those bytes
    * ``agent2client_msg_remaining`` uint32: Bytes of the message still to come from the agent (byte)
    * ``agent2client_msg_filter_result`` uint8: Whether that message is passed on
    * ``client2agent_msg_remaining`` uint32: Bytes of the message still to come from the client (byte)
    * ``client2agent_msg_filter_result`` uint8: Whether that message is passed on
    """

    header: MigrateDataHeader
    agent_base: CharDevice
    client_agent_started: int
    agent2client_chunk_header_size: int
    agent2client_chunk_header: ChunkHeader
    agent2client_msg_header_done: int
    agent2client_msg_header_ptr: bytes | None
    agent2client_msg_remaining: int
    agent2client_msg_filter_result: int
    client2agent_msg_remaining: int
    client2agent_msg_filter_result: int

    @property
    def agent2client_msg_header_partial_len(self) -> int:
        """Length of ``agent2client_msg_header_ptr``."""
        return 0 if self.agent2client_msg_header_ptr is None else len(self.agent2client_msg_header_ptr)


class GlzDictionary(msgspec.Struct, frozen=True, gc=False):
    """State of a GLZ dictionary.

    * ``size`` uint32: Window (pixel)
    * ``max_encoders`` uint32: Encoders that share it
    * ``last_image_id`` uint64: Number that the next image gets
    """

    size: int
    max_encoders: int
    last_image_id: int


class SurfacesAtClient(msgspec.Struct, frozen=True, gc=False):
    """The surfaces the client has.

    * ``num_surfaces`` uint32: How many surfaces
    * ``surfaces`` bytes: Their ids (4 bytes each); with lossy areas, id and rectangle (20 bytes each)
    """

    num_surfaces: int
    surfaces: bytes


class Display(msgspec.Struct, frozen=True, gc=False):
    """State of a display channel.

    * ``header`` MigrateDataHeader: DCMD
    * ``message_serial`` uint64: Serial of the last message
    * ``low_bandwidth_setting`` uint8: 1 if the link was found to be slow
    * ``pixmap_cache_id`` uint8: Which pixmap cache
    * ``pixmap_cache_size`` int64: Its size (pixel)
    * ``pixmap_cache_freezer`` uint8: 1 if this channel froze the cache
    * ``pixmap_cache_clients`` uint64s: Serials of the display channels that share it
    * ``glz_dict_id`` uint8: Which GLZ dictionary
    * ``glz_dict_data`` GlzDictionary: Its state
    * ``surfaces_at_client_ptr`` offset to SurfacesAtClient: The surfaces the client has
    """

    header: MigrateDataHeader
    message_serial: int
    low_bandwidth_setting: int
    pixmap_cache_id: int
    pixmap_cache_size: int
    pixmap_cache_freezer: int
    pixmap_cache_clients: tuple[int, ...]
    glz_dict_id: int
    glz_dict_data: GlzDictionary
    surfaces_at_client_ptr: SurfacesAtClient | None = None


class Inputs(msgspec.Struct, frozen=True, gc=False):
    """State of the inputs channel.

    * ``header`` MigrateDataHeader: ICMD
    * ``motion_count`` uint16: Motions not yet acknowledged
    """

    header: MigrateDataHeader
    motion_count: int


class Spicevmc(msgspec.Struct, frozen=True, gc=False):
    """State of a byte channel.

    * ``header`` MigrateDataHeader: SVMD
    * ``base`` CharDevice: The device
    """

    header: MigrateDataHeader
    base: CharDevice


class Smartcard(msgspec.Struct, frozen=True, gc=False):
    """State of the smartcard channel.

    * ``header`` MigrateDataHeader: SCMD
    * ``base`` CharDevice: The device
    * ``reader_added`` uint8: 1 if the reader was announced
    * ``read_data_ptr`` offset to bytes: Those bytes
    """

    header: MigrateDataHeader
    base: CharDevice
    reader_added: int
    read_data_ptr: bytes | None = None

    @property
    def read_size(self) -> int:
        """Length of ``read_data_ptr``."""
        return 0 if self.read_data_ptr is None else len(self.read_data_ptr)
