"""Faults in headers, lists, acknowledgement, pings and waiting (spec/02-framing.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import INPUTS, Make, act, alive, mini, ping, pongs
from reference_client.tests.hand import Hand, reply
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, init, session
from spiceproto.channel import Channel
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.framing import MINI_HEADER_SIZE
from spiceproto.messages import common, inputs

PONG_SIZE = 12


def _mini_session(make: Make) -> bool:
    hand = Hand(make())
    assert hand.log_in()
    hand.taken()
    talk = Channel("server", "main", True)
    hand.give(talk.send(init(supported=1)))
    return hand.taken() == mini(104, b"")


def _full_session(make: Make) -> bool:
    hand = Hand(make())
    assert hand.log_in(reply(common=(COMMON.without(CommonCapability.MINI_HEADER).common,)))
    hand.taken()
    talk = Channel("server", "main", False)
    hand.give(talk.send(init(supported=1)))
    return hand.taken() == (1).to_bytes(8, "little") + b"\x68\0" + bytes(8)


def _waits(make: Make) -> bool:
    """Inputs waits for a message of main that comes later; then it goes on."""
    server = session(make())
    serial = server.main.channel.sent_serial + 2  # type: ignore[union-attr]
    server.inputs.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial),)), ping(5))
    early = any(isinstance(value, common.Pong) for value in server.inputs.got)
    server.main.send(ping(1), ping(2))
    late = any(isinstance(value, common.Pong) for value in server.inputs.got)
    return late and not early


def _counts_set_ack_once(make: Make) -> bool:
    """Inputs waits for the message of main that comes behind a SET_ACK and a ping."""
    server = session(make())
    server.main.send(common.SetAck(1, 0))
    server.main.send(ping(1))
    serial = server.main.channel.sent_serial + 1  # type: ignore[union-attr]
    server.inputs.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial),)), ping(5))
    return not any(isinstance(value, common.Pong) for value in server.inputs.got)


def _does_not_wait_for_nobody(make: Make) -> bool:
    server = session(make())
    server.main.send(common.WaitForChannels((common.ChannelWait(ChannelType.DISPLAY, 99, 5),)), ping(5))
    return pongs(server) == [5]


def _does_not_wait_for_another_id(make: Make) -> bool:
    server = session(make())
    server.main.send(common.WaitForChannels((common.ChannelWait(ChannelType.DISPLAY, 1, 5),)), ping(5))
    return pongs(server) == [5]


def _waits_for_both(make: Make, earlier: ChannelType) -> bool:
    """Inputs waits for messages of main and display; one has come, and then both."""
    server = session(make())
    lines = {kind: server.line(kind) for kind in (ChannelType.MAIN, ChannelType.DISPLAY)}
    named = [common.ChannelWait(kind, 0, line.channel.sent_serial + 1) for kind, line in lines.items()]  # type: ignore[union-attr]
    server.inputs.send(common.WaitForChannels(tuple(named)), ping(5))
    lines.pop(earlier).send(ping(1))
    early = any(isinstance(value, common.Pong) for value in server.inputs.got)
    for line in lines.values():
        line.send(ping(1))
    late = any(isinstance(value, common.Pong) for value in server.inputs.got)
    return late and not early


def _answers_on(make: Make, kind: ChannelType) -> bool:
    line = session(make()).line(kind)
    line.send(ping(5))
    return any(isinstance(value, common.Pong) for value in line.got)


def _header_size(make: Make, kind: ChannelType) -> int:
    """Bytes before the body of a PONG."""
    server = session(make(), deaf=True)
    line = server.line(kind)
    before = len(line.raw)
    line.send(ping(5))
    return len(line.raw) - before - PONG_SIZE


def _two_in_one_read(make: Make) -> bool:
    server = session(make())
    server.main.send(ping(1), ping(2))
    return pongs(server) == [1, 2]


def _a_message_in_pieces(make: Make) -> bool:
    server = session(make())
    server.piece = 5
    server.main.send(ping(1))
    return pongs(server) == [1]


def _scancode_where_announced(make: Make) -> bool:
    server = session(make(), channels={**CHANNELS, INPUTS: COMMON})
    act(server, "scancode", b"\x1e")
    return server.inputs.got == [inputs.KeyDown(0x1E)]


def _unknown_is_skipped(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(250, b"xy")
    return alive(server)


def _malformed_is_skipped(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(105, b"x")
    return alive(server)


def _tail_is_ignored(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(105, b"\3\0\1\0" + bytes(8))
    return alive(server)


def _main_speaks_only_of_what_it_may(make: Make) -> bool:
    """Every type is defined, every size is in bounds; in bytes, because nobody could parse the others."""
    hand = Hand(make())
    hand.begin(*LISTED)
    data, types, largest = hand.taken(), [], 0
    while data:
        size = int.from_bytes(data[2:6], "little")
        types.append(int.from_bytes(data[:2], "little"))
        largest = max(largest, size)
        data = data[6 + size :]
    return set(types) <= {104, 105} and largest < 1024


def _list_in_order(make: Make) -> bool:
    server = session(make())
    server.deliver(server.main.connection, server.main.channel.send_list(ping(1), ping(2), ping(3)))  # type: ignore[union-attr]
    return pongs(server) == [1, 2, 3]


def _broken_list_is_refused(make: Make) -> bool:
    server = session(make())
    ping = mini(4, (1).to_bytes(4, "little") + bytes(8))
    server.main.send_raw(8, b"\2\0" + (10).to_bytes(4, "little") + b"\xff\xff\0\0" + ping)
    return not pongs(server) and alive(server)


def _inside_does_not_count(make: Make) -> bool:
    server = session(make())
    server.main.send(common.SetAck(1, 1))
    channel = server.main.channel
    assert channel is not None
    server.deliver(server.main.connection, channel.send_list(ping(1), ping(2)))
    return sum(isinstance(value, common.Ack) for value in server.main.got) == 1


def _every_window_is_answered(make: Make) -> bool:
    server = session(make())
    server.main.send(common.SetAck(7, 3), common.SetAck(8, 0))
    return [value.generation for value in server.main.got if isinstance(value, common.AckSync)] == [7, 8]


def _window(make: Make) -> tuple[int, int]:
    """ACKs for two messages and for six under a window of three."""
    server = session(make())
    server.main.send(common.SetAck(7, 3))
    server.main.send(ping(1), ping(2))
    early = sum(isinstance(value, common.Ack) for value in server.main.got)
    server.main.send(*[ping(number) for number in range(3, 7)])
    late = sum(isinstance(value, common.Ack) for value in server.main.got)
    return early, late


def _pong_is_right(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Ping(5, 1234, b""))
    return [value for value in server.main.got if isinstance(value, common.Pong)] == [common.Pong(5, 1234)]


def _pong_is_short(make: Make) -> bool:
    hand = Hand(make())
    talk = hand.begin()
    hand.taken()
    hand.give(talk.send(common.Ping(5, 1234, bytes(256000))))
    return hand.taken() == mini(3, (5).to_bytes(4, "little") + (1234).to_bytes(8, "little"))


def _text_without_end(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Notify(time_stamp=0, severity=0, visibilty=0, what=0, message=b"hello", terminator=b""))
    return alive(server)


def _silent_after_goodbye(make: Make) -> bool:
    server = session(make())
    server.leave()
    return isinstance(server.main.got[-1], common.Disconnecting)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "full-header-always": _mini_session,
    "full-header-on-cursor": lambda make: _header_size(make, ChannelType.CURSOR) == MINI_HEADER_SIZE,
    "mini-header-always": _full_session,
    "serials-from-zero": _full_session,
    "no-count-under-mini-headers": _waits,
    "counts-set-ack-twice": _counts_set_ack_once,
    "one-message-a-read": _two_in_one_read,
    "messages-in-pieces-lost": _a_message_in_pieces,
    "scancode-uninvited": _scancode_where_announced,
    "unknown-type-fatal": _unknown_is_skipped,
    "undefined-type": _main_speaks_only_of_what_it_may,
    "malformed-fatal": _malformed_is_skipped,
    "trailing-bytes-fatal": _tail_is_ignored,
    "oversized-message": _main_speaks_only_of_what_it_may,
    "list-backwards": _list_in_order,
    "ignores-lists": _list_in_order,
    "broken-lists-accepted": _broken_list_is_refused,
    "counts-inside-messages": _inside_does_not_count,
    "no-ack-sync": _every_window_is_answered,
    "no-ack": lambda make: _window(make)[1] == 2,
    "ack-too-early": lambda make: _window(make)[0] == 0,
    "invented-generation": _every_window_is_answered,
    "no-pong": _pong_is_right,
    "no-pong-on-inputs": lambda make: _answers_on(make, ChannelType.INPUTS),
    "no-pong-on-display": lambda make: _answers_on(make, ChannelType.DISPLAY),
    "pong-with-other-timestamp": _pong_is_right,
    "pong-with-padding": _pong_is_short,
    "large-ping-fatal": _pong_is_short,
    "ignores-wait": _waits,
    "waits-for-last-only": lambda make: _waits_for_both(make, ChannelType.DISPLAY),
    "waits-for-first-only": lambda make: _waits_for_both(make, ChannelType.MAIN),
    "waits-for-another-id": _does_not_wait_for_another_id,
    "waits-for-missing-channel": _does_not_wait_for_nobody,
    "notify-needs-zero-byte": _text_without_end,
    "talks-after-disconnecting": _silent_after_goodbye,
    "sends-client-info": _main_speaks_only_of_what_it_may,
    "sends-quality-indicator": _main_speaks_only_of_what_it_may,
}
