"""Every length that a capture file can ask for has a bound here, with its reason.

A capture is hostile input: all numbers in it may lie. Bytes unless the name says otherwise.
"""

from __future__ import annotations

from typing import Final

READ_CHUNK: Final = 1 << 16
"""One read from the file: large enough that system calls vanish, small enough to stay in the second-level cache."""

RECORD: Final = 1 << 20
"""One packet record. The usual snapshot length is 256 KiB; nothing that carries TCP is larger."""

BLOCK: Final = 16 << 20
"""One pcapng block that has to be read as a whole. Longer blocks of kinds that are not needed are skipped unread."""

INTERFACES: Final = 4096
"""Interfaces of one pcapng section."""

KEY_LOG: Final = 64 << 20
"""Key-log text, file and secrets blocks together."""

KEY_LOG_SESSIONS: Final = 1 << 18
"""TLS sessions whose secrets are kept."""

VLAN_TAGS: Final = 8
"""Stacked 802.1Q/802.1ad tags."""

MPLS_LABELS: Final = 16
"""Stacked labels."""

GTP_EXTENSIONS: Final = 8
"""Extension headers of one GTP-U packet."""

EXTENSION_HEADERS: Final = 16
"""IPv6 extension headers in one packet."""

TUNNEL_DEPTH: Final = 4
"""IP in something in IP."""

FRAGMENTED_PACKETS: Final = 256
"""IP packets whose fragments are waiting for more; the oldest is given up."""

FRAGMENTS: Final = 256
"""Fragments of one packet: 64 KiB in pieces of the smallest legal MTU, with room to spare."""

FRAGMENT_BYTES: Final = 8 << 20
"""All waiting fragments together."""

FLOWS: Final = 1 << 17
"""Entries of the flow table, two a connection; above that, finished and foreign connections are forgotten first."""

OUT_OF_ORDER_BYTES: Final = 4 << 20
"""Data of one direction that waits for earlier bytes: more than the windows that operating systems open by default."""

OUT_OF_ORDER_SEGMENTS: Final = 8192
"""Pieces of one direction that wait for earlier bytes."""

OUT_OF_ORDER_TOTAL: Final = 64 << 20
"""Waiting data of all connections together."""

HOLE_PATIENCE_PACKETS: Final = 16
"""Packets of a connection that may follow the acknowledgement of bytes not seen before these count as lost:
captures from several queues swap packets of the two directions."""

ORDER_PACKETS: Final = 512
"""Packets that wait for what was sent before them and comes behind them, where somebody has to know the order: more than what
the queues of a card, or the buffers of two interfaces, hold at a time."""

ORDER_BYTES: Final = 32 << 20
"""What these hold together."""

RECENT_BYTES: Final = 1 << 20
"""The latest of one direction, to be compared with what is sent again: more than is on its way at a time, most often."""

RECENT_TOTAL: Final = 64 << 20
"""The same of all directions together."""

DISORDER_NS: Final = 5_000_000
"""By so much packets of two directions or connections change places on their way into any capture."""

DISORDER_PACKETS: Final = 16
"""The same in packets of the file."""

SCOUTED_PACKETS: Final = 4096
"""Packets at the beginning of a file that say whether it is in order."""

SCOUTED_BYTES: Final = 1 << 16
"""Of each direction, so many are kept meanwhile to be compared with what comes again: few enough to stay in the cache."""

SCOUTED_DISTANCE: Final = 2
"""So many packets may lie between the place where one belongs and that where it is: one interface exchanges neighbours."""

DETECT_BYTES: Final = 64 << 10
"""What is held while the client's first bytes are awaited."""

MIDSESSION_BYTES: Final = 320 << 10
"""What is held of one end of a connection without a beginning, until it is clear what it is: more than the 256000 bytes with
which spice-server pads a PING."""

MIDSESSION_WINDOWS: Final = 16
"""How often that much goes by without a message before a connection is let go: a picture that a capture begins in is long."""

UNRECOGNISED_BYTES: Final = 8 << 20
"""What is held of all such connections together; then the one with the most has to be decided."""

UNRECOGNISED_FEW: Final = 12
"""So many cannot hold that much."""

HTTP_HEAD: Final = 64 << 10
"""One HTTP request or response head."""

OUTCOMES: Final = 10_000
"""Connections, and sessions, of which is kept what became of them."""

REFUSALS: Final = 1000
"""Attempts to connect that nobody accepted, of which a place is kept."""

FOREIGN_PROTOCOLS: Final = 64
"""Protocols besides SPICE of which a line is kept."""

PREFACE: Final = 64 << 10
"""What is held of a stream while a proxy has not yet agreed to it."""

WEBSOCKET_CONTROL: Final = 125
"""Payload of one control frame (RFC 6455, 5.5)."""

TLS_RECORD: Final = (1 << 14) + 2048
"""Ciphertext of one record (RFC 5246, 6.2.3); TLS 1.3 allows 256 bytes of expansion only."""

TLS_HANDSHAKE: Final = 1 << 18
"""One handshake message; certificate chains are the long ones. Longer messages are skipped, not failed."""

TLS_WAITING: Final = 16 << 20
"""Ciphertext of all connections that waits for secrets which a later block of a stream may bring."""

TLS_RESYNC_TRIALS: Final = 4096
"""Decryptions tried per direction to find the record number after lost bytes."""

TLS_RESYNC_SKIP: Final = 256
"""Records that one gap may have swallowed."""

WARNINGS: Final = 100
"""Warnings kept in full; further ones are counted."""
