"""Servers: the guest and its client at the destination (19.8)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import SIGN_OF_LIFE, server_case
from conformance.cases.display.view import Picture, View, check_picture, own_picture
from conformance.cases.inputs.guest_keyboard import EVENTS, GuestKeyboard
from conformance.cases.migration.journey import (
    ALL,
    HANDS_OVER,
    PICTURES,
    SEAMLESS,
    SEMI_SEAMLESS,
    SWITCH_HOST,
    TAKES_ALONG,
    USUAL,
    WITH_STATE,
    Journey,
    Kind,
    set_out,
)
from conformance.cases.mouse.steps import BUNCH, move
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.byte_channel import unpack
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main, spicevmc

_LISTED: Final = {
    SWITCH_HOST.name: ("SPICE-MIG-059/switch-host-list",),
    SEMI_SEAMLESS.name: ("SPICE-MIG-059/semi-seamless-list",),
    SEAMLESS.name: ("SPICE-MIG-059/seamless-list",),
}
_PORT: Final = ("control:port-write", "control:port-read")
_SEEN: Final = ("control:picture",)
_PICTURES_ARE_RIGHT: Final = (
    "SPICE-IMAGE-019/red-and-blue",
    "SPICE-IMAGE-013/upside-down",
    "SPICE-IMAGE-007/picture",
    "SPICE-IMAGE-008/none-above",
    "SPICE-DISPLAY-077/decodes",
)
_STANDS_STILL: Final = 0.99
"""The part of its pixels that a guest leaves as they are for so short a time: a cursor of text may blink."""
_TRIES: Final = 4
_WAITS: Final = 3
"""Quiet times between two looks at a guest."""
_HOST, _SEMI, _SEAMLESS = _LISTED.values()


@server_case("SPICE-MIG-033/session-id", channel="main", needs=TAKES_ALONG)
def session_id(client: SuiteClient) -> None:
    """INIT behind MIGRATE_END has the session id that the client brought."""
    journey = set_out(client, SEMI_SEAMLESS, USUAL)
    journey.prepare()
    with client.preparing("a semi-seamless migration"):
        journey.finish()
        journey.arrive()
    check_value("INIT at the destination", "session_id", journey.there.init.session_id, client.session_id)


@server_case("SPICE-MIG-059/switch-host-list", SWITCH_HOST, channel="main", needs=HANDS_OVER)
@server_case("SPICE-MIG-059/semi-seamless-list", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG)
@server_case("SPICE-MIG-059/seamless-list", SEAMLESS, channel="main", needs=WITH_STATE)
def listed(client: SuiteClient, kind: Kind) -> None:
    """At the destination there are the channels that were at the source, and all that the client has go on. Kind."""
    client.relies_on(SIGN_OF_LIFE["server"])
    journey = set_out(client, kind, ALL)
    journey.prepare()
    journey.finish()
    journey.arrive()
    found = journey.there.channels(journey.main_there)
    missing = sorted(set(client.listed or ()) - found)
    check_value("CHANNELS_LIST at the destination", "channels of the source that it leaves out", missing, [])
    journey.alive()


@server_case("SPICE-MIG-059/switch-host-mode", SWITCH_HOST, channel="main", needs=HANDS_OVER, requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-mode", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG, requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-mode", SEAMLESS, channel="main", needs=WITH_STATE, requires=_SEAMLESS)
def mouse_mode(client: SuiteClient, kind: Kind) -> None:
    """The mouse modes at the destination are those of the source, and the other one can be asked for. Kind."""
    if client.target.meets("control:pointer"):
        client.control("pointer", "absolute")
    journey = set_out(client, kind, USUAL)
    init = client.init
    if client.target.meets("control:pointer") and not init.supported_mouse_modes & MouseMode.CLIENT:
        journey.main.wait_for("MOUSE_MODE", supported_modes=MouseMode.SERVER | MouseMode.CLIENT)
    elif not init.supported_mouse_modes & MouseMode.CLIENT:
        raise NotApplicable("the server has one mouse mode")
    journey.go()
    there = journey.main_there
    client.wait_quiet()
    for mode in (MouseMode.CLIENT, MouseMode.SERVER):
        there.drop("MOUSE_MODE")
        there.send(main.MouseModeRequest(mode), text=f"MOUSE_MODE_REQUEST {int(mode)}")
        found = journey.there.so_far(there, "MOUSE_MODE")
        # Where the mode is that already, nothing need come.
        if found:
            check_value("MOUSE_MODE at the destination", "current_mode", found[-1].parsed.current_mode, mode)


@server_case("SPICE-MIG-059/switch-host-picture", SWITCH_HOST, channel="display", needs=(*HANDS_OVER, *_SEEN), requires=_HOST)
@server_case(
    "SPICE-MIG-059/semi-seamless-picture", SEMI_SEAMLESS, channel="display", needs=(*TAKES_ALONG, *_SEEN), requires=_SEMI
)
@server_case("SPICE-MIG-059/seamless-picture", SEAMLESS, channel="display", needs=(*WITH_STATE, *_SEEN), requires=_SEAMLESS)
def picture(client: SuiteClient, kind: Kind) -> None:
    """The picture of the client at the destination is that of the guest. Kind."""
    client.relies_on(*_PICTURES_ARE_RIGHT)
    journey = set_out(client, kind, PICTURES)
    talk = journey.talk(ChannelType.DISPLAY)
    _draw(client)
    before = _at_rest(client)
    view = View(client, talk)
    journey.passed = lambda passed, message: view.draw(message) if passed is talk else None
    journey.go()
    there = journey.talk_there(ChannelType.DISPLAY)
    if kind is SEAMLESS:
        view.talk = there
    else:
        view = View(journey.there, there)
    own = own_picture(journey.there, 0)
    if before is not None and not _alike(own, before):
        raise Failure("the guest at the destination shows what it has shown at the source", "something else")
    _draw(client)
    check_picture(journey.there, view)


def _alike(one: Picture, other: Picture) -> bool:
    return one.shape == other.shape and float((one == other).all(axis=2).mean()) >= _STANDS_STILL


def _at_rest(client: SuiteClient) -> Picture | None:
    """The guest's picture, once it does not change for a while: firmware writes as it starts. None if it goes on."""
    before = own_picture(client, 0)
    for _ in range(_TRIES):
        for _ in range(_WAITS):
            client.wait_quiet()
        now = own_picture(client, 0)
        if _alike(now, before):
            return now
        before = now
    return None


def _draw(client: SuiteClient) -> None:
    """The guest draws, where it can be told to."""
    if client.target.meets("control:animate"):
        client.control("animate", 3)
        client.wait_quiet()


@server_case("SPICE-MIG-059/switch-host-keys", SWITCH_HOST, channel="inputs", needs=(*HANDS_OVER, *EVENTS), requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-keys", SEMI_SEAMLESS, channel="inputs", needs=(*TAKES_ALONG, *EVENTS), requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-keys", SEAMLESS, channel="inputs", needs=(*WITH_STATE, *EVENTS), requires=_SEAMLESS)
def keys(client: SuiteClient, kind: Kind) -> None:
    """A key that goes down and up at the destination does so in the guest. Kind."""
    journey = set_out(client, kind, USUAL)
    guest, there = _typed(client, journey)
    there.send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E))
    guest.expect("1e 9e", "A goes down and up at the destination")


def _typed(client: SuiteClient, journey: Journey) -> tuple[GuestKeyboard, Talk]:
    """The keyboard of the guest, and inputs, at the destination: at the source a key has worked."""
    talk = journey.talk(ChannelType.INPUTS)
    before = GuestKeyboard(client)
    talk.send(inputs.KeyDown(0x30), inputs.KeyUp(0xB0))
    before.expect("30 b0", "B goes down and up at the source")
    journey.go()
    return GuestKeyboard(client), journey.talk_there(ChannelType.INPUTS)


@server_case("SPICE-MIG-059/seamless-held-key", channel="inputs", needs=(*WITH_STATE, *EVENTS), requires=_SEAMLESS)
def held_key(client: SuiteClient) -> None:
    """A key that is down when the guest goes is down at the destination, until the client lets it go."""
    journey = set_out(client, SEAMLESS, USUAL)
    talk = journey.talk(ChannelType.INPUTS)
    guest = GuestKeyboard(client)
    talk.send(inputs.KeyDown(0x1E))
    guest.expect("1e", "A goes down at the source")
    journey.go()
    guest = GuestKeyboard(client)
    guest.expect_keys(set(), "nothing has happened to the key")
    journey.talk_there(ChannelType.INPUTS).send(inputs.KeyUp(0x9E))
    guest.expect("9e", "A goes up at the destination")


@server_case("SPICE-MIG-059/switch-host-motion", SWITCH_HOST, channel="inputs", needs=HANDS_OVER, requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-motion", SEMI_SEAMLESS, channel="inputs", needs=TAKES_ALONG, requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-motion", SEAMLESS, channel="inputs", needs=WITH_STATE, requires=_SEAMLESS)
def motion(client: SuiteClient, kind: Kind) -> None:
    """Four movements at the destination are acknowledged. Kind."""
    journey = set_out(client, kind, USUAL)
    journey.go()
    there = journey.talk_there(ChannelType.INPUTS)
    move(journey.there, there, BUNCH)
    there.expect("MOUSE_MOTION_ACK", why="four movements at the destination")


@server_case("SPICE-MIG-059/switch-host-sound", SWITCH_HOST, channel="playback", needs=HANDS_OVER, requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-sound", SEMI_SEAMLESS, channel="playback", needs=TAKES_ALONG, requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-sound", SEAMLESS, channel="playback", needs=WITH_STATE, requires=_SEAMLESS)
def sound(client: SuiteClient, kind: Kind) -> None:
    """Sound that the guest has played at the source goes on at the destination. Kind."""
    journey = set_out(client, kind, (ChannelType.PLAYBACK,))
    talk = journey.talk(ChannelType.PLAYBACK)
    if client.target.meets("control:guest") and not talk.count("START"):
        client.control("guest", "tone")
    if not client.target.shows(f"sound on {talk.name}", lambda within: talk.wait_count("DATA", within=within), 1.0):
        raise NotApplicable(f"{talk.name}: no DATA comes")
    journey.go()
    there = journey.talk_there(ChannelType.PLAYBACK)
    there.expect("START", why="the guest plays")
    there.expect("DATA", why="the guest plays")


@server_case("SPICE-MIG-059/switch-host-port", SWITCH_HOST, channel="port", needs=(*HANDS_OVER, *_PORT), requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-port", SEMI_SEAMLESS, channel="port", needs=(*TAKES_ALONG, *_PORT), requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-port", SEAMLESS, channel="port", needs=(*WITH_STATE, *_PORT), requires=_SEAMLESS)
def port(client: SuiteClient, kind: Kind) -> None:
    """A port of the guest takes and gives bytes at the destination as at the source. Kind."""
    journey = set_out(client, kind, (ChannelType.PORT,))
    talk = journey.talk(ChannelType.PORT)
    with client.preparing("a port at the source"):
        _to_and_fro(client, talk, "source")
    journey.go()
    _to_and_fro(journey.there, journey.talk_there(ChannelType.PORT), "destination")


def _to_and_fro(client: SuiteClient, talk: Talk, where: str) -> None:
    """A word from the guest, and one for it. Raises Failure."""
    wanted, said = f"from the {where}".encode(), f"to the {where}".encode()
    client.control("port-write", wanted.hex(), talk.channel_id)
    came = bytearray()

    def arrived() -> bool:
        for message in talk.unread("DATA", "COMPRESSED_DATA"):
            came.extend(unpack(message.parsed))
        talk.drop("DATA", "COMPRESSED_DATA")
        return len(came) >= len(wanted)

    client.run(arrived)
    check_value(talk.name, "bytes of the guest", bytes(came), wanted)
    talk.send(spicevmc.Data(said))
    read = bytearray()

    def taken() -> bool:
        read.extend(bytes.fromhex(client.control("port-read", talk.channel_id)["data"]))
        return len(read) >= len(said)

    client.run(taken)
    check_value(talk.name, "bytes that the guest has read", bytes(read), said)
