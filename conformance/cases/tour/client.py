"""The tour of a client: one session, in which every channel that it links is given something of each kind.

At first the session is an ordinary one, and that has to come to its end. Then the suite shows what a server may: a row for
each channel type. All of it is legal for what the client has announced; what a client does not live through is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.cases.mouse.pointer import BUNCH, Pointer
from conformance.cases.tour.client_cursor import show_pointer
from conformance.cases.tour.client_display import show
from conformance.cases.tour.client_main import tell, tell_modes
from conformance.cases.tour.client_smartcard import ask_card
from conformance.cases.tour.client_sound import ask_for_sound, make_sound
from conformance.cases.tour.client_usb import look_at_device
from conformance.channels import LISTED
from conformance.outcome import Blocked, Failure
from conformance.talk import Talk
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs

__all__ = ["SHOWN", "client_tour"]

SHOWN: Final[Mapping[str, Callable[[SuiteServer, Talk], None]]] = {
    "main": tell,
    "cursor": show_pointer,
    "display": show,
    "playback": make_sound,
    "record": ask_for_sound,
    "smartcard": ask_card,
    "usbredir": look_at_device,
}
"""Name of a channel type to what is done on such a channel; nothing is done on others."""

_LISTED: Final = (
    *LISTED,
    (ChannelType.PLAYBACK, 0),
    (ChannelType.RECORD, 0),
    (ChannelType.SMARTCARD, 0),
    (ChannelType.USBREDIR, 0),
)
_INPUTS: Final = (ChannelType.INPUTS, 0)

_TYPED: Final[tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]] = (
    ("key", tuple([{"code": code, "down": down} for code in (0x1E, 0x14D) for down in (True, False)])),
    ("scancode", ({"data": "1e9e"}, {"data": "e04de0cd"})),
    ("modifiers", ({"flags": 0},)),
)
"""What a client is made to do with its keyboard, and with which values."""


def client_tour(server: SuiteServer) -> None:
    """An ordinary session with pings and movements in both mouse modes; then something of each kind on each channel."""
    server.network.transcript.offered.update([f"{channel_name(kind)}:{number}" for kind, number in _LISTED])
    talk = server.main()
    with server.visiting(*[channel_name(kind) for kind, _ in _LISTED]):
        server.list_channels(talk, *_LISTED)
        server.link_others()
    server.alive(talk)
    with server.visiting("inputs"):
        _point(server, talk)
        _type(server)
    server.alive(talk)
    server.wait_quiet()
    for other in server.talking:
        if other.table == "display" and not server.picture:
            continue  # a client that only takes a picture would leave
        if other.table in SHOWN and not _shown(server, other):
            return
    server.alive(talk)
    server.wait_quiet()


def _shown(server: SuiteServer, talk: Talk) -> bool:
    """Whether the client lived through what is done on a channel."""
    try:
        SHOWN[talk.table](server, talk)
    except (Blocked, Failure) as why:
        server.note(f"{talk.name} was left early: {why}")
    return not server.main_talk.closed


def _type(server: SuiteServer) -> None:
    """A key and an arrow, as somebody presses them and as a keyboard says them, where the client can be made to."""
    if _INPUTS not in server.talks:
        return
    for verb, each in _TYPED:
        if server.target.meets(f"act:{verb}"):
            for values in each:
                server.act(verb, **values)
            server.alive(server.talks[_INPUTS])


def _point(server: SuiteServer, talk: Talk) -> None:
    """Movements in both mouse modes, where somebody can make the client move; else the modes alone."""
    mouse = server.talks.get(_INPUTS)
    if mouse is None or not (server.target.meets("act:motion") and server.target.meets("act:position")):
        tell_modes(talk)
        return
    pointer = Pointer(server, mouse)
    for turn, mode in enumerate((MouseMode.CLIENT, MouseMode.SERVER), 1):
        pointer.tell_mode(mode)
        pointer.act_often(mode, range(BUNCH))
        server.wait_quiet()
        if mouse.count("MOUSE_MOTION") + mouse.count("MOUSE_POSITION") >= turn * BUNCH:
            mouse.send(inputs.MouseMotionAck())
