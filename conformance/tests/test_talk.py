"""The words in which a case talks on a channel, against an end that plays a part."""

from __future__ import annotations

import pytest

from conformance.expectation import at_least, at_most, says
from conformance.outcome import Failure
from conformance.results import Difference
from conformance.talk import Talk
from conformance.tests.player import Player, wired
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, main
from spiceproto.transport import Send

BOTH = MouseMode.SERVER | MouseMode.CLIENT
SERVER_MODE = main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)
CLIENT_MODE = main.MouseModeMessage(BOTH, MouseMode.CLIENT)


def message(value: object, writer: framing.Writer) -> bytes:
    return writer.frame(*dispatch.build("main", "server", value))


def talking(*values: object, answers: bool = True) -> tuple[Talk, Player]:
    """A main channel on which a server sends these as soon as it is sent anything."""
    writer = framing.Writer(True)
    said = b"".join([message(value, writer) for value in values])
    end = Player(lambda data: said if not end.got[:-1] else b"")
    wire = wired(end)
    talk = Talk(wire, "main", 0, True, client=NONE, server=NONE, answers=answers)
    wire.send(b"go")
    return talk, end


def test_messages_are_passed_over_until_the_right_one_comes() -> None:
    talk, _ = talking(common.Ping(1, 1, b""), SERVER_MODE, CLIENT_MODE)
    found = talk.wait_for("MOUSE_MODE", supported_modes=BOTH)
    assert found == CLIENT_MODE and talk.heard["MOUSE_MODE"] == 2 and not talk.inbox


def test_what_came_instead_is_said() -> None:
    talk, _ = talking(SERVER_MODE)
    with pytest.raises(Failure, match="INIT; found nothing like it for 5 s; passed over: MOUSE_MODE"):
        talk.expect("INIT")


def test_pings_and_set_ack_are_answered() -> None:
    talk, end = talking(common.SetAck(9, 2), common.Ping(4, 5, b""), SERVER_MODE, SERVER_MODE)
    talk.count("PING")
    sent = [number for data in end.got[1:] for number, *_ in framing.Reader(True).feed(data)]
    names = [row.name for number in sent if (row := dispatch.row("main", "client", number)) is not None]
    assert names.count("ACK_SYNC") == 1 and names.count("PONG") == 1 and names.count("ACK") == 1


def test_nothing_is_answered_if_the_case_does_it_itself() -> None:
    talk, end = talking(common.SetAck(9, 2), common.Ping(4, 5, b""), answers=False)
    assert talk.count("PING") == 1 and end.got == [b"go"]


def test_answers_of_a_channel_that_was_linked_ahead_wait() -> None:
    writer = framing.Writer(True)
    said = b"".join([message(value, writer) for value in (common.SetAck(9, 2), common.Ping(4, 5, b""))])
    end = Player(lambda data: said if not end.got[:-1] else b"")
    wire = wired(end)
    talk = Talk(wire, "main", 0, True, client=NONE, server=NONE, held=True)
    wire.send(b"go")
    assert talk.count("PING") == 1 and end.got == [b"go"]
    talk.send(main.MigrateEnd())
    assert len(end.got) == 2
    talk.go_on()
    sent = [number for data in end.got[1:] for number, *_ in framing.Reader(True).feed(data)]
    rows = [dispatch.row("main", "client", number) for number in sent]
    assert [row.name for row in rows if row is not None] == ["MIGRATE_END", "ACK_SYNC", "PONG"]


def test_expect_none() -> None:
    talk, _ = talking(SERVER_MODE)
    talk.expect_none("MOUSE_MODE", after=1, why="it came already")
    with pytest.raises(Failure, match="no MOUSE_MODE"):
        talk.expect_none("MOUSE_MODE", after=0, why="it came before this step")
    talk.drop()
    end = Player(deadline=0.1)
    late = Talk(wired(end), "main", 0, True, client=NONE, server=NONE)
    late.expect_none("MOUSE_MODE", after=0, why="x")
    with pytest.raises(Failure, match="main:0 stays open"):
        late.expect_open()


def test_bytes_that_are_no_message() -> None:
    end = Player(lambda data: b"\x01\x00\xff\xff\xff\xff")
    talk = Talk(wired(end), "main", 0, True, client=NONE, server=NONE)
    talk.wire.send(b"go")
    with pytest.raises(Failure, match="bytes that are no message"):
        talk.expect("INIT")


def test_a_channel_that_is_closed() -> None:
    talk = Talk(wired(Player(lambda data: None)), "main", 0, True, client=NONE, server=NONE)
    talk.expect_open()
    with pytest.raises(Failure, match="it is open after 2 s"):
        talk.expect_closed(2)
    talk.wire.send(b"go")
    talk.expect_closed()
    with pytest.raises(Failure, match="main:0 was closed"):
        talk.expect("INIT")


# -- expectations by field value


def test_expect_is_about_the_next_one() -> None:
    talk, _ = talking(SERVER_MODE, CLIENT_MODE)
    with pytest.raises(Failure) as caught:
        talk.expect("MOUSE_MODE", supported_modes=MouseMode.SERVER, current_mode=MouseMode.CLIENT, why="it was asked for")
    failure = caught.value
    assert failure.expected == "MOUSE_MODE with supported_modes SERVER (1), current_mode CLIENT (2) (it was asked for)"
    assert failure.actual == "MOUSE_MODE with supported_modes SERVER (1), current_mode SERVER (1)"
    assert failure.differences == (Difference("MOUSE_MODE", "current_mode", "CLIENT (2)", "SERVER (1)"),)
    assert talk.expect("MOUSE_MODE", supported_modes=BOTH, current_mode=2) == CLIENT_MODE


def test_expect_next_is_about_whatever_comes() -> None:
    talk, _ = talking(SERVER_MODE, CLIENT_MODE)
    assert talk.expect_next("MOUSE_MODE") == SERVER_MODE
    with pytest.raises(
        Failure, match=r"^expected INIT, and nothing before it \(a session begins\); found MOUSE_MODE$"
    ) as caught:
        talk.expect_next("INIT", why="a session begins")
    assert caught.value.differences == (Difference("next message", "name", "INIT", "MOUSE_MODE"),)
    with pytest.raises(Failure, match=r"^expected INIT, and nothing before it; found nothing like it for 5 s"):
        talk.expect_next("INIT")


def test_wait_for_is_about_one_that_fits() -> None:
    talk, _ = talking(SERVER_MODE, CLIENT_MODE, SERVER_MODE)
    assert talk.wait_for("MOUSE_MODE", current_mode=MouseMode.CLIENT) == CLIENT_MODE
    with pytest.raises(Failure, match=r"MOUSE_MODE with current_mode CLIENT \(2\); found nothing like it for 5 s") as caught:
        talk.wait_for("MOUSE_MODE", current_mode=MouseMode.CLIENT)
    assert caught.value.differences == (Difference("MOUSE_MODE", "current_mode", "CLIENT (2)", "SERVER (1)"),), "the nearest"


def test_a_body_that_cannot_be_parsed() -> None:
    writer = framing.Writer(True)
    end = Player(lambda data: writer.frame(dispatch.build("main", "server", SERVER_MODE)[0], b""))
    talk = Talk(wired(end), "main", 0, True, client=NONE, server=NONE)
    talk.wire.send(b"go")
    with pytest.raises(Failure, match="a well-formed MOUSE_MODE"):
        talk.expect("MOUSE_MODE", current_mode=1)
    talk.wire.send(b"go")
    with pytest.raises(Failure, match="nothing like it"):
        talk.wait_for("MOUSE_MODE", current_mode=1)


def test_up_to_is_everything_before_and_the_one_itself() -> None:
    ping = common.Ping(1, 1, b"")
    talk, _ = talking(ping, SERVER_MODE, CLIENT_MODE, ping)
    found = talk.up_to("MOUSE_MODE", current_mode=MouseMode.CLIENT)
    assert [message.value for message in found] == [ping, SERVER_MODE, CLIENT_MODE]
    assert [message.name for message in talk.unread()] == ["PING"], "what comes behind stays there"
    with pytest.raises(Failure, match="all up to MOUSE_MODE; found nothing like it for 5 s; passed over: PING"):
        talk.up_to("MOUSE_MODE")


def test_expect_all_is_an_order() -> None:
    ping = common.Ping(1, 1, b"")
    talk, _ = talking(SERVER_MODE, ping, CLIENT_MODE)
    found = talk.expect_all(says("MOUSE_MODE", current_mode=1), says("MOUSE_MODE", current_mode=2))
    assert found == [SERVER_MODE, CLIENT_MODE], "other messages are passed over"
    talk, _ = talking(SERVER_MODE, ping)
    with pytest.raises(Failure, match="PING, 1 of 2; found MOUSE_MODE"):
        talk.expect_all(says("PING"), says("MOUSE_MODE"))
    talk, _ = talking(SERVER_MODE, SERVER_MODE)
    with pytest.raises(Failure, match=r"MOUSE_MODE with current_mode 2, 2 of 2; found MOUSE_MODE with current_mode SERVER"):
        talk.expect_all(says("MOUSE_MODE", current_mode=1), says("MOUSE_MODE", current_mode=2))


def test_expect_count() -> None:
    talk, _ = talking(SERVER_MODE, CLIENT_MODE)
    assert talk.expect_count("MOUSE_MODE", 2, settle=True) == 2
    assert talk.expect_count("MOUSE_MODE", 1, after=1) == 1
    talk.expect_count("MOUSE_MODE", at_most(2))
    for wanted in (1, 3, at_most(1)):
        with pytest.raises(Failure, match=rf"^expected {wanted} MOUSE_MODE \(why\); found 2$") as caught:
            talk.expect_count("MOUSE_MODE", wanted, why="why")
        assert caught.value.differences == (Difference("MOUSE_MODE", "count", str(wanted), "2"),)


def test_wait_count_says_whether_they_came() -> None:
    talk, _ = talking(SERVER_MODE, CLIENT_MODE)
    assert talk.wait_count("MOUSE_MODE") and talk.wait_count("MOUSE_MODE", 2)
    before = talk.peer.now
    assert not talk.wait_count("MOUSE_MODE", 3, within=2) and talk.peer.now == before + 2
    assert len(talk.unread("MOUSE_MODE")) == 2, "nothing is taken"


class Late(Player):
    """A server that says MOUSE_MODE once, when its time has come."""

    def tick(self, now: float) -> None:
        self.deadline = None
        self._actions.append(Send(self.connection, message(CLIENT_MODE, framing.Writer(True))))


def test_expect_count_waits_for_what_is_wanted() -> None:
    talk = Talk(wired(Late(deadline=0.5)), "main", 0, True, client=NONE, server=NONE)
    assert talk.expect_count("MOUSE_MODE", at_most(1)) == 0, "what holds already is not waited for"
    assert talk.expect_count("MOUSE_MODE", at_least(1)) == 1


def test_what_lies_unread_stays_there() -> None:
    talk, _ = talking(SERVER_MODE, common.Ping(1, 1, b""))
    assert [message.name for message in talk.unread()] == ["MOUSE_MODE", "PING"]
    assert [message.parsed for message in talk.unread("MOUSE_MODE")] == [SERVER_MODE]
    talk.drop("PING")
    assert [message.name for message in talk.unread()] == ["MOUSE_MODE"]


# -- answers of the suite's own


@pytest.mark.parametrize("mini", [True, False])
@pytest.mark.parametrize("cut", [1, 5, 6, 7, 17, 18, 20])
def test_no_answer_cuts_into_a_message_that_is_half_sent(mini: bool, cut: int) -> None:
    """A PING comes between the halves of a message of the case: its PONG follows the whole."""
    writer = framing.Writer(mini)
    end = Player(lambda data: writer.frame(*dispatch.build("main", "server", common.Ping(4, 5, b""))))
    talk = Talk(wired(end), "main", 0, mini, client=NONE, server=NONE)
    data = talk.frame(main.MouseModeRequest(1)) + talk.frame(main.MouseModeRequest(2))
    talk.send_bytes(data[:cut], "a part of two messages")
    talk.count("PING")
    talk.send_bytes(data[cut:], "the rest")
    talk.count("PING")
    frames = framing.Reader(mini).feed(b"".join(end.got))
    names = [dispatch.row("main", "client", number).name for number, *_ in frames]  # type: ignore[union-attr]
    assert names.count("PONG") >= 2 and names.count("MOUSE_MODE_REQUEST") == 2
    assert names[-1] == "PONG"


def test_answers_go_out_when_no_message_is_half_sent() -> None:
    talk, end = talking(common.Ping(4, 5, b""))
    talk.send_bytes(b"", "nothing")
    assert talk.count("PING") == 1 and len(end.got) == 2
