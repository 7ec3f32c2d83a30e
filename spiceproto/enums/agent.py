"""Numbers of the guest agent, spoken over the main channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class AgentMessageType(WireEnum):
    """Kind of an agent message (VD_AGENT_*)."""

    MOUSE_STATE = 1
    MONITORS_CONFIG = 2
    REPLY = 3
    CLIPBOARD = 4
    DISPLAY_CONFIG = 5
    ANNOUNCE_CAPABILITIES = 6
    CLIPBOARD_GRAB = 7
    CLIPBOARD_REQUEST = 8
    CLIPBOARD_RELEASE = 9
    FILE_XFER_START = 10
    FILE_XFER_STATUS = 11
    FILE_XFER_DATA = 12
    CLIENT_DISCONNECTED = 13
    MAX_CLIPBOARD = 14
    AUDIO_VOLUME_SYNC = 15
    GRAPHICS_DEVICE_INFO = 16


class AgentCapability(WireEnum):
    """Bit numbers of VD_AGENT_CAP_*."""

    MOUSE_STATE = 0
    """Pointer state messages are handled."""
    MONITORS_CONFIG = 1
    """Monitor layout requests are handled."""
    REPLY = 2
    """Replies are sent."""
    CLIPBOARD = 3
    """Old clipboard push, superseded."""
    DISPLAY_CONFIG = 4
    """Wallpaper, font and animation settings are handled."""
    CLIPBOARD_BY_DEMAND = 5
    """Grab, request and release clipboard flow."""
    CLIPBOARD_SELECTION = 6
    """Clipboard messages start with a 4-byte selection field."""
    SPARSE_MONITORS_CONFIG = 7
    """0 by 0 entries mean a disabled monitor."""
    GUEST_LINEEND_LF = 8
    """Guest text uses LF."""
    GUEST_LINEEND_CRLF = 9
    """Guest text uses CRLF."""
    MAX_CLIPBOARD = 10
    """Client may limit clipboard size."""
    AUDIO_VOLUME_SYNC = 11
    """Client volume can be set in the guest."""
    MONITORS_CONFIG_POSITION = 12
    """Monitor positions are honoured."""
    FILE_XFER_DISABLED = 13
    """File transfer is off."""
    FILE_XFER_DETAILED_ERRORS = 14
    """Transfer status may carry detail."""
    GRAPHICS_DEVICE_INFO = 15
    """Mapping of channels to guest devices is handled."""
    CLIPBOARD_NO_RELEASE_ON_REGRAB = 16
    """No release is sent when an owner grabs again."""
    CLIPBOARD_GRAB_SERIAL = 17
    """Grabs carry a serial number to settle races."""


class AgentPort(WireEnum):
    """Which side an agent chunk belongs to (VDP_*_PORT)."""

    CLIENT_PORT = 1
    """From or to the client."""
    SERVER_PORT = 2
    """From or to the server itself."""
    END_PORT = 3
    """One more than the last."""


class FileXferStatus(WireEnum):
    """How a file transfer goes (VD_AGENT_FILE_XFER_STATUS_*)."""

    CAN_SEND_DATA = 0
    """The client may begin."""
    CANCELLED = 1
    ERROR = 2
    SUCCESS = 3
    NOT_ENOUGH_SPACE = 4
    SESSION_LOCKED = 5
    VDAGENT_NOT_CONNECTED = 6
    """No agent runs in the session of the user."""
    DISABLED = 7


class FileXferErrorType(WireEnum):
    """Whose error code a failed transfer carries."""

    GLIB_IO = 0


class MonitorsConfigFlags(WireFlags):
    """What a monitors configuration holds."""

    USE_POS = 1
    """Positions are given."""
    PHYSICAL_SIZE = 2
    """Sizes in millimetres follow."""


class DisplayConfigFlags(WireFlags):
    """Desktop settings a client asks for."""

    DISABLE_WALLPAPER = 1
    DISABLE_FONT_SMOOTH = 2
    DISABLE_ANIMATION = 4
    SET_COLOR_DEPTH = 8
    """The depth field counts."""


class AgentReplyError(WireEnum):
    """Result in an agent reply."""

    SUCCESS = 1
    ERROR = 2


class ClipboardType(WireEnum):
    """Format of clipboard data (VD_AGENT_CLIPBOARD_*)."""

    NONE = 0
    UTF8_TEXT = 1
    IMAGE_PNG = 2
    IMAGE_BMP = 3
    IMAGE_TIFF = 4
    IMAGE_JPG = 5
    FILE_LIST = 6
    """Names of files that the webdav channel shares."""


class ClipboardSelection(WireEnum):
    """Which clipboard (VD_AGENT_CLIPBOARD_SELECTION_*)."""

    CLIPBOARD = 0
    """Copied on purpose."""
    PRIMARY = 1
    """What is selected, as in X11."""
    SECONDARY = 2
    """As in X11; hardly used."""


class AgentButtonMask(WireFlags):
    """Buttons in an agent mouse state (VD_AGENT_*BUTTON_MASK)."""

    LBUTTON = 2
    MBUTTON = 4
    RBUTTON = 8
    UBUTTON = 16
    """The wheel, away from the user."""
    DBUTTON = 32
    """The wheel, towards the user."""
    SBUTTON = 64
    """The side button."""
    EBUTTON = 128
    """The extra button."""
