"""Servers: the guest and its client at the destination (19.8)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.view import View, check_picture
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
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

_LISTED: Final = {
    SWITCH_HOST.name: ("SPICE-MIG-059/switch-host-list",),
    SEMI_SEAMLESS.name: ("SPICE-MIG-059/semi-seamless-list",),
    SEAMLESS.name: ("SPICE-MIG-059/seamless-list",),
}
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


@server_case("SPICE-MIG-059/switch-host-picture", SWITCH_HOST, channel="display", needs=HANDS_OVER, requires=_HOST)
@server_case("SPICE-MIG-059/semi-seamless-picture", SEMI_SEAMLESS, channel="display", needs=TAKES_ALONG, requires=_SEMI)
@server_case("SPICE-MIG-059/seamless-picture", SEAMLESS, channel="display", needs=WITH_STATE, requires=_SEAMLESS)
def picture(client: SuiteClient, kind: Kind) -> None:
    """The picture of the client at the destination is that of the guest. Kind."""
    if not client.target.meets("control:picture"):
        raise NotApplicable("nobody can ask the server for its picture")
    journey = set_out(client, kind, PICTURES)
    talk = journey.talk(ChannelType.DISPLAY)
    _draw(client)
    view = View(client, talk)
    journey.passed = lambda passed, message: view.draw(message) if passed is talk else None
    journey.go()
    there = journey.talk_there(ChannelType.DISPLAY)
    if kind is SEAMLESS:
        view.talk = there
    else:
        view = View(journey.there, there)
    _draw(client)
    check_picture(journey.there, view)


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
