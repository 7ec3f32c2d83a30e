"""Servers: acknowledgement (2.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import goes_on, let_begin, opened
from conformance.channels import greeting
from conformance.expectation import at_least, at_most, check_value
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.messages import common

_PICTURES: Final = 120
_DRAWING: Final = 8.0
"""Seconds in which they are drawn."""

_SLOW: Final = 4.0
"""Seconds until a guest that draws 18 of them a second has filled two windows of 40, and for the silence behind that."""


@server_case("SPICE-FRAME-024/acks-before-the-sync", None, channel="display", needs=("control:animate",), slow=_SLOW)
@server_case("SPICE-FRAME-024/acks-after-another-sync", 7, channel="display", needs=("control:animate",), slow=_SLOW)
def acks_before_the_sync(client: SuiteClient, shift: int | None) -> None:
    """ACK before the ACK_SYNC of this generation: the server falls silent; it goes on after ACK_SYNC and ACK."""
    client.relies_on("SPICE-FRAME-025/no-acks")
    screen = _windowed(client)
    if shift is not None:
        screen.send(common.AckSync(_asked(screen).generation + shift & 0xFFFFFFFF))
    for _ in range(4):
        screen.send(common.Ack(), text="ACK that does not count")
    _falls_silent(client, screen)
    screen.send(common.AckSync(_asked(screen).generation))
    _resumes(client, screen)


@server_case("SPICE-FRAME-025/no-acks", channel="display", needs=("control:animate",), slow=_SLOW)
def no_acks(client: SuiteClient) -> None:
    """ACK_SYNC and no ACK: two windows and one message come, and more after ACK."""
    screen = _windowed(client)
    screen.send(common.AckSync(_asked(screen).generation))
    _falls_silent(client, screen)
    _resumes(client, screen)


def _windowed(client: SuiteClient) -> Talk:
    """A display that has asked for acknowledgement, and begun. All that it says stays in its inbox."""
    screen = opened(client, "display", answers=False, read=False)
    with client.preparing("a window"):
        screen.expect_count("SET_ACK", at_least(1))
    let_begin(client, screen, until=greeting("display").kept_until)
    if not _asked(screen).window:
        raise NotApplicable("the window of SET_ACK is 0")
    return screen


def _asked(screen: Talk) -> common.SetAck:
    """The last SET_ACK that came: that of the newest generation."""
    found: common.SetAck = screen.unread("SET_ACK")[-1].parsed
    return found


def _came(screen: Talk) -> int:
    """How many messages came since that: others that stand inside one count with it (SPICE-FRAME-017)."""
    whole = 0
    inside = False
    for message in screen.unread():
        if message.name == "SET_ACK":
            # What holds it counts under the window before, as it does itself.
            whole, inside = 0, message.inside
        elif not message.inside:
            whole += not inside
            inside = False
    return whole


def _falls_silent(client: SuiteClient, screen: Talk) -> None:
    """The guest draws more than the window allows, and no more than that comes. Raises Failure.

    Raises NotApplicable if so little is drawn that the window stops nothing.
    """
    client.control("animate", _PICTURES)
    client.step("display:0: expect no more messages than two windows and one", screen.wire.number)
    before, end = -1, client.now + _DRAWING
    while before < _came(screen) <= _most(screen) and not screen.closed and client.now < end:
        before = _came(screen)
        # What has the window full may be silent for good; what has not yet is a slow server.
        within = 4 * client.network.quiet if before >= _asked(screen).window else client.network.patience
        client.run(lambda before=before: _came(screen) > before or screen.closed, within)  # type: ignore[misc]
    screen.expect_open()
    came, window = _came(screen), _asked(screen).window
    why = f"two windows of {window}, and one"
    check_value("", "number of messages on display since SET_ACK", came, at_most(_most(screen)), why=why)
    if came < window:
        raise NotApplicable(f"{_PICTURES} pictures make {came} messages, and the window of SET_ACK is {window}")
    client.alive(client.main_talk)


def _most(screen: Talk) -> int:
    return 2 * _asked(screen).window + 1


def _resumes(client: SuiteClient, screen: Talk) -> None:
    """It was the window that kept the server silent: acknowledgements bring more. Raises Failure."""
    before = _came(screen)
    screen.send(common.Ack(), common.Ack())
    client.run(lambda: _came(screen) > before or screen.closed)
    why = f"{2 * _asked(screen).window} are acknowledged"
    check_value("", "number of further messages on display", _came(screen) - before, at_least(1), why=why)


@server_case("SPICE-FRAME-039/on-main", channel="main")
def ack_on_main(client: SuiteClient) -> None:
    """An ACK on main before any SET_ACK."""
    _unasked_ack(client, "main")


@server_case("SPICE-FRAME-039/on-inputs", channel="inputs")
def ack_on_inputs(client: SuiteClient) -> None:
    """An ACK on inputs before any SET_ACK."""
    _unasked_ack(client, "inputs")


def _unasked_ack(client: SuiteClient, table: str) -> None:
    talk = opened(client, table)
    talk.send(common.Ack())
    goes_on(client, talk, "an ACK that nobody asked for is harmless")
