"""Servers with an agent of their own: announcements, clipboards, monitors and files (14.4 to 14.7)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.agent.steps import CLIPBOARD, PNG, TEXT, USUAL, AgentEnd, talking, usual_but
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.agent.file_start import FileStart, build
from spiceproto.enums.agent import AgentCapability, AgentMessageType, ClipboardType, FileXferStatus, MonitorsConfigFlags
from spiceproto.messages import agent

_CAP = AgentCapability
_COPIES: Final = ("control:agent", "control:copy")
_PASTES: Final = ("control:agent", "control:paste", "control:clipboard")
_FILES: Final = ("control:agent", "control:files")
_MONITORS: Final = ("control:agent", "control:monitors")
_ANSWERS: Final = ("SPICE-AGENT-022/announced",)
_GRABS: Final = ("SPICE-AGENT-028/grab-with-all",)
_UNASKED: Final = ("SPICE-AGENT-033/observed-server",)
_TAKES: Final = ("SPICE-AGENT-053/taken",)

_SELECTIONS: Final = usual_but(_CAP.CLIPBOARD_GRAB_SERIAL)
_NOTHING: Final = usual_but(*CLIPBOARD, more=(_CAP.CLIPBOARD_BY_DEMAND,))


def _copied(client: SuiteClient, text: str = "of the guest", capabilities: tuple[_CAP, ...] = USUAL) -> AgentEnd:
    """A session with an agent, and the guest has copied a text."""
    end = talking(client, capabilities)
    if not end.terms.by_demand:
        raise NotApplicable("the agent shares no clipboard")
    client.control("copy", text, "", "text", "clipboard")
    end.expect("ClipboardGrab", why="the guest has copied")
    return end


def _answer(end: AgentEnd, kind: int = TEXT) -> Any:
    """The client asks, and the agent answers. Raises Failure."""
    if any(hasattr(value, "data") for value in end.heard):
        raise Blocked("content has come that nobody has asked for", _UNASKED)
    end.say(end.request(kind))
    value = end.expect("Clipboard", why="every request is answered")
    if value.type not in (kind, ClipboardType.NONE):
        raise Blocked(f"the answer has format {value.type}", _UNASKED)
    return value


@server_case("SPICE-AGENT-022/announced", 1, channel="main", needs=_COPIES)
@server_case("SPICE-AGENT-022/announced-twice", 2, channel="main", needs=_COPIES, requires=_ANSWERS)
def announced(client: SuiteClient, times: int) -> None:
    """The client announces itself and asks: the agent answers with request 0, each time. How often it asks."""
    end = talking(client)
    for _ in range(times - 1):
        end.announce()
        check_value("ANNOUNCE_CAPABILITIES", "request", end.expect("AnnounceCapabilities").request, 0)


@server_case("SPICE-AGENT-024/no-clipboard", channel="main", needs=_COPIES, requires=_GRABS)
def no_clipboard(client: SuiteClient) -> None:
    """A client that shares no clipboard, and the guest copies: it is told nothing."""
    end = talking(client, usual_but(*CLIPBOARD))
    client.control("copy", "of the guest", "", "text", "clipboard")
    end.expect_none("ClipboardGrab", why="the client has announced no clipboard")


@server_case("SPICE-AGENT-028/grab-with-all", USUAL, channel="main", needs=_COPIES, requires=_ANSWERS)
@server_case("SPICE-AGENT-028/grab-with-selections", _SELECTIONS, channel="main", needs=_COPIES, requires=_GRABS)
@server_case("SPICE-AGENT-028/grab-with-nothing", _NOTHING, channel="main", needs=_COPIES, requires=_GRABS)
def grabs(client: SuiteClient, capabilities: tuple[_CAP, ...]) -> None:
    """The guest copies: CLIPBOARD_GRAB comes in the layout that both announced. What the client announces."""
    end = talking(client, capabilities)
    client.control("copy", "of the guest", "", "text", "clipboard")
    value = end.expect("ClipboardGrab", why="the guest has copied")
    check_value("CLIPBOARD_GRAB", "layout", type(value).__name__, type(end.grab()).__name__)
    check_value("CLIPBOARD_GRAB", "types", [int(kind) for kind in value.types], [int(TEXT)])


@server_case("SPICE-AGENT-029/of-the-agent", channel="main", needs=_COPIES, requires=_GRABS)
def serials(client: SuiteClient) -> None:
    """The guest copies, the client does, and the guest does: the serials of the agent are 0 and 2."""
    end = talking(client)
    client.control("copy", "one", "", "text", "clipboard")
    check_value("CLIPBOARD_GRAB", "serial", end.expect("ClipboardGrab").serial, 0)
    end.say(end.grab(serial=1))
    client.alive(end.talk)
    client.control("copy", "two", "", "text", "clipboard")
    check_value("CLIPBOARD_GRAB", "serial", end.expect("ClipboardGrab").serial, 2)


@server_case("SPICE-AGENT-034/text", TEXT, b"of the guest", channel="main", needs=_COPIES, requires=_GRABS)
@server_case("SPICE-AGENT-034/picture", PNG, b"", channel="main", needs=_COPIES, requires=_GRABS)
def answers(client: SuiteClient, kind: int, wanted: bytes) -> None:
    """The guest has copied a text, and the client asks in a format: it is answered. Format and content."""
    end = _copied(client)
    value = _answer(end, kind)
    check_value("CLIPBOARD", "type", int(value.type), int(kind if wanted else ClipboardType.NONE))
    check_value("CLIPBOARD", "data", bytes(value.data), wanted)


@server_case("SPICE-AGENT-034/nobody", channel="main", needs=_COPIES, requires=_GRABS)
def nothing_to_be_had(client: SuiteClient) -> None:
    """Nobody has copied anything, and the client asks for text: NONE is the answer."""
    end = talking(client)
    check_value("CLIPBOARD", "type", int(_answer(end).type), 0)


@server_case("SPICE-AGENT-034/long-text", channel="main", needs=_COPIES, requires=("SPICE-AGENT-034/text",))
def long_text(client: SuiteClient) -> None:
    """The guest has copied 100,000 letters, and the client asks: they come."""
    text = "0123456789" * 10_000
    client.relies_on("SPICE-AGENT-016/one-large-chunk")
    end = _copied(client, text)
    check_value("CLIPBOARD", "bytes", len(_answer(end).data), len(text))


@server_case("SPICE-AGENT-035/of-the-agent", channel="main", needs=(*_COPIES, "control:release-clipboard"), requires=_GRABS)
def releases(client: SuiteClient) -> None:
    """What the guest has copied is gone: CLIPBOARD_RELEASE comes, once."""
    end = _copied(client)
    client.control("release-clipboard", "clipboard")
    end.expect("ClipboardRelease", why="what was copied is gone")
    end.expect_none("ClipboardRelease", why="it was released already")


@server_case("SPICE-AGENT-036/of-the-client", channel="main", needs=_PASTES, requires=_ANSWERS)
def regrabbed(client: SuiteClient) -> None:
    """The client copies a text, and then a picture; the guest pastes a picture: it is asked for."""
    end = talking(client)
    end.say(end.grab(TEXT), end.grab(PNG, serial=1))
    client.alive(end.talk)
    client.control("paste", "png", "clipboard")
    value = end.expect("ClipboardRequest", why="the guest pastes what the client has copied")
    check_value("CLIPBOARD_REQUEST", "type", int(value.type), int(PNG))
    end.say(end.content(b"\x89PNG", PNG))
    client.alive(end.talk)


@server_case("SPICE-AGENT-032/not-named", channel="main", needs=_PASTES, requires=("SPICE-AGENT-036/of-the-client",))
def other_format(client: SuiteClient) -> None:
    """The client copies a text, and the guest pastes a picture: it is not asked for."""
    end = talking(client)
    end.say(end.grab(TEXT))
    client.alive(end.talk)
    client.control("paste", "png", "clipboard")
    end.expect_none("ClipboardRequest", why="the client has a text")


@server_case("SPICE-AGENT-031/own", channel="main", needs=(*_COPIES, "control:paste"), requires=_GRABS)
def own(client: SuiteClient) -> None:
    """The guest copies a text, and pastes it: the client is not asked."""
    end = _copied(client)
    client.control("paste", "text", "clipboard")
    end.expect_none("ClipboardRequest", why="it is the guest's own")


@server_case("SPICE-AGENT-039/limit", channel="main", needs=_COPIES, requires=("SPICE-AGENT-034/text",))
def limit(client: SuiteClient) -> None:
    """The client allows five bytes, the guest copies twelve, and the client asks: they do not come."""
    end = talking(client)
    if not end.terms.peer_has(_CAP.MAX_CLIPBOARD):
        raise NotApplicable("the agent has not announced MAX_CLIPBOARD")
    end.say(agent.MaxClipboard(5))
    client.control("copy", "of the guest", "", "text", "clipboard")
    end.expect("ClipboardGrab")
    end.say(end.request())
    value = end.comes("Clipboard")
    if value is not None and len(value.data) > 5:
        raise Failure("CLIPBOARD of at most 5 bytes", f"{len(value.data)} bytes")


# -- monitors


def _monitors(*sizes: tuple[int, int]) -> agent.MonitorsConfig:
    wanted = [
        agent.MonConfig(height=height, width=width, depth=32, x=640 * place, y=0) for place, (width, height) in enumerate(sizes)
    ]
    return agent.MonitorsConfig(MonitorsConfigFlags.USE_POS, tuple(wanted))


@server_case("SPICE-AGENT-043/one", ((640, 480),), channel="main", needs=_MONITORS, requires=_ANSWERS)
@server_case(
    "SPICE-AGENT-043/two", ((640, 480), (320, 240)), channel="main", needs=_MONITORS, requires=("SPICE-AGENT-043/one",)
)
def replies(client: SuiteClient, sizes: tuple[tuple[int, int], ...]) -> None:
    """The client would like monitors: the agent answers with REPLY. Their sizes."""
    end = talking(client)
    end.say(_monitors(*sizes))
    value = end.expect("Reply", why="the agent has announced REPLY")
    check_value("REPLY", "type", int(value.type), int(AgentMessageType.MONITORS_CONFIG))


@server_case("SPICE-AGENT-044/too-many", 0xFFFFFFFF, 0, 1, channel="main")
@server_case("SPICE-AGENT-044/one-of-two", 2, 0, 1, channel="main")
@server_case("SPICE-AGENT-044/no-sizes", 1, MonitorsConfigFlags.PHYSICAL_SIZE, 1, channel="main")
def not_there(client: SuiteClient, count: int, flags: int, there: int) -> None:
    """Monitors that are announced and not there: a later session works. How many, flags, and how many are there."""
    client.relies_on("SPICE-AGENT-022/announced")
    _send_monitors(talking(client), count, flags, there).close()
    client.alive(client.main(), "another client has done nothing wrong")


@server_case("SPICE-AGENT-044/beside-another", channel="main", needs=("many-sessions",))
def beside_another(client: SuiteClient) -> None:
    """Two sessions, and one announces two monitors of which one is there: the other goes on."""
    client.relies_on("SPICE-AGENT-022/announced")
    other = client.main()
    _send_monitors(talking(client), 2, 0, 1)
    client.alive(other, "another client has done nothing wrong")


def _send_monitors(end: AgentEnd, count: int, flags: int, there: int) -> Talk:
    monitor = b"".join([number.to_bytes(4, "little") for number in (480, 640, 32, 0, 0)])
    body = count.to_bytes(4, "little") + int(flags).to_bytes(4, "little") + there * monitor
    end.say_raw(AgentMessageType.MONITORS_CONFIG, body)
    end.peer.wait_quiet()
    return end.talk


# -- files


def _start(name: str, size: int, id: int = 1) -> agent.FileXferStart:
    return agent.FileXferStart(id, build(FileStart(name, size)))


def _taken(client: SuiteClient, name: str, size: int) -> AgentEnd:
    """A session with an agent that has taken a file of the client. Raises Failure, NotApplicable."""
    end = talking(client)
    if not end.terms.files:
        raise NotApplicable("the agent takes no files")
    end.say(_start(name, size))
    _status(end, FileXferStatus.CAN_SEND_DATA)
    return end


def _status(end: AgentEnd, wanted: int, id: int = 1) -> None:
    value = end.expect("FileXferStatusMessage")
    if value.id != id:
        raise Blocked(f"FILE_XFER_STATUS of transfer {value.id}", ("SPICE-AGENT-056/observed",))
    check_value("FILE_XFER_STATUS", "result", int(value.result), int(wanted))


@server_case("SPICE-AGENT-054/half", channel="main", needs=_FILES, requires=_TAKES)
def half(client: SuiteClient) -> None:
    """Half of a file is sent: no SUCCESS comes."""
    end = _taken(client, "letter.txt", 8)
    end.say(agent.FileXferData(1, b"a le"))
    if end.comes("FileXferStatusMessage", result=FileXferStatus.SUCCESS) is not None:
        raise Failure("no SUCCESS before the rest", "it came")


@server_case("SPICE-AGENT-053/taken", channel="main", needs=_FILES, requires=_ANSWERS)
def taken(client: SuiteClient) -> None:
    """A file is offered, sent, and stored: CAN_SEND_DATA, and SUCCESS."""
    end = _taken(client, "letter.txt", 8)
    end.say(agent.FileXferData(1, b"a letter"))
    _status(end, FileXferStatus.SUCCESS)
    found = client.control("files")
    check_value(
        "", "files that have come", [(file["name"], file["have"], file["whole"]) for file in found], [("letter.txt", 8, True)]
    )


@server_case("SPICE-AGENT-053/says-nothing", channel="main", needs=_FILES, requires=_TAKES)
def says_nothing(client: SuiteClient) -> None:
    """FILE_XFER_START that says nothing of the file: it is answered."""
    end = talking(client)
    end.say(agent.FileXferStart(7, b"\0"))
    end.expect("FileXferStatusMessage", id=7, why="every FILE_XFER_START is answered")


@server_case("SPICE-AGENT-055/plain-client", channel="main", needs=_FILES, requires=_TAKES)
def plain_client(client: SuiteClient) -> None:
    """A client without FILE_XFER_DETAILED_ERRORS offers a file of 2^63 bytes: the result is no detailed one."""
    end = talking(client, usual_but(_CAP.FILE_XFER_DETAILED_ERRORS))
    end.say(_start("large", 1 << 63))
    value: Any = end.expect("FileXferStatusMessage", id=1)
    if value.result > FileXferStatus.SUCCESS:
        raise Failure("a result of at most 3, SUCCESS", str(int(value.result)))


@server_case("SPICE-AGENT-057/slashes", "../../etc/passwd", channel="main", needs=_FILES, requires=_TAKES)
@server_case("SPICE-AGENT-057/backslashes", "..\\..\\boot.ini", channel="main", needs=_FILES, requires=_TAKES)
@server_case("SPICE-AGENT-057/dots", "..", channel="main", needs=_FILES, requires=_TAKES)
def paths(client: SuiteClient, name: str) -> None:
    """A file whose name is a path: no file has such a name, if it is taken. The name."""
    end = talking(client)
    end.say(_start(name, 1))
    value = end.expect("FileXferStatusMessage", id=1)
    if value.result == FileXferStatus.CAN_SEND_DATA:
        end.say(agent.FileXferData(1, b"x"))
        end.expect("FileXferStatusMessage", id=1)
    for file in client.control("files"):
        if set(file["name"]) & {"/", "\\"} or file["name"] in (".", ".."):
            raise Failure("a name that is no path", repr(file["name"]))


@server_case("SPICE-AGENT-058/one-too-many", channel="main", needs=_FILES, requires=_TAKES)
def too_much(client: SuiteClient) -> None:
    """A file of three bytes, of which four come: the result is not SUCCESS."""
    client.relies_on("SPICE-AGENT-054/half")
    end = _taken(client, "letter.txt", 3)
    end.say(agent.FileXferData(1, b"four"))
    value = end.expect("FileXferStatusMessage", id=1, why="more has come than the file has")
    if value.result in (FileXferStatus.SUCCESS, FileXferStatus.CAN_SEND_DATA):
        raise Failure("a result that is not SUCCESS", FileXferStatus(value.result).name)
    if any(file["whole"] for file in client.control("files")):
        raise Failure("no whole file", str(client.control("files")))
