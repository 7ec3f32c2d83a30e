"""What a source says of a channel in MIGRATE_DATA, for who only carries it to the destination.

The bodies have all fields of their layout; the values are those of a session in which little has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.enums.agent import AgentPort
from spiceproto.messages.migration import (
    CharDevice,
    ChunkHeader,
    Display,
    GlzDictionary,
    Inputs,
    Main,
    MigrateDataHeader,
    Smartcard,
    Spicevmc,
    SurfacesAtClient,
)

__all__ = ["STATELESS", "state"]

STATELESS: Final = frozenset({"cursor", "playback", "record"})
"""Channels of which a source has nothing to say."""

_PIXELS: Final = 1 << 20
_TOKENS: Final = 10


def _header(magic: bytes) -> MigrateDataHeader:
    return MigrateDataHeader(int.from_bytes(magic, "little"), 1)


def _device() -> CharDevice:
    return CharDevice(version=1, connected=1, num_client_tokens=_TOKENS, num_send_tokens=_TOKENS, write_num_client_tokens=0)


def _main() -> Main:
    return Main(
        header=_header(b"MNMD"),
        agent_base=_device(),
        client_agent_started=1,
        agent2client_chunk_header_size=0,
        agent2client_chunk_header=ChunkHeader(AgentPort.CLIENT_PORT, 0),
        agent2client_msg_header_done=0,
        agent2client_msg_header_ptr=None,
        agent2client_msg_remaining=0,
        agent2client_msg_filter_result=0,
        client2agent_msg_remaining=0,
        client2agent_msg_filter_result=0,
    )


def _display() -> Display:
    return Display(
        header=_header(b"DCMD"),
        message_serial=1,
        low_bandwidth_setting=0,
        pixmap_cache_id=1,
        pixmap_cache_size=_PIXELS,
        pixmap_cache_freezer=1,
        pixmap_cache_clients=(1, 0, 0, 0),
        glz_dict_id=1,
        glz_dict_data=GlzDictionary(size=_PIXELS, max_encoders=8, last_image_id=0),
        surfaces_at_client_ptr=SurfacesAtClient(1, bytes(4)),
    )


_STATES: Final[dict[str, Callable[[], Any]]] = {
    "main": _main,
    "display": _display,
    "inputs": lambda: Inputs(_header(b"ICMD"), 0),
    "smartcard": lambda: Smartcard(header=_header(b"SCMD"), base=_device(), reader_added=0),
}


def state(table: str) -> bytes:
    """The body of MIGRATE_DATA on a channel that has any; byte channels share one layout."""
    make = _STATES.get(table, lambda: Spicevmc(_header(b"SVMD"), _device()))
    return dispatch.build("migration", "server", make())[1]
