"""Values of agent. Made from spiceproto/schema/agent.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.agent import AgentButtonMask, AgentMessageType, AgentPort, AgentReplyError, ClipboardSelection, ClipboardType, DisplayConfigFlags, FileXferStatus, MonitorsConfigFlags


class ChunkHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every chunk between server and guest, not between client and server.

    * ``port`` uint32: Whose stream this chunk belongs to
    * ``size`` uint32: Bytes that follow (byte)
    """

    port: AgentPort | int
    size: int


class MessageHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every agent message.

    * ``protocol`` uint32: 1
    * ``type`` uint32: Which message
    * ``opaque`` uint64: 0
    * ``size`` uint32: Bytes of the body (byte)
    """

    protocol: int
    type: AgentMessageType | int
    opaque: int
    size: int


class MouseState(msgspec.Struct, frozen=True, gc=False):
    """The pointer, in client mouse mode.

    * ``x`` uint32: Position from the left edge (pixel)
    * ``y`` uint32: Position from the top edge (pixel)
    * ``buttons`` uint32: Buttons that are down; one bit higher than on the inputs channel
    * ``display_id`` uint8: Which head
    """

    x: int
    y: int
    buttons: AgentButtonMask | int
    display_id: int


class MonConfig(msgspec.Struct, frozen=True, gc=False):
    """One monitor; height comes before width.

    * ``height`` uint32: Height; 0 for a disabled monitor (pixel)
    * ``width`` uint32: Width; 0 for a disabled monitor (pixel)
    * ``depth`` uint32: Bits per pixel
    * ``x`` int32: Left edge (pixel)
    * ``y`` int32: Top edge (pixel)
    """

    height: int
    width: int
    depth: int
    x: int
    y: int


class MonitorMM(msgspec.Struct, frozen=True, gc=False):
    """Physical size of one monitor.

    * ``height`` uint16: Height (mm)
    * ``width`` uint16: Width (mm)
    """

    height: int
    width: int


class MonitorsConfig(msgspec.Struct, frozen=True, gc=False):
    """The monitors that the client would like.

    * ``flags`` uint32: What is given
    * ``monitors`` MonConfigs: The monitors
    * ``physical_sizes`` MonitorMMs if ``flags`` has PHYSICAL_SIZE: Their physical sizes
    """

    flags: MonitorsConfigFlags | int
    monitors: tuple[MonConfig, ...]
    physical_sizes: tuple[MonitorMM, ...] | None = None

    @property
    def num_of_monitors(self) -> int:
        """Length of ``monitors``."""
        return len(self.monitors)


class Reply(msgspec.Struct, frozen=True, gc=False):
    """Answer to MONITORS_CONFIG and DISPLAY_CONFIG.

    * ``type`` uint32: The message that is answered
    * ``error`` uint32: Whether it worked
    """

    type: AgentMessageType | int
    error: AgentReplyError | int


class DisplayConfig(msgspec.Struct, frozen=True, gc=False):
    """Desktop settings for slow links.

    * ``flags`` uint32: What to change
    * ``depth`` uint32: Colour depth, with SET_COLOR_DEPTH (bit)
    """

    flags: DisplayConfigFlags | int
    depth: int


class AnnounceCapabilities(msgspec.Struct, frozen=True, gc=False):
    """What the sender can do.

    * ``request`` uint32: 1 if the receiver should answer with its own
    * ``caps`` uint32s: Capability words
    """

    request: int
    caps: tuple[int, ...]


class Clipboard(msgspec.Struct, frozen=True, gc=False):
    """The clipboard's content, after a request.

    * ``type`` uint32: Format
    * ``data`` bytes: Content
    """

    type: ClipboardType | int
    data: bytes


class ClipboardSelected(msgspec.Struct, frozen=True, gc=False):
    """The clipboard's content, after a request.

    * ``selection`` uint8: Which clipboard
    * ``reserved`` 3 bytes: Zero
    * ``type`` uint32: Format
    * ``data`` bytes: Content
    """

    selection: ClipboardSelection | int
    reserved: bytes
    type: ClipboardType | int
    data: bytes


class ClipboardGrab(msgspec.Struct, frozen=True, gc=False):
    """The sender's side now owns the clipboard.

    * ``types`` uint32s: Formats that can be had
    """

    types: tuple[ClipboardType | int, ...]


class ClipboardGrabSelected(msgspec.Struct, frozen=True, gc=False):
    """The sender's side now owns the clipboard.

    * ``selection`` uint8: Which clipboard
    * ``reserved`` 3 bytes: Zero
    * ``types`` uint32s: Formats that can be had
    """

    selection: ClipboardSelection | int
    reserved: bytes
    types: tuple[ClipboardType | int, ...]


class ClipboardGrabSerial(msgspec.Struct, frozen=True, gc=False):
    """The sender's side now owns the clipboard.

    * ``serial`` uint32: Counts the grabs of the sender, so that late ones are told apart
    * ``types`` uint32s: Formats that can be had
    """

    serial: int
    types: tuple[ClipboardType | int, ...]


class ClipboardGrabSelectedSerial(msgspec.Struct, frozen=True, gc=False):
    """The sender's side now owns the clipboard.

    * ``selection`` uint8: Which clipboard
    * ``reserved`` 3 bytes: Zero
    * ``serial`` uint32: Counts the grabs of the sender, so that late ones are told apart
    * ``types`` uint32s: Formats that can be had
    """

    selection: ClipboardSelection | int
    reserved: bytes
    serial: int
    types: tuple[ClipboardType | int, ...]


class ClipboardRequest(msgspec.Struct, frozen=True, gc=False):
    """Asks the owner for the clipboard's content.

    * ``type`` uint32: Wanted format
    """

    type: ClipboardType | int


class ClipboardRequestSelected(msgspec.Struct, frozen=True, gc=False):
    """Asks the owner for the clipboard's content.

    * ``selection`` uint8: Which clipboard
    * ``reserved`` 3 bytes: Zero
    * ``type`` uint32: Wanted format
    """

    selection: ClipboardSelection | int
    reserved: bytes
    type: ClipboardType | int


class ClipboardRelease(msgspec.Struct, frozen=True, gc=False):
    """The sender's side no longer owns the clipboard."""


class ClipboardReleaseSelected(msgspec.Struct, frozen=True, gc=False):
    """The sender's side no longer owns the clipboard.

    * ``selection`` uint8: Which clipboard
    * ``reserved`` 3 bytes: Zero
    """

    selection: ClipboardSelection | int
    reserved: bytes


class FileXferStart(msgspec.Struct, frozen=True, gc=False):
    """The client wants to send a file.

    * ``id`` uint32: Number of the transfer
    * ``data`` bytes: Name and size as a GLib key file
    """

    id: int
    data: bytes


class FileXferStatusMessage(msgspec.Struct, frozen=True, gc=False):
    """How a file transfer goes.

    * ``id`` uint32: Number of the transfer
    * ``result`` uint32: How it goes
    * ``data`` bytes: Detail, with FILE_XFER_DETAILED_ERRORS: free space, or type and code of an error
    """

    id: int
    result: FileXferStatus | int
    data: bytes


class FileXferStatusNotEnoughSpace(msgspec.Struct, frozen=True, gc=False):
    """Detail of NOT_ENOUGH_SPACE.

    * ``disk_free_space`` uint64: Free space in the guest (byte)
    """

    disk_free_space: int


class FileXferStatusError(msgspec.Struct, frozen=True, gc=False):
    """Detail of ERROR.

    * ``error_type`` uint8: Whose error codes: 0 is GLib's I/O errors
    * ``error_code`` uint32: The code
    """

    error_type: int
    error_code: int


class FileXferData(msgspec.Struct, frozen=True, gc=False):
    """The next bytes of a file.

    * ``id`` uint32: Number of the transfer
    * ``data`` bytes: Bytes of the file
    """

    id: int
    data: bytes

    @property
    def size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class ClientDisconnected(msgspec.Struct, frozen=True, gc=False):
    """The client is gone."""


class MaxClipboard(msgspec.Struct, frozen=True, gc=False):
    """The client limits the clipboard.

    * ``max`` int32: Largest clipboard content; -1 for no limit (byte)
    """

    max: int


class AudioVolumeSync(msgspec.Struct, frozen=True, gc=False):
    """The client's volume for the guest.

    * ``is_playback`` uint8: 1 for playback, 0 for record
    * ``mute`` uint8: 1 if muted
    * ``volume`` uint16s: Volume of each; 65535 is full
    """

    is_playback: int
    mute: int
    volume: tuple[int, ...]

    @property
    def nchannels(self) -> int:
        """Length of ``volume``."""
        return len(self.volume)


class DeviceDisplayInfo(msgspec.Struct, frozen=True, gc=False):
    """One output of a graphics device.

    * ``channel_id`` uint32: Display channel
    * ``monitor_id`` uint32: Monitor on that channel
    * ``device_display_id`` uint32: Output of the guest's device
    * ``device_address`` bytes: Hardware address, for example pci/0000/02.0
    """

    channel_id: int
    monitor_id: int
    device_display_id: int
    device_address: bytes

    @property
    def device_address_len(self) -> int:
        """Length of ``device_address``."""
        return len(self.device_address)


class GraphicsDeviceInfo(msgspec.Struct, frozen=True, gc=False):
    """Which display channels and monitors are which outputs of the guest's devices.

    * ``display_info`` DeviceDisplayInfos: The outputs
    """

    display_info: tuple[DeviceDisplayInfo, ...]

    @property
    def count(self) -> int:
        """Length of ``display_info``."""
        return len(self.display_info)
