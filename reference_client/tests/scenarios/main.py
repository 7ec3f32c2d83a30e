"""Faults in main (spec/03-main.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import INPUTS, Make, alive, mini
from reference_client.tests.hand import OK, Hand, reply
from reference_client.tests.scripted import ScriptedServer, init, session
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main


def _displays_as_listed(make: Make) -> bool:
    server = session(make(), hint=4)
    return len(server.connections) == 4


def _silent_before_init(make: Make) -> bool:
    return not ScriptedServer(make()).main.got


def _name_without_end(make: Make) -> bool:
    server = session(make())
    server.main.send(main.Name(b"guest"))
    return alive(server)


def _clock_may_wrap(make: Make) -> bool:
    server = session(make(), clock=0xFFFFFF00)
    server.main.send(main.MultiMediaTime(0x10))
    return alive(server)


def _links_once(make: Make) -> bool:
    server = session(make())
    server.listing(INPUTS, INPUTS)
    return len(server.connections) == 4


def _unknown_channel_is_ignored(make: Make) -> bool:
    server = session(make())
    server.listing((99, 0), (7, 3))
    return alive(server) and len(server.connections) == 4


def _all_ends_with_main(make: Make) -> bool:
    server = session(make())
    server.main.close()
    return not server.open


def _others_may_go(make: Make) -> bool:
    server = session(make())
    server.line(ChannelType.CURSOR).close()
    return alive(server) and len(server.open) == 3


def _errors_are_read(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Notify(time_stamp=0, severity=2, visibilty=2, what=0, message=b"bad", terminator=b"\0"))
    return alive(server)


def _no_agent_data_without_tokens(make: Make) -> bool:
    return main.AgentData not in [type(value) for value in session(make()).main.got]


def _agent_data_follow_their_start(make: Make) -> bool:
    got = [type(value) for value in session(make()).main.got]
    return main.AgentData not in got or main.AgentStart in got[: got.index(main.AgentData)]


def _no_seamless(make: Make) -> bool:
    return main.MigrateDstDoSeamless not in [type(value) for value in session(make()).main.got]


def _no_migration_of_its_own(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.taken()
    hand.give(OK)
    talk = Channel("server", "main", True)
    talk.receive(hand.taken())
    found = []
    while (event := talk.next_event()) is not None:
        assert isinstance(event, MessageReceived)
        found.append(type(event.value))
    return main.MigrateEnd not in found


def _asks_in_one_mode(make: Make) -> bool:
    hand = Hand(make())
    assert hand.log_in()
    hand.taken()
    hand.give(Channel("server", "main", True).send(init(supported=1)))
    return hand.taken() == mini(104, b"")


def _asks_for_the_channels(make: Make) -> bool:
    return main.AttachChannels() in session(make()).main.got


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "seamless-without-waiting": _no_migration_of_its_own,
    "trusts-display-hint": _displays_as_listed,
    "attach-before-init": _silent_before_init,
    "never-attaches": _asks_for_the_channels,
    "attaches-with-two-modes-only": _asks_in_one_mode,
    "agent-data-without-tokens": _no_agent_data_without_tokens,
    "agent-data-without-start": _agent_data_follow_their_start,
    "name-needs-zero-byte": _name_without_end,
    "clock-must-not-wrap": _clock_may_wrap,
    "double-connect": _links_once,
    "unknown-channel-fatal": _unknown_channel_is_ignored,
    "outlives-main": _all_ends_with_main,
    "dies-with-any-channel": _others_may_go,
    "notify-fatal": _errors_are_read,
    "seamless-unasked": _no_seamless,
    "mode-request-before-init": _silent_before_init,
}
