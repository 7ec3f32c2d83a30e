"""Clients: files that are sent to the guest (14.7)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import AgentEnd, connected, disconnected, greeted, usual_but
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from spiceproto.agent import file_start
from spiceproto.enums.agent import AgentCapability, FileXferStatus
from spiceproto.errors import RemoteError
from spiceproto.messages import agent

_SENDS: Final = ("act:send-file",)
_WHOLE: Final = ("SPICE-AGENT-046/whole",)
_OFFERED: Final = ("SPICE-AGENT-050/offered",)
_LARGE: Final = 4 << 20
"""More than a client queues at once."""

_CONTENT: Final = bytes(range(256)) * 700


@contextmanager
def _sent(server: SuiteServer, *contents: bytes) -> Iterator[None]:
    """The user sends files with these contents, ``letter-1.txt`` and so on; they are there as long as this."""
    with tempfile.TemporaryDirectory(prefix="spiceconf-") as folder:
        for number, content in enumerate(contents, 1):
            path = Path(folder, f"letter-{number}.txt")
            path.write_bytes(content)
            server.act("send-file", path=str(path))
        yield


def _status(id: int, result: int) -> agent.FileXferStatusMessage:
    return agent.FileXferStatusMessage(id, result, b"")


def _go(end: AgentEnd) -> Any:
    """The next file that is offered; the agent takes it. Raises Failure."""
    start = end.expect("FileXferStart", why="the user sends a file")
    end.say(_status(start.id, FileXferStatus.CAN_SEND_DATA))
    return start


def _all(end: AgentEnd, id: int, size: int) -> bytes:
    """The bytes of a transfer, until there are so many. Raises Failure."""
    found = b""
    while len(found) < size:
        found += bytes(end.expect("FileXferData", id=id, why=f"{len(found)} of {size} bytes have come").data)
    return found


@client_case("SPICE-AGENT-050/offered", channel="main", needs=_SENDS, requires=("SPICE-AGENT-022/asked",))
def offered(server: SuiteServer) -> None:
    """The user sends a file: FILE_XFER_START has its name and size."""
    end = greeted(server)
    with _sent(server, b"a letter"):
        start = end.expect("FileXferStart", why="the user sends a file")
    try:
        said = file_start.parse(bytes(start.data))
    except RemoteError as error:
        raise Failure("FILE_XFER_START with a name and a size", str(error)) from None
    check_value("FILE_XFER_START", "size", said.size, 8)
    check_value("FILE_XFER_START", "name", said.name.rpartition("/")[2], "letter-1.txt")


@client_case("SPICE-AGENT-051/name", channel="main", needs=_SENDS, requires=_OFFERED)
def no_path(server: SuiteServer) -> None:
    """The user sends a file: FILE_XFER_START has its name, and not where it was."""
    end = greeted(server)
    with _sent(server, b"a letter"):
        start = end.expect("FileXferStart")
    check_value("FILE_XFER_START", "name", file_start.parse(bytes(start.data)).name, "letter-1.txt")


@client_case("SPICE-AGENT-045/waits", channel="main", needs=_SENDS, requires=_OFFERED)
def waits(server: SuiteServer) -> None:
    """A file is offered, and the agent is silent for a while: no data comes before CAN_SEND_DATA."""
    end = greeted(server)
    with _sent(server, b"a letter"):
        start = end.expect("FileXferStart")
        end.expect_none("FileXferData", why="the agent has not said CAN_SEND_DATA")
        end.say(_status(start.id, FileXferStatus.CAN_SEND_DATA))
        end.expect("FileXferData", id=start.id, why="the agent has said CAN_SEND_DATA")


@client_case("SPICE-AGENT-046/whole", channel="main", needs=_SENDS, requires=_OFFERED)
def whole(server: SuiteServer) -> None:
    """A file of 179,200 bytes is sent: they come, and no more."""
    end = greeted(server)
    with _sent(server, _CONTENT):
        start = _go(end)
        found = _all(end, start.id, len(_CONTENT))
        check_value("FILE_XFER_DATA", "bytes in all", len(found), len(_CONTENT))
        if found != _CONTENT:
            raise Failure("the bytes of the file", "other bytes")
        end.expect_none("FileXferData", why="that was the whole file")
        end.say(_status(start.id, FileXferStatus.SUCCESS))
    server.alive(end.talk)


@client_case("SPICE-AGENT-047/two-files", channel="main", needs=_SENDS, requires=_OFFERED)
def two_files(server: SuiteServer) -> None:
    """Two files are sent at once: each has an id of its own."""
    end = greeted(server)
    with _sent(server, b"one", b"two"):
        first, second = end.expect("FileXferStart"), end.expect("FileXferStart")
    if first.id == second.id:
        raise Failure("two ids", f"{first.id} twice")


@client_case("SPICE-AGENT-048/off", channel="main", needs=_SENDS, requires=_OFFERED)
def off(server: SuiteServer) -> None:
    """The agent has announced FILE_XFER_DISABLED, and the user sends a file: nothing is offered."""
    end = greeted(server, usual_but(more=(AgentCapability.FILE_XFER_DISABLED,)))
    try:
        with _sent(server, b"a letter"):
            end.expect_none("FileXferStart", why="the agent takes no files")
    except (Failure, Blocked):
        if end.comes("FileXferStart") is not None:
            raise
        server.note("the client says that it can not")
    server.alive(end.talk)


@client_case("SPICE-AGENT-049/empty", channel="main", needs=_SENDS, requires=_WHOLE)
def empty(server: SuiteServer) -> None:
    """An empty file is sent, and the agent takes it: one FILE_XFER_DATA without bytes comes."""
    end = greeted(server)
    with _sent(server, b""):
        start = _go(end)
        value = end.expect("FileXferData", id=start.id, why="an agent says SUCCESS to data")
        check_value("FILE_XFER_DATA", "size", len(value.data), 0)
        end.expect_none("FileXferData", why="there is nothing more of it")
        end.say(_status(start.id, FileXferStatus.SUCCESS))
    server.alive(end.talk)


@client_case("SPICE-AGENT-052/unknown-id", 1, FileXferStatus.CANCELLED, channel="main", needs=_SENDS, requires=_WHOLE)
@client_case("SPICE-AGENT-052/unknown-result", 0, 77, channel="main", needs=_SENDS, requires=_WHOLE)
def unknown(server: SuiteServer, other: int, result: int) -> None:
    """FILE_XFER_STATUS of another id, or with an unknown result, while a file is sent: it comes whole. Id, and result."""
    end = greeted(server)
    with _sent(server, _CONTENT):
        start = end.expect("FileXferStart")
        end.say(_status(start.id + other, result), _status(start.id, FileXferStatus.CAN_SEND_DATA))
        check_value("FILE_XFER_DATA", "bytes in all", len(_all(end, start.id, len(_CONTENT))), len(_CONTENT))


@client_case("SPICE-AGENT-045/cancelled", channel="main", needs=("act:send-file", "act:cancel-file"), requires=_WHOLE)
def cancelled(server: SuiteServer) -> None:
    """A file is offered, and the user cancels it; the agent takes it then: no data comes."""
    end = greeted(server)
    with _sent(server, _CONTENT):
        start = end.expect("FileXferStart")
        server.act("cancel-file", file=1)
        if end.comes("FileXferStatusMessage", within=server.network.patience, id=start.id) is None:
            raise NotApplicable("the client ends no transfer before the agent has taken it")
        end.say(_status(start.id, FileXferStatus.CAN_SEND_DATA))
        end.expect_none("FileXferData", why="the client has ended the transfer")


@client_case(
    "SPICE-AGENT-061/agent-goes", channel="main", needs=_SENDS, requires=("SPICE-AGENT-046/whole", "SPICE-AGENT-059/twice")
)
def agent_goes(server: SuiteServer) -> None:
    """The agent goes in the middle of a file, and another comes: it gets nothing of the file."""
    server.relies_on("SPICE-AGENT-014/agent-goes")
    end = greeted(server, tokens=4)
    end.keeps_tokens = True
    with _sent(server, bytes(_LARGE)):
        _go(end)
        server.wait_quiet()
        end.keeps_tokens = False
        disconnected(end)
        connected(end, 1000)
        end.expect("AnnounceCapabilities", why="another agent has come")
        end.heard.clear()
        end.announce(request=False)
        end.expect_none("FileXferData", why="the transfer has ended with the agent")
    server.alive(end.talk)
