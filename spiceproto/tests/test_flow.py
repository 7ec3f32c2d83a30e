"""Acknowledgements, pings, waiting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiceproto.flow import AckReceiver, AckSender, Barrier, Pings, pong
from spiceproto.messages.common import ChannelWait, Ping, Pong, SetAck


def test_no_ack_before_set_ack() -> None:
    receiver = AckReceiver()
    assert (receiver.generation, receiver.window) == (None, 0)
    assert not any(receiver.received() for _ in range(100))


@given(st.integers(1, 50), st.integers(0, 300))
def test_one_ack_a_window(window: int, count: int) -> None:
    receiver = AckReceiver()
    receiver.received()
    receiver.set_ack(1, window)
    assert sum(receiver.received() for _ in range(count)) == count // window


def test_set_ack_counts_under_the_old_window() -> None:
    # Observed of spice-gtk: window 1 and then 0 gives an ACK for the second SET_ACK, and none after it.
    receiver = AckReceiver()
    assert not receiver.received()
    receiver.set_ack(1, 1)
    assert receiver.received()
    receiver.set_ack(2, 0)
    assert not receiver.received()
    assert receiver.generation == 2


def test_window_begins_behind_set_ack() -> None:
    receiver = AckReceiver()
    receiver.set_ack(1, 3)
    assert [receiver.received() for _ in range(7)] == [False, False, True, False, False, True, False]


def test_sender_stops_after_two_windows() -> None:
    for window, most in ((20, 41), (40, 81)):
        sender = AckSender()
        sender.set_ack(window)
        sent = 0
        while not sender.blocked:
            sender.sent()
            sent += 1
        assert sent == most


def test_sender_without_window_never_stops() -> None:
    sender = AckSender()
    for _ in range(1000):
        sender.sent()
    assert not sender.blocked
    sender.set_ack(0)
    for _ in range(1000):
        sender.sent()
    assert not sender.blocked


def test_acks_before_the_newest_sync_do_not_count() -> None:
    sender = AckSender()
    assert not sender.ack()
    assert not sender.ack_sync(0)
    first = sender.set_ack(1)
    assert sender.ack_sync(first.generation)
    second = sender.set_ack(1)
    for _ in range(3):
        sender.sent()
    assert sender.blocked
    assert not sender.ack()
    assert not sender.ack_sync(first.generation)
    assert not sender.ack()
    assert sender.blocked
    assert sender.ack_sync(second.generation)
    assert sender.ack()
    assert not sender.blocked


def test_generations_count_from_one() -> None:
    sender = AckSender()
    assert (sender.generation, sender.window, sender.open) == (0, 0, 0)
    assert [sender.set_ack(window) for window in (5, 0, 7)] == [SetAck(1, 5), SetAck(2, 0), SetAck(3, 7)]
    assert (sender.generation, sender.window) == (3, 7)
    sender.generation = 0xFFFFFFFF
    assert sender.set_ack(1).generation == 0


def test_what_is_open() -> None:
    sender = AckSender()
    for count in (1, 2, 3):
        sender.sent()
        assert sender.open == count
    generation = sender.set_ack(2).generation
    assert sender.open == 0 and sender.ack_sync(generation)
    for _ in range(3):
        sender.sent()
    assert sender.ack() and sender.open == 1
    assert sender.ack() and sender.open == 0


def test_a_sender_starts_again_where_a_window_begins() -> None:
    sender = AckSender()
    sender.set_ack(1)
    for _ in range(3):
        sender.sent()
    assert sender.blocked
    sender.set_ack(1)
    assert not sender.blocked and sender.open == 0


def test_more_acks_than_messages_are_harmless() -> None:
    sender = AckSender()
    sender.ack_sync(sender.set_ack(5).generation)
    for _ in range(10):
        sender.ack()
    assert sender.open == 0


@given(st.integers(1, 30), st.lists(st.integers(0, 30), max_size=10), st.integers(0, 200))
def test_both_sides_agree(first: int, windows: list[int], count: int) -> None:
    """With a receiver that answers at once, the sender never stops, whatever windows follow each other."""
    sender, receiver = AckSender(), AckReceiver()
    for window in [first, *windows]:
        message = sender.set_ack(window)
        if receiver.received():
            sender.ack()
        receiver.set_ack(message.generation, message.window)
        assert sender.ack_sync(message.generation)
        for _ in range(count):
            assert not sender.blocked
            sender.sent()
            if receiver.received():
                assert sender.ack()
            assert window == 0 or sender.open < window


def test_pong_copies_id_and_time_stamp() -> None:
    assert pong(Ping(7, 1 << 63, bytes(256000))) == Pong(7, 1 << 63)


def test_pings_count_from_one_in_microseconds() -> None:
    pings = Pings()
    found = [pings.ping(now) for now in (10.0, 10.5, 2.0**45)]
    assert [item.id for item in found] == [1, 2, 3]
    assert [item.timestamp for item in found] == [10_000_000, 10_500_000, 2**45 * 1_000_000 & (1 << 64) - 1]
    assert pings.ping(0.0).data == b""
    pings._next = 0xFFFFFFFF
    assert [pings.ping(1.0).id for _ in range(2)] == [0xFFFFFFFF, 0]


def test_round_trip() -> None:
    pings = Pings()
    first, second = pings.ping(10.0), pings.ping(11.0, 256000)
    assert first.id != second.id and len(second.data) == 256000
    assert pings.pong(pong(second), 11.5) == 0.5
    assert pings.pong(pong(first), 12.0) == 2.0
    assert len(pings) == 0


def test_late_and_unknown_pongs_are_ignored() -> None:
    pings = Pings()
    message = pings.ping(1.0)
    assert pings.pong(Pong(message.id, message.timestamp + 1), 2.0) is None
    assert pings.pong(Pong(99, 0), 2.0) is None
    assert pings.pong(pong(message), 2.0) == 1.0
    assert pings.pong(pong(message), 3.0) is None


def test_unanswered_pings_are_forgotten() -> None:
    pings = Pings()
    for number in range(1000):
        pings.ping(float(number))
    assert len(pings) == 64
    assert pings.pong(Pong(936, 935_000_000), 1000.0) is None  # the oldest that is remembered has the id 937
    assert pings.pong(Pong(937, 936_000_000), 1000.0) == 64.0


def test_barrier() -> None:
    handled = {(2, 0): 4, (4, 0): 9}
    barrier = Barrier()
    assert barrier.check(lambda kind, number: handled.get((kind, number)))
    barrier.wait([ChannelWait(2, 0, 5), ChannelWait(4, 0, 9), ChannelWait(9, 3, 100)])
    assert not barrier.check(lambda kind, number: handled.get((kind, number)))
    assert barrier.waiting == (ChannelWait(2, 0, 5),)
    handled[2, 0] = 5
    assert barrier.check(lambda kind, number: handled.get((kind, number)))
    assert not barrier.waiting
