"""What a session finds in the talk with the agent: pieces, layouts, and what one message says to another."""

from __future__ import annotations

from typing import Any

import pytest

from spiceproto import dispatch
from spiceproto.agent import chunks, table
from spiceproto.agent.file_start import FileStart, build
from spiceproto.agent.terms import mask, words_of
from spiceproto.capabilities import NONE
from spiceproto.enums.agent import AgentCapability as Cap
from spiceproto.enums.agent import ClipboardType, FileXferStatus, MonitorsConfigFlags
from spiceproto.enums.link import LinkErr
from spiceproto.messages import agent, main
from spiceproto.session import Session

MAIN = (1, 0)
ALL = mask(Cap) & ~mask((Cap.FILE_XFER_DISABLED,))
TEXT, PNG, EMPTY = ClipboardType.UTF8_TEXT, ClipboardType.IMAGE_PNG, ClipboardType.NONE


class Talk:
    """A main channel, seen from outside."""

    def __init__(self, client: int = ALL, server: int = ALL, *, whole: bool = True) -> None:
        self.bits = {"client": client, "server": server}
        self.session = Session(whole=whole)
        self.member = self.session.link(*MAIN, 0, NONE, NONE)
        self.message(
            "server",
            "INIT",
            main.Init(
                session_id=1,
                display_channels_hint=0,
                supported_mouse_modes=1,
                current_mouse_mode=1,
                agent_connected=1,
                agent_tokens=1000,
                multi_media_time=0,
                ram_hint=0,
            ),
        )

    def message(self, sender: str, name: str, value: Any = None) -> None:
        self.session.message(self.member, sender, name, value)

    def pieces(self, sender: str, *pieces: bytes) -> list[str]:
        for piece in pieces:
            self.message(sender, "AGENT_DATA", main.AgentData(piece))
        return self.found()

    def found(self) -> list[str]:
        return [f"{'~' * item.tolerated}{item.requirement[-3:]}" for item in self.session.take_findings()]

    def start(self) -> None:
        self.message("client", "AGENT_START", main.AgentStart(1000))

    def greet(self) -> Talk:
        self.start()
        assert self.say("client", agent.AnnounceCapabilities(1, words_of(self.bits["client"]))) == []
        assert self.say("server", agent.AnnounceCapabilities(0, words_of(self.bits["server"]))) == []
        return self

    def say(self, sender: str, *values: Any, layout: str = "") -> list[str]:
        for value in values:
            name = layout or table(self.bits["client"], self.bits["server"])
            number, body = dispatch.build(name, sender, value)
            self.pieces_of(sender, number, body)
        return self.found()

    def pieces_of(self, sender: str, number: int, body: bytes) -> None:
        for piece in chunks(number, body):
            self.message(sender, "AGENT_DATA", main.AgentData(piece))

    def agent_goes(self) -> None:
        self.message("server", "AGENT_DISCONNECTED", main.AgentDisconnected(LinkErr.OK))


def grab(serial: int, *types: int, selection: int = 0) -> Any:
    return agent.ClipboardGrabSelectedSerial(selection=selection, reserved=bytes(3), serial=serial, types=types or (TEXT,))


def request(type: int = TEXT) -> Any:
    return agent.ClipboardRequestSelected(0, bytes(3), type)


def content(data: bytes = b"x", type: int = TEXT) -> Any:
    return agent.ClipboardSelected(selection=0, reserved=bytes(3), type=type, data=data)


# -- pieces

LONG = chunks(4, bytes(5000))


def test_pieces_as_they_should_be() -> None:
    assert Talk(whole=False).pieces("client", *LONG, *chunks(9, b"")) == []


def test_a_header_in_parts() -> None:
    whole = LONG[0]
    assert Talk().greet().pieces("client", whole[:19], whole[19:]) == ["005"]
    assert Talk().greet().pieces("server", *[whole[at : at + 3] for at in range(0, 60, 3)]) == []


@pytest.mark.parametrize("sender", ["client", "server"])
def test_bytes_behind_the_end(sender: str) -> None:
    talk = Talk().greet()
    assert talk.pieces(sender, *LONG[:-1], LONG[-1] + b"more") == ["006", "033"]
    release = chunks(9, bytes(4))[0]
    assert talk.pieces(sender, release + release) == ["006", "035"]
    assert talk.pieces(sender, release) == ["035"]


@pytest.mark.parametrize("sender", ["client", "server"])
def test_another_protocol(sender: str) -> None:
    assert Talk().greet().pieces(sender, b"\2" + LONG[0][1:]) == ["007"]


def test_a_message_that_nobody_can_keep() -> None:
    head = b"\1\0\0\0\4\0\0\0" + bytes(8) + b"\xff\xff\xff\xff"
    assert Talk().greet().pieces("server", head + bytes(2000)) == []


def test_a_message_is_finished_although_the_agent_goes() -> None:
    talk = Talk().greet()
    talk.pieces("client", LONG[0])
    talk.agent_goes()
    assert talk.pieces("client", *LONG[1:]) == []
    talk.greet()


def test_a_message_that_is_not_finished() -> None:
    talk = Talk().greet()
    talk.pieces("client", LONG[0])
    talk.agent_goes()
    talk.start()
    assert talk.say("client", agent.AnnounceCapabilities(1, (0,))) == ["014"]


# -- whose, when, and in which layout


def test_messages_of_the_other_end() -> None:
    talk = Talk().greet()
    assert (
        talk.say("client", agent.Reply(2, 1), agent.MouseState(x=1, y=2, buttons=0, display_id=0), agent.ClientDisconnected())
        == ["012"] * 3
    )
    assert talk.say("server", agent.MonitorsConfig(0, ()), agent.FileXferData(1, b"")) == ["012"] * 2


def test_unknown_types_are_no_finding() -> None:
    talk = Talk().greet()
    talk.pieces_of("client", 99, b"whatever")
    assert talk.found() == []


def test_something_is_said_before_the_announcement() -> None:
    talk = Talk()
    talk.start()
    assert talk.say("client", agent.FileXferStatusMessage(1, 1, b"")) == ["020"]
    assert talk.say("server", agent.Reply(2, 1)) == ["027"]
    assert talk.say("client", agent.AnnounceCapabilities(0, (0,))) == ["023", "021"]


def test_answers_that_nobody_asked_for() -> None:
    talk = Talk().greet()
    answer = agent.AnnounceCapabilities(0, words_of(ALL))
    assert talk.say("server", answer) == ["023"]
    assert talk.say("server", agent.AnnounceCapabilities(1, words_of(ALL))) == []
    assert talk.say("client", answer) == []
    assert talk.say("client", answer) == ["023"]


def test_what_the_other_end_can_not_do() -> None:
    talk = Talk(server=0).greet()
    values = (agent.MaxClipboard(1), agent.DisplayConfig(0, 0), agent.AudioVolumeSync(1, 0, ()))
    assert talk.say("client", *values, grab(0), layout="agent_selection_serial") == ["024"] * 4
    assert talk.say("client", agent.MonitorsConfig(0, ())) == []
    talk = Talk(client=0).greet()
    assert talk.say("server", agent.ClipboardGrab((TEXT,))) == ["024"]
    assert talk.say("server", agent.Reply(2, 1)) == []


def test_before_the_agent_has_answered_nobody_knows_by_what_it_goes() -> None:
    """It may have been told something by another client."""
    talk = Talk()
    talk.start()
    talk.say("client", agent.AnnounceCapabilities(1, words_of(ALL)))
    assert talk.say("server", agent.AnnounceCapabilities(1, words_of(ALL)), agent.ClipboardGrab((TEXT,)), layout="agent") == []
    assert talk.say("client", request(PNG)) == []
    assert talk.say("server", agent.ClipboardRelease(), layout="agent") == []


@pytest.mark.parametrize("sender", ["client", "server"])
def test_a_layout_that_was_not_agreed(sender: str) -> None:
    talk = Talk().greet()
    assert talk.say(sender, agent.ClipboardRelease(), layout="agent") == ["010"]
    talk.pieces_of(sender, 8, bytes(7))
    assert talk.found() == ["010"]


def test_fields_that_are_not_there() -> None:
    talk = Talk().greet()
    talk.pieces_of("client", 2, (2).to_bytes(4, "little") + bytes(4 + 20))
    talk.pieces_of("server", 3, bytes(7))
    assert talk.found() == ["010", "010"]


# -- clipboard


def test_a_clipboard_as_it_should_be() -> None:
    talk = Talk().greet()
    assert talk.say("server", grab(0, TEXT, PNG)) == []
    assert talk.say("client", request(TEXT), request(PNG)) == []
    assert talk.say("server", content(b"", EMPTY), content(type=PNG)) == []
    assert talk.say("client", grab(1)) == []
    assert talk.say("server", request(), grab(1)) == []  # grabs have crossed
    assert talk.say("client", content()) == []
    assert talk.say("server", agent.ClipboardReleaseSelected(0, bytes(3))) == []
    assert talk.say("client", grab(2)) == []


@pytest.mark.parametrize("serial", [1, 7])
def test_serials_that_nobody_can_have_counted(serial: int) -> None:
    assert Talk().greet().say("client", grab(serial)) == ["029"]


def test_the_same_serial_twice() -> None:
    talk = Talk().greet()
    assert talk.say("client", grab(0), grab(0)) == ["029"]


def test_formats_that_were_not_named() -> None:
    talk = Talk().greet()
    talk.say("server", grab(0))
    assert talk.say("client", request(PNG)) == ["032"]


def test_content_that_was_not_asked_for() -> None:
    talk = Talk().greet()
    talk.say("server", grab(0))
    assert talk.say("server", content()) == ["033"]
    talk.say("client", request())
    assert talk.say("server", content(type=PNG), content(), content()) == ["033", "033"]


def test_asking_oneself_is_tolerated() -> None:
    talk = Talk().greet()
    talk.say("client", grab(0))
    assert talk.say("client", request()) == ["~031"]


def test_a_release_of_what_was_not_grabbed() -> None:
    release = agent.ClipboardReleaseSelected(0, bytes(3))
    talk = Talk().greet()
    assert talk.say("client", grab(0), release) == []
    assert talk.say("client", release) == ["035"]
    assert talk.say("server", release) == ["035"]


def test_content_above_the_limit() -> None:
    talk = Talk().greet()
    talk.say("client", request(), agent.MaxClipboard(3), request())
    assert talk.say("server", content(b"four"), content(b"four")) == ["039"]
    talk.say("client", agent.MaxClipboard(-1), request())
    assert talk.say("server", content(b"four")) == []


# -- monitors and files


def monitors(flags: int, *sizes: tuple[int, int]) -> Any:
    wanted = tuple([agent.MonConfig(height=height, width=width, depth=32, x=0, y=0) for width, height in sizes])
    mm = tuple([agent.MonitorMM(0, 0)] * len(sizes)) if flags & MonitorsConfigFlags.PHYSICAL_SIZE else None
    return agent.MonitorsConfig(flags, wanted, mm)


def test_monitors() -> None:
    talk = Talk().greet()
    assert talk.say("client", monitors(3, (800, 600), (0, 0))) == []
    talk = Talk(server=mask((Cap.MONITORS_CONFIG,))).greet()
    assert talk.say("client", monitors(1, (800, 600))) == []
    assert talk.say("client", monitors(2, (800, 600), (0, 0))) == ["041", "~042"]


def start(id: int = 1, size: int = 5, name: str = "x") -> Any:
    return agent.FileXferStart(id, build(FileStart(name, size)))


def status(result: int, id: int = 1) -> Any:
    return agent.FileXferStatusMessage(id, result, b"")


GO, OK = status(FileXferStatus.CAN_SEND_DATA), status(FileXferStatus.SUCCESS)


def test_a_file_as_it_should_be() -> None:
    talk = Talk().greet()
    talk.say("client", start())
    talk.say("server", GO)
    talk.say("client", agent.FileXferData(1, b"12"), agent.FileXferData(1, b"345"))
    assert talk.say("server", OK) == []
    assert talk.say("client", start(size=0)) == []


def test_too_much_and_too_soon() -> None:
    talk = Talk().greet()
    talk.say("client", start())
    assert talk.say("client", agent.FileXferData(1, b"1")) == ["045"]
    talk.say("server", GO)
    assert talk.say("server", OK) == ["054"]
    talk.say("client", start(2, 3))
    talk.say("server", status(0, 2))
    assert talk.say("client", agent.FileXferData(2, b"1234"), agent.FileXferData(2, b"5")) == ["046"]


def test_starts_that_are_none() -> None:
    talk = Talk().greet()
    assert talk.say("client", agent.FileXferStart(1, b"rubbish\0"), start(2, name="a/b")) == ["050", "051"]
    assert talk.say("client", start(2)) == ["047"]
    talk = Talk(server=mask((Cap.FILE_XFER_DISABLED,))).greet()
    assert talk.say("client", start()) == ["048"]


def test_results_of_nothing_and_for_nobody() -> None:
    talk = Talk(client=0).greet()
    assert talk.say("server", GO) == ["056"]
    talk.say("client", start())
    assert talk.say("server", status(FileXferStatus.DISABLED)) == ["055"]


def test_a_transfer_ends_with_the_agent() -> None:
    talk = Talk().greet()
    talk.say("client", start())
    talk.say("server", GO)
    talk.agent_goes()
    assert talk.say("client", agent.FileXferData(1, b"1")) == []  # it is under way
    talk.start()
    assert talk.say("client", agent.FileXferData(1, b"1")) == []  # it had waited
    talk.greet()
    assert talk.say("client", agent.FileXferData(1, b"2")) == ["045"]


# -- what was not seen


def test_who_joins_midway_judges_pieces_until_an_agent_comes() -> None:
    talk = Talk(whole=False)
    assert talk.say("client", grab(77), agent.Reply(2, 1), layout="agent_selection_serial") == []
    talk.agent_goes()
    talk.greet()
    assert talk.say("client", grab(77)) == ["029"]


def test_what_was_missed_is_not_held_against_anybody() -> None:
    talk = Talk().greet()
    talk.pieces("client", LONG[0])
    talk.session.missed(talk.member, "client")
    assert talk.pieces("client", *LONG[1:]) == []
    assert talk.say("client", agent.ClipboardReleaseSelected(0, bytes(3)), agent.FileXferData(1, b"")) == []


def test_asking_changes_nothing() -> None:
    talk = Talk().greet()
    talk.session.role = "client"
    number, body = dispatch.build("agent_selection_serial", "client", grab(0))
    piece = main.AgentData(chunks(number, body)[0])
    for _ in range(2):
        assert talk.session.objections(talk.member, "AGENT_DATA", piece) == ()
    talk.message("client", "AGENT_DATA", piece)
    assert [item.requirement for item in talk.session.objections(talk.member, "AGENT_DATA", piece)] == ["SPICE-AGENT-029"]
