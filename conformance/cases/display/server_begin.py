"""Servers: how a display channel begins (7.1 to 7.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import begin, init, linked, screen
from conformance.expectation import at_least, at_most, check, check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Message, Talk
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import SurfaceFlags

_LATE: Final = 2.0
"""Seconds; libspice-server closes the channel after 30."""

_DRAWS: Final = ("DRAW_", "COPY_BITS", "STREAM_")


# -- INIT


def _waits(client: SuiteClient, talk: Talk, seconds: float | None = None) -> None:
    """No surface comes before INIT; one that comes is a manner of the server."""
    try:
        talk.expect_none("SURFACE_CREATE", after=0, why="INIT was not said", seconds=seconds)
    except Failure:
        client.tolerate("a surface comes before INIT")
    talk.expect_open("INIT may still come")


@server_case("SPICE-DISPLAY-003/waits", channel="display")
def waits(client: SuiteClient) -> None:
    """The client says nothing: no surface comes. It says INIT: one comes."""
    talk = linked(client)
    _waits(client, talk)
    talk.send(init())
    talk.expect_count("SURFACE_CREATE", at_least(1), why="INIT was said")


@server_case("SPICE-DISPLAY-003/late", channel="display", slow=_LATE, requires=("SPICE-DISPLAY-003/waits",))
def late(client: SuiteClient) -> None:
    """INIT comes two seconds late: the screen comes then."""
    talk = linked(client)
    _waits(client, talk, _LATE)
    talk.send(init())
    talk.expect_count("SURFACE_CREATE", at_least(1), why="INIT was said")


@server_case("SPICE-DISPLAY-003/never", channel="display", needs=("early-loss",), requires=("SPICE-DISPLAY-003/waits",))
def never(client: SuiteClient) -> None:
    """A client that never says INIT leaves: main answers, and the channel can be linked again."""
    talk = linked(client)
    _waits(client, talk)
    talk.close()
    client.alive(client.main_talk, "only a display was lost")
    again = linked(client)
    again.send(init())
    again.expect_count("SURFACE_CREATE", at_least(1), why="INIT was said")


# -- the primary surface, and MARK


def _own(talk: Talk) -> list[Message]:
    """What has come of the messages that a display channel alone has, in order."""
    return [message for message in talk.unread() if message.number > 100]


def _names(talk: Talk) -> list[str]:
    """The names of what has come. Raises NotApplicable for a screen that begins in the way of old."""
    names = [message.name for message in _own(talk)]
    if "SURFACE_CREATE" not in names:
        raise NotApplicable(f"the screen begins with {', '.join(names[:5])}")
    return names


@server_case("SPICE-DISPLAY-006/first-surface", channel="display")
def first_surface(client: SuiteClient) -> None:
    """The screen begins: the surface with the flag PRIMARY has the number 0, and the others have not."""
    talk = screen(client)
    created = [message.parsed for message in talk.unread("SURFACE_CREATE")]
    if not created:
        raise NotApplicable("the screen begins without SURFACE_CREATE")
    primary = [surface for surface in created if surface.flags & SurfaceFlags.PRIMARY]
    check_value("display", "number of primary surfaces", len(primary), at_least(1))
    for surface in created:
        wanted = bool(surface.flags & SurfaceFlags.PRIMARY)
        check_value(
            "SURFACE_CREATE", f"surface_id of one with flags {int(surface.flags):#x} is 0", not surface.surface_id, wanted
        )


@server_case("SPICE-DISPLAY-007/first-drawing", channel="display")
def first_drawing(client: SuiteClient) -> None:
    """The screen begins: nothing is drawn before there is a surface."""
    names = _names(screen(client))
    before = [name for name in names[: names.index("SURFACE_CREATE")] if name.startswith(_DRAWS)]
    check_value("display", "drawings before the first surface", before, [])


@server_case("SPICE-DISPLAY-010/first-mark", channel="display")
def first_mark(client: SuiteClient) -> None:
    """The screen begins: MARK comes behind the primary surface."""
    names = _names(screen(client))
    check_value("display", "MARK before the first surface", names.index("MARK") < names.index("SURFACE_CREATE"), False)


@server_case("SPICE-DISPLAY-004/linked-again", channel="display")
def linked_again(client: SuiteClient) -> None:
    """Display is closed and linked again: its surfaces begin anew, each once."""
    client.relies_on("SPICE-MAIN-020/display")
    talk = screen(client)
    talk.close()
    client.alive(client.main_talk, "only a display was lost")
    again = linked(client)
    begin(client, again)
    created = [message.parsed.surface_id for message in again.unread("SURFACE_CREATE")]
    ended = [message.parsed.surface_id for message in again.unread("SURFACE_DESTROY")]
    check_value("display", "surfaces created twice", [n for n in set(created) if created.count(n) > ended.count(n) + 1], [])


# -- heads


@server_case("SPICE-MONITOR-010/first", channel="display")
def heads(client: SuiteClient) -> None:
    """The screen begins for a client that announced MONITORS_CONFIG: it comes before MARK, with the whole surface."""
    talk = screen(client, announced=(DisplayCapability.MONITORS_CONFIG,))
    names = [message.name for message in _own(talk)]
    if "MONITORS_CONFIG" not in names:
        client.wait_quiet()
        client.tolerate("the screen begins without MONITORS_CONFIG")
        return
    if names.index("MARK") < names.index("MONITORS_CONFIG"):
        client.tolerate("MARK comes before MONITORS_CONFIG")


@server_case("SPICE-MONITOR-005/first", channel="display")
def heads_inside(client: SuiteClient) -> None:
    """The screen begins: its heads are inside of the surface that they name, and differ in number."""
    talk = screen(client, announced=(DisplayCapability.MONITORS_CONFIG,))
    client.wait_quiet()
    surfaces = {message.parsed.surface_id: message.parsed for message in talk.unread("SURFACE_CREATE")}
    configs = talk.unread("MONITORS_CONFIG")
    if not configs:
        raise NotApplicable("no MONITORS_CONFIG has come")
    for head in configs[-1].parsed.heads:
        surface = surfaces.get(head.surface_id)
        if surface is not None:
            check("MONITORS_CONFIG", head, x=at_most(surface.width - head.width), y=at_most(surface.height - head.height))
