"""Every length that comes from the wire has a bound here, with its reason.

Bytes unless the name says otherwise.
"""

from __future__ import annotations

from typing import Final

LINK_MESSAGE_SIZE: Final = (18, 4096)
"""Size of a link message after its 16-byte header, both inclusive: what spice-server accepts."""

LINK_REPLY_SIZE: Final = (178, 8192)
"""Size of a link reply after its header that is read. A client need not take more than 4096 (SPICE-LINK-013); this has room for
2003 capability words."""

CAPABILITY_WORDS: Final = 1024
"""Most 32-bit capability words in one group (common or channel): spice-server's limit."""

SASL_DATA: Final = 1 << 20
"""One SASL challenge or response, as spice-gtk limits it."""

SASL_MECHANISM_LIST: Final = 300
"""The server's list of mechanism names, as spice-gtk limits it."""

PASSWORD: Final = 60
"""Longest ticket password without its zero byte."""

NOTICE: Final = (1 << 16) - 25
"""Bytes of a text for users: a body of NOTIFY has 64 KiB, 24 of them other fields and one behind the text."""

MESSAGE_BODY: Final = 64 << 20
"""A message body of any type without a limit of its own: a raw 32-bit picture of nearly 4096x4096 and its fields."""

AGENT_CHUNK: Final = 2048
"""Payload of one AGENT_DATA message."""

AGENT_MESSAGE: Final = 100 << 20
"""One agent message over all its chunks: spice-gtk's default clipboard limit."""

COMPRESSED_DATA: Final = 1 << 20
"""What one COMPRESSED_DATA of a byte channel may inflate to; spice-server never exceeds 64 KiB."""

IMAGE_PIXELS: Final = 1 << 26
"""Width times height of one image: 8192 x 8192, above every head of the field's servers."""

SUB_MESSAGES: Final = 4096
"""Entries of one sub-message list."""

STREAMS: Final = 64
"""Video streams of one display channel: ids 0..63."""

CELT_PACKET: Final = 4096
"""One CELT 0.5.1 packet: peers send 47 bytes, and what is above some 300 can only be padding, which is looked at bit by bit."""

VSC_BODY: Final = (1 << 17) - 12
"""Bytes of a VSC body on the smartcard channel: an extended command or answer has 64 KiB and a header, and DATA is at most
128 KiB, with 12 bytes of its own before it."""

MONITORS: Final = 256
"""Monitors of one MONITORS_CONFIG, as libspice-server limits it."""

CLIPBOARD_REQUESTS: Final = 64
"""Requests for one selection that wait for an answer; more are answered with nothing."""

AGENT_ANSWERS: Final = 1024
"""Agent messages that wait for a peer that takes none; no more of what it says is answered then."""

CLIPBOARD_TYPES: Final = 256
"""Formats of one CLIPBOARD_GRAB that are kept; there are seven."""

FILE_TRANSFERS: Final = 128
"""File transfers at once, as spice-vdagentd limits it."""

FILE_NAME: Final = 255
"""Bytes of a file's name: what the file systems of Linux and Windows take."""

FILE_START: Final = 8192
"""Bytes of a FILE_XFER_START that are read: a name, a size, and room for keys that nobody knows."""
