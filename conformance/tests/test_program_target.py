"""A client that is a program, as a target: what becomes of its answers. A server that is told something."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import sleep
from typing import Any, ClassVar

import pytest

from conformance.adapters.server_address import ServerAddress
from conformance.as_server import SuiteServer
from conformance.case import Case
from conformance.outcome import NotApplicable, Refusal, TargetUnusable, Undriven
from conformance.program_target import AdapterClient, AdapterServer
from conformance.sockets import SocketServerNetwork
from conformance.target import Reach
from spiceproto.controls import control
from spiceproto.tests.peers import PATIENCE

CASE = Case("SPICE-LINK-047/x", "client", lambda server: None, "x")


class Adapter:
    """A client that takes no password of more than 60 bytes."""

    verbs = frozenset({"motion", "key"})
    start_time = 5.0
    least_screen = (0, 0)
    one_picture = False
    version = "adapter 1"
    knows_sasl = False
    knows_password = True
    shares_folder = False
    said = ""
    started = "my-client --password 'not yours' spice://127.0.0.1"
    files = "/tmp/files-of-mine"
    over_websocket = False
    reasons: ClassVar[dict[str, str]] = {"client-sasl": "adapter 1 has no SASL"}
    ended: int | None = None
    crash: int | None = None

    def __init__(self) -> None:
        self.addresses: list[ServerAddress] = []

    def connect(self, address: ServerAddress) -> None:
        self.addresses.append(address)
        if len(address.password) > 60:
            raise Refusal("that is too long")

    def do(self, verb: str, **values: Any) -> Any:
        raise AssertionError(verb)

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def disconnect(self) -> None: ...


def opened(password: str = "sesame") -> tuple[AdapterClient, Adapter, SuiteServer]:
    adapter = Adapter()
    target = AdapterClient("client:x", adapter, password=password, quiet=0.1)
    target.start()
    network = target.open(CASE)
    return target, adapter, SuiteServer(network, target)  # type: ignore[arg-type]


def test_a_client_that_refuses_a_password_does_not_connect_and_is_not_waited_for() -> None:
    target, adapter, server = opened()
    server.act("password", text="x" * 61)
    server.invite()
    assert server.another(3600) is None
    assert adapter.addresses[0].password == "x" * 61 and "that is too long" in target.last_words()
    target.close(server.network)


def test_the_refusal_is_over_with_the_next_connection() -> None:
    target, adapter, server = opened()
    server.act("password", text="x" * 61)
    server.invite()
    server.act("password", text="short")
    server.invite_again()
    assert adapter.addresses[1].password == "short" and target.last_words() == ""
    target.close(server.network)


def test_a_client_that_refuses_what_the_target_file_says_cannot_be_tested() -> None:
    target, _, server = opened("x" * 61)
    with pytest.raises(TargetUnusable, match="that is too long"):
        server.invite()
    target.close(server.network)


def test_an_adapter_says_why_a_need_is_not_met() -> None:
    target, _, server = opened()
    wants = Case("SPICE-LINK-059/x", "client", lambda server: None, "x", needs=("client-sasl", "client-tls"))
    assert target.lacks(wants) == "adapter 1 has no SASL; only where the client knows a TLS port"
    target.close(server.network)


def test_a_case_gets_the_password_of_the_target_again() -> None:
    target, adapter, server = opened()
    server.act("password", text="other")
    target.close(server.network)
    network = target.open(CASE)
    target.invite(network)
    assert adapter.addresses[0].password == "sesame"
    target.close(network)


def test_a_crash_is_told_until_the_next_case() -> None:
    target, adapter, server = opened()
    adapter.crash = -6
    assert target.ended == ""
    target.close(server.network)
    assert target.ended == "killed by SIGABRT"
    network = target.open(CASE)
    assert target.ended == ""
    adapter.crash = None
    target.close(network)
    assert target.ended == ""


def test_how_a_client_was_started_without_anybody_s_password() -> None:
    for password, shown in (("sesame", "sesame"), ("not yours", "PASSWORD")):
        target, adapter, server = opened(password)
        assert target.reach() == Reach(), "before it was told anything"
        server.invite()
        port = adapter.addresses[0].port
        reach = target.reach()
        assert reach.remarks[0].startswith(f"Give this script the port {port}, ") and len(reach.remarks) == 2
        assert reach.remarks[1].endswith(f"connect to spice://127.0.0.1?port={port}, password {shown}")
        assert ("not yours" in reach.started) == (password == "sesame")
        target.close(server.network)


class Server:
    """A server that was started with a file, on a display."""

    host, port, tls_port, unix_path = "127.0.0.1", 5931, 0, ""
    password, username, version = "sesame", "", "server 1"
    files = "/tmp/spiceconf-x"
    started = "DISPLAY=:77 my-server --port 5931 --ticket-file /tmp/spiceconf-x/ticket"
    controls: ClassVar[frozenset[str]] = frozenset()
    has: ClassVar[frozenset[str]] = frozenset()
    ended = None
    expendable = True
    destination: Any = None

    def start(self) -> None: ...


def test_how_a_server_was_started_and_where_it_was() -> None:
    target = AdapterServer("x:", Server())
    assert target.reach().arguments == ()
    target.start()
    reach = target.reach()
    assert reach.arguments == ("127.0.0.1:5931", "--password", "sesame") and reach.started == Server.started
    password, gone, display = reach.remarks
    assert password.endswith(" sesame") and "X display" in display
    assert gone.startswith("What is in /tmp/spiceconf-x was made for the run, and is gone")


class Pair(Server):
    """Two servers, of which the second has the guest once it has gone over."""

    controls: ClassVar[frozenset[str]] = frozenset({"migrate-begin", "migrate-finish", "shutdown"})

    def __init__(self) -> None:
        self.destination = Server()
        self.destination.port = 5932
        self.said: list[str] = []
        self.starts = 0
        self.spent = False
        self.holder: Any = self

    def start(self) -> None:
        self.starts += 1
        self.spent = False
        self.holder = self

    def stop(self) -> None: ...

    def begin_case(self) -> None: ...

    def do_migrate_begin(self) -> None:
        self.spent = True

    def do_migrate_finish(self) -> None:
        self.holder = Elsewhere(self.said)

    def do_shutdown(self) -> None:
        self.said.append("here")


class Elsewhere:
    """Where the guest is then."""

    def __init__(self, said: list[str]) -> None:
        self.said = said

    def do_shutdown(self) -> None:
        self.said.append("there")


def test_a_pair_is_told_where_its_guest_is_and_is_used_once() -> None:
    pair = Pair()
    target = AdapterServer("x:", pair)
    target.start()
    case = Case("SPICE-MIG-001/x", "server", lambda client: None, "x", needs=("control:migrate-begin", "expendable"))
    assert not target.lacks(case)
    network = target.open(case)
    assert isinstance(network, SocketServerNetwork) and network.destination is not None
    assert (network.place.port, network.destination.port) == (5931, 5932)
    for verb in ("shutdown", "migrate-begin", "migrate-finish", "shutdown", "migrate-begin"):
        target.do(control("server", verb), {})
    assert pair.said == ["here", "there"]
    network.stop()
    assert pair.starts == 1
    target.open(case).stop()
    target.open(case).stop()
    assert pair.starts == 2


def test_what_can_not_be_started_anew_is_not_expendable() -> None:
    server = Server()
    server.expendable = False
    target = AdapterServer("x:", server)
    target.start()
    assert not target.meets("expendable")


def test_what_a_client_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.adapters.client import Answer

    target, adapter, server = opened()
    with pytest.raises(NotApplicable, match="nobody can ask the target for this: wheel"):
        server.act("wheel", steps=1)
    for answer, outcome in ((Answer("unsupported", "no mouse"), NotApplicable), (Answer("error", "no mouse"), Undriven)):
        monkeypatch.setattr(adapter, "do", lambda verb, answer=answer, **values: answer)
        with pytest.raises(outcome, match="no mouse"):
            server.act("motion", dx=1, dy=1)
    target.close(server.network)


class _Guest:
    """A server that draws once its client reads."""

    version = "server 1"
    controls: ClassVar[frozenset[str]] = frozenset({"animate"})
    has: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self.read = Event()

    @property
    def holder(self) -> _Guest:
        return self

    def do_animate(self, count: int) -> int:
        assert self.read.wait(PATIENCE)
        return count


class _Reader:
    """A client that reads while something is waited for."""

    def __init__(self, guest: _Guest) -> None:
        self._guest = guest

    def step(self, text: str) -> None:
        assert text == "the target is asked: animate count=3"

    def run(self, until: Callable[[], bool], within: float) -> bool:
        self._guest.read.set()
        while not until():
            sleep(0.001)
        return True


def test_what_a_server_sends_is_read_while_it_is_told_something() -> None:
    guest = _Guest()
    target = AdapterServer("server:x", guest)
    assert target.tell(_Reader(guest), "animate", {"count": 3}) == 3  # type: ignore[arg-type]
