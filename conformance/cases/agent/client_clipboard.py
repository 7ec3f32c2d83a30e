"""Clients: clipboards that are shared with the guest (14.5)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import CLIPBOARD, PNG, TEXT, AgentEnd, greeted, usual_but
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from spiceproto.enums.agent import AgentCapability, ClipboardType

_COPIES: Final = ("act:copy",)
_PASTES: Final = ("act:paste",)
_GRABS: Final = ("SPICE-AGENT-028/all",)
_NAMED: Final = ("SPICE-AGENT-034/named",)
_PASTED: Final = ("SPICE-AGENT-036/pasted",)

_ALL: Final = usual_but()
_SELECTIONS: Final = usual_but(AgentCapability.CLIPBOARD_GRAB_SERIAL)
_NOTHING: Final = usual_but(*CLIPBOARD, more=(AgentCapability.CLIPBOARD_BY_DEMAND,))
_CRLF: Final = usual_but(AgentCapability.GUEST_LINEEND_LF, more=(AgentCapability.GUEST_LINEEND_CRLF,))


def _copied(server: SuiteServer, text: str = "a text") -> AgentEnd:
    """A session with an agent, and the user has copied a text."""
    end = greeted(server)
    server.act("copy", text=text)
    end.expect("ClipboardGrab", why="the user has copied")
    return end


def _asked(end: AgentEnd, type: int = TEXT) -> bytes:
    """The agent asks, and is answered: the content, without bytes for NONE. Raises Failure."""
    end.say(end.request(type))
    value = end.expect("Clipboard", why="the agent has asked")
    check_value("CLIPBOARD", "type", int(value.type), int(type))
    return bytes(value.data)


@client_case("SPICE-AGENT-028/all", _ALL, channel="main", needs=_COPIES, requires=("SPICE-AGENT-022/asked",))
@client_case("SPICE-AGENT-028/selections", _SELECTIONS, channel="main", needs=_COPIES, requires=_GRABS)
@client_case("SPICE-AGENT-028/nothing", _NOTHING, channel="main", needs=_COPIES, requires=_GRABS)
def grabs(server: SuiteServer, capabilities: tuple[AgentCapability, ...]) -> None:
    """The user copies: CLIPBOARD_GRAB of the clipboard, in the layout that both announced. What the agent announces."""
    end = greeted(server, capabilities)
    server.act("copy", text="a text")
    value = end.expect("ClipboardGrab", why="the user has copied")
    check_value("CLIPBOARD_GRAB", "layout", type(value).__name__, type(end.grab()).__name__)
    check_value("CLIPBOARD_GRAB", "selection", int(getattr(value, "selection", 0)), 0)
    if int(TEXT) not in [int(kind) for kind in value.types]:
        raise Failure("types of the CLIPBOARD_GRAB: UTF8_TEXT among them", str(list(map(int, value.types))))


@client_case("SPICE-AGENT-029/several", channel="main", needs=_COPIES, requires=_GRABS)
def serials(server: SuiteServer) -> None:
    """The user copies, the guest does, and the user does: the serials are 0 and 2."""
    end = greeted(server)
    server.act("copy", text="a text")
    check_value("CLIPBOARD_GRAB", "serial", end.expect("ClipboardGrab").serial, 0)
    end.say(end.grab(serial=1))
    server.alive(end.talk)
    server.act("copy", text="another text")
    check_value("CLIPBOARD_GRAB", "serial", end.expect("ClipboardGrab").serial, 2)


@client_case("SPICE-AGENT-034/named", TEXT, b"a text", channel="main", needs=_COPIES, requires=_GRABS)
@client_case("SPICE-AGENT-034/not-named", PNG, b"", channel="main", needs=_COPIES, requires=_NAMED)
@client_case("SPICE-AGENT-034/unknown-format", 99, b"", channel="main", needs=_COPIES, requires=_NAMED)
def answers(server: SuiteServer, kind: int, wanted: bytes) -> None:
    """The user has copied a text, and the agent asks in a format: it is answered. Format and content."""
    end = _copied(server)
    if any(type(value).__name__.startswith("Clipboard") and hasattr(value, "data") for value in end.heard):
        raise Blocked("content has come that nobody has asked for", ("SPICE-AGENT-033/observed-client",))
    end.say(end.request(kind))
    value = end.expect("Clipboard", why="every request is answered")
    if value.type not in (kind, ClipboardType.NONE):
        raise Blocked(f"the answer has format {value.type}", ("SPICE-AGENT-033/observed-client",))
    check_value("CLIPBOARD", "type", int(value.type), int(kind if wanted else ClipboardType.NONE))
    check_value("CLIPBOARD", "data", bytes(value.data), wanted)


@client_case("SPICE-AGENT-034/not-owned", channel="main", requires=("SPICE-AGENT-022/asked",))
def nothing_to_be_had(server: SuiteServer) -> None:
    """Nobody has copied anything, and the agent asks for text: NONE is the answer."""
    end = greeted(server)
    if not end.terms.by_demand:
        raise NotApplicable("the client has not announced CLIPBOARD_BY_DEMAND")
    end.say(end.request())
    value = end.expect("Clipboard", why="every request is answered")
    check_value("CLIPBOARD", "type", int(value.type), int(ClipboardType.NONE))


@client_case("SPICE-AGENT-034/long", channel="main", needs=_COPIES, requires=_NAMED)
def long_text(server: SuiteServer) -> None:
    """The user has copied 100,000 letters, and the agent asks: they come, for ten tokens at a time."""
    text = "0123456789" * 10_000
    end = _copied(server, text)
    check_value("CLIPBOARD", "bytes", len(_asked(end)), len(text))


@client_case("SPICE-AGENT-030/crossed", 0, channel="main", needs=_COPIES, requires=_NAMED)
@client_case("SPICE-AGENT-030/late", 7, channel="main", needs=_COPIES, requires=_NAMED)
def late_grab(server: SuiteServer, serial: int) -> None:
    """The user has copied, and a grab of the agent comes with another serial than 1: the user's text is still there. Serial."""
    end = _copied(server)
    end.say(end.grab(PNG, serial=serial))
    server.alive(end.talk)
    check_value("CLIPBOARD", "data", _asked(end), b"a text")


@client_case("SPICE-AGENT-035/once", channel="main", needs=("act:copy", "act:release-clipboard"), requires=_GRABS)
def releases(server: SuiteServer) -> None:
    """What the user has copied is gone: CLIPBOARD_RELEASE comes, once."""
    end = _copied(server)
    server.act("release-clipboard")
    end.expect("ClipboardRelease", why="what was copied is gone")
    end.expect_none("ClipboardRelease", why="it was released already")


@client_case("SPICE-AGENT-037/lf", usual_but(), b"one\ntwo", channel="main", needs=_COPIES, requires=_NAMED)
@client_case("SPICE-AGENT-037/crlf", _CRLF, b"one\r\ntwo", channel="main", needs=_COPIES, requires=_NAMED)
def line_ends(server: SuiteServer, capabilities: tuple[AgentCapability, ...], wanted: bytes) -> None:
    """The user has copied two lines, and the agent asks: they have the guest's line ends. What the agent announces."""
    end = greeted(server, capabilities)
    server.act("copy", text="one\ntwo")
    end.expect("ClipboardGrab")
    check_value("CLIPBOARD", "data", _asked(end), wanted)


def _paste(server: SuiteServer, end: AgentEnd, format: str, kind: int, data: bytes) -> bytes:
    """The user pastes; the client asks the agent, which answers. What is in the file then. Raises Failure."""
    with tempfile.TemporaryDirectory(prefix="spiceconf-") as folder:
        path = Path(folder, "pasted")
        server.act("paste", path=str(path), format=format)
        value = end.expect("ClipboardRequest", why="the user pastes what the guest has copied")
        if value.type not in (TEXT, kind):
            raise Blocked(f"it asks for format {value.type}, which the guest has not", ("SPICE-AGENT-032/observed-client",))
        check_value("CLIPBOARD_REQUEST", "type", int(value.type), int(kind))
        end.say(end.content(data, kind))
        server.alive(end.talk)
        server.run(path.exists)
        return path.read_bytes() if path.exists() else b""


@client_case("SPICE-AGENT-036/pasted", channel="main", needs=_PASTES, requires=("SPICE-AGENT-022/asked",))
def pasted(server: SuiteServer) -> None:
    """The guest copies a text, and the user pastes: the client asks for it, and has it."""
    end = greeted(server)
    end.say(end.grab())
    server.alive(end.talk)
    check_value("", "what was pasted", _paste(server, end, "text", TEXT, b"of the guest"), b"of the guest")


@client_case("SPICE-AGENT-036/other-formats", channel="main", needs=_PASTES, requires=_PASTED)
def regrabbed(server: SuiteServer) -> None:
    """The guest copies a text, and then a picture; the user pastes a picture: the client asks for it."""
    end = greeted(server)
    end.say(end.grab(TEXT), end.grab(PNG, serial=1))
    server.alive(end.talk)
    check_value("", "what was pasted", _paste(server, end, "png", PNG, b"\x89PNG"), b"\x89PNG")


@client_case("SPICE-AGENT-038/crlf", channel="main", needs=_PASTES, requires=_PASTED)
def text_of_windows(server: SuiteServer) -> None:
    """A guest with CR LF copies two lines, and the user pastes: they have LF."""
    end = greeted(server, _CRLF)
    end.say(end.grab())
    server.alive(end.talk)
    check_value("", "what was pasted", _paste(server, end, "text", TEXT, b"one\r\ntwo"), b"one\ntwo")


@client_case("SPICE-AGENT-040/unasked", channel="main", requires=("SPICE-AGENT-022/asked",))
def unasked(server: SuiteServer) -> None:
    """CLIPBOARD comes that nobody has asked for: the client goes on."""
    end = greeted(server)
    end.say(end.grab(), end.content(b"unasked"))
    server.alive(end.talk)


@client_case("SPICE-AGENT-040/twice", channel="main", needs=_PASTES, requires=_PASTED)
def twice(server: SuiteServer) -> None:
    """The user has pasted, and the same content comes once more: the client goes on."""
    end = greeted(server)
    end.say(end.grab())
    server.alive(end.talk)
    _paste(server, end, "text", TEXT, b"of the guest")
    end.say(end.content(b"of the guest"))
    server.alive(end.talk)
