"""Servers: the clock runs as time does, and is told when sound ends (12.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.client_wire import Ask
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback
from spiceproto.multimedia_time import later
from spiceproto.stretch import seconds

_SPAN: Final = 2000
"""Milliseconds of sound that are looked at."""
_ABOUT: Final = 500
"""Milliseconds that times may be off: guests write sound in bursts."""

_SAID: Final = ("MODE", "DATA", "STOP")


def _listens(client: SuiteClient) -> Talk:
    """A playback channel on which sound plays. Raises NotApplicable if the guest plays nothing."""
    talk = client.channel(Ask(ChannelType.PLAYBACK))
    if client.target.meets("control:guest"):
        client.control("guest", "tone")
    if not talk.wait_count("START", within=client.network.quiet):
        raise NotApplicable("the guest plays nothing")
    return talk


@server_case("SPICE-SYNC-008/while-it-plays", channel="playback", requires=("SPICE-SOUND-001/mode",), slow=_SPAN / 1000)
def runs_as_time(client: SuiteClient) -> None:
    """Sound of some seconds: its times go on with it, and no faster than time does. A guest may pause."""
    client.session()
    before = client.now
    talk = _listens(client)
    mode = next((int(message.parsed.mode) for message in reversed(talk.unread("MODE"))), None)
    start: playback.Start = talk.expect("START")
    last, sound, since = start.time, 0.0, client.now
    while later(last, start.time) < _SPAN:
        client.run(lambda: bool(talk.unread(*_SAID)) or talk.closed)
        if not talk.unread(*_SAID):
            talk.expect_open("the guest plays")
            raise NotApplicable(f"the guest pauses {later(last, start.time)} ms behind START")
        message = talk.expect_message(*_SAID)
        if message.name == "MODE":
            mode = int(message.parsed.mode)
            continue
        if message.name == "STOP":
            raise NotApplicable(f"the guest plays no longer than {later(last, start.time)} ms")
        last = message.parsed.time
        sound += 1000 * (seconds(mode, start.channels, start.frequency, message.parsed.data) or 0)
        # START was sent behind `before` and DATA before now: so much time has passed at most, whatever came late.
        passed = round(1000 * (client.now - before))
        if later(last, start.time) > passed + _ABOUT:
            actual = f"{last}, {later(last, start.time)} ms behind START"
            raise Failure(f"DATA with a time at most {passed + _ABOUT} ms behind that of START", actual)
        if sound > later(last, start.time) + _SPAN:
            actual = f"{last}, {later(last, start.time)} ms behind START"
            raise Failure(f"DATA with a time {round(sound)} ms behind that of START, as much sound as was sent", actual)
        if client.now - since > _SPAN / 1000 + client.network.patience:
            raise NotApplicable(f"the guest pauses: {later(last, start.time)} ms in {client.now - since:.0f} s")


@server_case(
    "SPICE-SYNC-006/guest-falls-silent", channel="playback", needs=("control:guest",), requires=("SPICE-SOUND-001/mode",)
)
def time_behind_sound(client: SuiteClient) -> None:
    """The guest plays, and then plays nothing: STOP on playback, and MULTI_MEDIA_TIME on main."""
    main, _ = client.session()
    talk = _listens(client)
    client.alive(main)
    before = main.count("MULTI_MEDIA_TIME")
    client.control("guest", "desktop")
    talk.expect("STOP")
    main.expect_count("MULTI_MEDIA_TIME", before + 1, why="sound has ended, and main sets the clock")
