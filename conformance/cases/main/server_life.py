"""Servers: INIT, and what else is said in the life of a session (3.1)."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.main.server_steps import need_announced
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.expectation import check, other_than
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main


@server_case("SPICE-MAIN-001/init-first", channel="main")
def init_first(client: SuiteClient) -> None:
    """The first message on main is INIT, and it is well-formed."""
    client.link().expect_next("INIT")


@server_case("SPICE-MAIN-001/init-first-for-a-client-without-capabilities", channel="main")
def init_first_for_a_plain_client(client: SuiteClient) -> None:
    """The same for a client that announced nothing, with full headers and no mechanism."""
    client.relies_on("SPICE-FRAME-001/main-without-mini-header")
    wire = client.ask(Ask(capabilities=NONE))
    answer = wire.conclude()
    if answer.error is None:
        raise Failure("link result OK (0) for a client that announced nothing, or a refusal", str(answer))
    if not answer.ok:
        raise NotApplicable(f"a client that announced nothing is answered: {answer}")
    wire.talk().expect_next("INIT")


@server_case("SPICE-MAIN-002/once", channel="main")
def init_once(client: SuiteClient) -> None:
    """Lists and requests for mouse modes bring no second INIT."""
    talk, _ = client.session()
    for mode in (MouseMode.SERVER, MouseMode.CLIENT, MouseMode.SERVER):
        if client.init.supported_mouse_modes & mode:
            talk.send(main.MouseModeRequest(mode))
        client.alive(talk)
    talk.expect_count("INIT", 1)


@server_case("SPICE-MAIN-002/a-migration-that-never-began", channel="main")
def init_once_after_migrate_end(client: SuiteClient) -> None:
    """MIGRATE_END in a session that does not migrate brings no second INIT."""
    talk, _ = client.session()
    need_announced(talk, MainCapability.SEMI_SEAMLESS_MIGRATE)
    talk.send(main.MigrateEnd(), main.AttachChannels())
    # A server may as well close here.
    talk.wait_count("CHANNELS_LIST", 2)
    talk.expect_count("INIT", 1)


@server_case("SPICE-MAIN-003/one-after-the-other", channel="main")
def one_after_the_other(client: SuiteClient) -> None:
    """Four mains, one after the other: none has the id 0, or that of one that the server has not ended."""
    running: dict[int, Talk] = {}
    for _ in range(4):
        talk = client.main()
        before = running.get(client.session_id)
        why = "" if before is None or before.wait_closed(client.network.quiet) else "the session with it still runs"
        ids = (0, client.session_id) if why else (0,)
        check("INIT", client.init, session_id=other_than(*ids), why=why)
        running[client.session_id] = talk


@server_case("SPICE-MAIN-003/two-at-once", channel="main", needs=("many-sessions",))
def two_at_once(client: SuiteClient) -> None:
    """Two sessions that run side by side have ids of their own."""
    first = client.main()
    check("INIT", client.init, session_id=other_than(0))
    id = client.session_id
    second = client.main()
    check("INIT", client.init, session_id=other_than(0, id), why="the first session still runs")
    client.alive(first)
    client.alive(second)


@server_case("SPICE-MAIN-008/not-announced", channel="main")
def no_name(client: SuiteClient) -> None:
    """A client without NAME_AND_UUID gets neither."""
    talk = client.main(Ask(capabilities=COMMON.with_(MainCapability.AGENT_CONNECTED_TOKENS)))
    client.alive(talk)
    for name in ("NAME", "UUID"):
        talk.expect_count(name, 0, why="the client did not announce NAME_AND_UUID")


@server_case("SPICE-MAIN-010/tokens-announced", "announced", channel="main", needs=("control:agent",))
@server_case(
    "SPICE-MAIN-010/tokens-not-announced",
    "not announced",
    channel="main",
    needs=("control:agent",),
    requires=("SPICE-LINK-019/no-channel-words",),
)
def agent_appears(client: SuiteClient, tokens: str) -> None:
    """An agent appears in a running session, twice: the message that the client announced, and not the other."""
    client.control("agent", False)
    announced = tokens == "announced"
    talk = client.main(Ask(capabilities=COMMON.with_(MainCapability.AGENT_CONNECTED_TOKENS) if announced else COMMON))
    right, wrong = ("AGENT_CONNECTED_TOKENS", "AGENT_CONNECTED")[:: 1 if announced else -1]
    why = f"AGENT_CONNECTED_TOKENS was {tokens}"
    for number in (1, 2):
        client.control("agent", True)
        talk.expect(right, why=why)
        client.control("agent", False)
        client.alive(talk)
        talk.expect_count(right, number, why=why)
        talk.expect_count(wrong, 0, why=why)
