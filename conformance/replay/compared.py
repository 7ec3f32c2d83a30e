"""Which messages of a target are compared with those of the recording, and why others are not.

Nothing is left out silently: what is not compared is counted on both sides, and its reason said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CARRIED", "FLOW", "GUEST", "LIST", "USER", "why_not"]

FLOW: Final = "how much and how fast is up to each end"
GUEST: Final = "what the guest shows, plays and says depends on the guest"
USER: Final = "what the user does depends on the user"
CARRIED: Final = "what a channel carries depends on who is behind it"
LIST: Final = "the messages inside are compared"

_COMMON: Final[Mapping[str, Mapping[str, str]]] = {
    "server": {"SET_ACK": FLOW, "PING": FLOW, "WAIT_FOR_CHANNELS": FLOW, "LIST": LIST},
    "client": {"ACK": FLOW, "LIST": LIST},
}
"""On every channel."""

_OF_THE_GUEST: Final = (
    "RESET",
    "MODE",
    "MARK",
    "COPY_BITS",
    "INVAL_LIST",
    "INVAL_ALL_PIXMAPS",
    "INVAL_PALETTE",
    "STREAM_CREATE",
    "STREAM_DATA",
    "STREAM_CLIP",
    "STREAM_DESTROY",
    "STREAM_DESTROY_ALL",
    "STREAM_DATA_SIZED",
    "STREAM_ACTIVATE_REPORT",
    "SURFACE_CREATE",
    "SURFACE_DESTROY",
    "MONITORS_CONFIG",
    "GL_SCANOUT_UNIX",
    "GL_SCANOUT2_UNIX",
    "GL_DRAW",
    "DRAW_FILL",
    "DRAW_OPAQUE",
    "DRAW_COPY",
    "DRAW_BLEND",
    "DRAW_BLACKNESS",
    "DRAW_WHITENESS",
    "DRAW_INVERS",
    "DRAW_ROP3",
    "DRAW_STROKE",
    "DRAW_TEXT",
    "DRAW_TRANSPARENT",
    "DRAW_ALPHA_BLEND",
    "DRAW_COMPOSITE",
)


def _all(why: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, why)


_OF: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("server", "main"): _all(GUEST, "AGENT_DATA") | _all(FLOW, "AGENT_TOKEN", "MULTI_MEDIA_TIME", "QUALITY_INDICATOR"),
    ("server", "display"): _all(GUEST, *_OF_THE_GUEST) | _all(FLOW, "QUALITY_INDICATOR"),
    ("server", "cursor"): _all(GUEST, "RESET", "SET", "MOVE", "HIDE", "TRAIL", "INVAL_ONE", "INVAL_ALL"),
    ("server", "inputs"): _all(GUEST, "KEY_MODIFIERS"),
    ("server", "playback"): _all(GUEST, "DATA", "MODE", "START", "STOP", "VOLUME", "MUTE", "LATENCY"),
    ("server", "record"): _all(GUEST, "START", "STOP", "VOLUME", "MUTE"),
    **{
        ("server", table): _all(CARRIED, "DATA", "COMPRESSED_DATA", "EVENT")
        for table in ("port", "webdav", "usbredir", "smartcard")
    },
    ("client", "main"): _all(USER, "AGENT_DATA", "MOUSE_MODE_REQUEST") | _all(FLOW, "AGENT_TOKEN", "QUALITY_INDICATOR"),
    ("client", "display"): _all(FLOW, "STREAM_REPORT", "GL_DRAW_DONE"),
    ("client", "inputs"): _all(
        USER,
        "KEY_DOWN",
        "KEY_UP",
        "KEY_MODIFIERS",
        "KEY_SCANCODE",
        "MOUSE_MOTION",
        "MOUSE_POSITION",
        "MOUSE_PRESS",
        "MOUSE_RELEASE",
    ),
    ("client", "record"): _all(USER, "DATA", "MODE", "START_MARK"),
    **{
        ("client", table): _all(CARRIED, "DATA", "COMPRESSED_DATA", "EVENT")
        for table in ("port", "webdav", "usbredir", "smartcard")
    },
}


_AGAIN: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {("server", "cursor"): {"INIT": GUEST}}
"""Messages of which the first one is compared: libspice-server begins the cursor again with each mode of the screen."""


def why_not(sender: str, table: str, name: str, before: int = 0, *, all: bool = False) -> str:
    """Why a message of this name is not compared; "" if it is.

    ``before``: how many of that name came before it on the channel; ``all``: what depends on guest and user is compared, too.
    """
    found = _COMMON[sender].get(name) or _OF.get((sender, table), {}).get(name, "")
    if before and not found:
        found = _AGAIN.get((sender, table), {}).get(name, "")
    return "" if all and found not in (FLOW, LIST) else found
