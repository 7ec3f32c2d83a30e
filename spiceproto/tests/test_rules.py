"""The tables of the protocol: conversations that must be judged so and not otherwise."""

from __future__ import annotations

import pytest

from spiceproto import schema
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.link.records import CODES
from spiceproto.machine import ANY, CLOSE, Run
from spiceproto.rules import MACHINES, link

BOTH = Capabilities().with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE)
SASL = BOTH.with_(CommonCapability.AUTH_SASL)

Step = str
"""``client MESSAGE field=1``; behind ``!`` the sentences it breaks, behind ``~`` that it is only tolerated."""


def play(run: Run, script: str) -> None:
    """Feed a script, a step a line, and compare what is said of each."""
    for line in script.strip().splitlines():
        step, _, wanted = line.strip().partition(" ! ")
        step, tolerated, _ = step.partition(" ~")
        sender, message, *fields = step.split()
        value = {name: int(number) for name, _, number in (field.partition("=") for field in fields)}
        verdict = run.feed(sender, message, value)
        assert [item.requirement for item in verdict.breaches] == wanted.split(), line
        assert verdict.tolerated == bool(tolerated), line


LINKS = {
    "ticket": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=1
        client ticket
        server link-result error=0
    """, "established"),
    "no selection": (BOTH, NONE, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client ticket
        server link-result error=7
        server CLOSE
    """, "closed"),
    "mechanism without selection": (NONE, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=1 ! SPICE-LINK-037
        client ticket
        server link-result error=0
    """, "established"),
    "no mechanism with selection": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client ticket ! SPICE-LINK-037
        server link-result error=7
    """, "refused"),
    "SASL": (BOTH, SASL, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=2
        server sasl-mechanism-list
        client sasl-start
        server sasl-challenge complete=0
        client sasl-response
        server sasl-challenge complete=1
        server sasl-result error=0
        server link-result error=0
    """, "established"),
    "SASL that was not announced": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=2
        server sasl-mechanism-list ! SPICE-LINK-041
    """, "sasl-choice"),
    "unknown mechanism": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=77 ! SPICE-LINK-039
        server link-result error=3
        server CLOSE
    """, "closed"),
    "second link reply": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=0 ! SPICE-LINK-039
        server link-header ~
        server link-reply error=3 ~
        server CLOSE
    """, "closed"),
    "accepted after an unknown mechanism": (BOTH, BOTH, """
        client link-header
        client link-message
        server link-header
        server link-reply error=0
        client auth-mechanism auth_mechanism=7 ! SPICE-LINK-039
        server link-result error=0 ! SPICE-LINK-040
        client ticket
    """, "result"),
    "refused by its header": (None, None, """
        client link-header
        server link-header
        server link-reply error=4
        server CLOSE
    """, "closed"),
    "short refusal": (None, None, """
        client link-header
        client link-message
        server link-header
        server link-error error=5 ~
        client auth-mechanism auth_mechanism=1 ! SPICE-LINK-026
        server CLOSE
    """, "closed"),
    "silent refusal": (None, None, """
        client link-header
        client link-message
        server CLOSE ~
    """, "closed"),
    "server speaks first": (None, None, """
        server link-header ! SPICE-LINK-002
    """, "refusing"),
    "result after a refusal": (None, None, """
        client link-header
        client link-message
        server link-header
        server link-reply error=9
        server link-result error=9 ! SPICE-LINK-024
    """, "refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_link(name: str) -> None:
    client, server, script, state = LINKS[name]
    run = Run(MACHINES["link"], client=client, server=server)
    play(run, script)
    assert run.state == state


def test_every_problem_of_the_link_observer_has_a_sentence() -> None:
    assert set(link.OBSERVED) == set(CODES)
    assert set(CODES) >= link.JUDGED | link.TOLERATED


def test_link_deadline() -> None:
    run = Run(MACHINES["link"], now=100.0)
    assert run.deadline == 160.0
    run.feed("client", "link-header", now=130.0)
    assert run.deadline == 190.0
    assert [item.requirement for item in run.overdue(191.0)] == ["SPICE-LINK-063"]
    run.feed("client", "link-message", now=140.0)
    assert run.deadline is None


MAINS = {
    "a session": (MainCapability.NAME_AND_UUID, """
        server INIT
        server NAME
        server UUID
        server PING
        client PONG
        client ATTACH_CHANNELS
        server CHANNELS_LIST
        server CHANNELS_LIST
        server MOUSE_MODE
        client ATTACH_CHANNELS
        server CHANNELS_LIST
    """, ""),
    "no INIT": (None, """
        server PING ! SPICE-MAIN-001
        server NAME ! SPICE-MAIN-001
        server CHANNELS_LIST ! SPICE-MAIN-001
        client ATTACH_CHANNELS ! SPICE-MAIN-006
        client PONG ! SPICE-MAIN-006
        server INIT
        server INIT ! SPICE-MAIN-002
    """, ""),
    "list before it was asked for": (None, """
        server INIT
        server CHANNELS_LIST ! SPICE-MAIN-013
    """, ""),
    "name that nobody wants": (None, """
        server INIT
        server NAME ! SPICE-MAIN-008
        server AGENT_CONNECTED
        server AGENT_CONNECTED_TOKENS ! SPICE-MAIN-010
    """, ""),
    "tokens that somebody wants": (MainCapability.AGENT_CONNECTED_TOKENS, """
        server INIT
        server AGENT_CONNECTED ! SPICE-MAIN-010
        server AGENT_CONNECTED_TOKENS
    """, ""),
    "history": (None, """
        server INIT
        client CLIENT_INFO ! SPICE-MAIN-007
        client QUALITY_INDICATOR ! SPICE-MAIN-007
    """, ""),
    "seamless migration": (None, """
        client MIGRATE_DATA ! SPICE-MAIN-025
        client MIGRATE_DST_DO_SEAMLESS
        client MIGRATE_END ! SPICE-MAIN-025
        client ATTACH_CHANNELS ! SPICE-MAIN-006
        server MIGRATE_DST_SEAMLESS_ACK
        client MIGRATE_DATA
        server MULTI_MEDIA_TIME
        server INIT ! SPICE-MAIN-002
    """, "destination"),
    "semi-seamless migration": (None, """
        client MIGRATE_DST_DO_SEAMLESS
        server MIGRATE_DST_SEAMLESS_NACK
        client MIGRATE_END
        server INIT
    """, "destination"),
    "a destination that begins anew": (None, """
        server INIT ! SPICE-MAIN-022
        server MIGRATE_DST_SEAMLESS_ACK ! SPICE-MAIN-023
        client MIGRATE_DST_DO_SEAMLESS ! SPICE-MAIN-024
    """, "destination"),
}  # fmt: skip


@pytest.mark.parametrize("name", MAINS)
def test_main(name: str) -> None:
    capability, script, state = MAINS[name]
    client = NONE if capability is None else NONE.with_(capability)
    play(Run(MACHINES["main"], state=state, client=client, server=NONE), script)


MOUSE = {
    "positions in SERVER mode": """
        server main.INIT supported_mouse_modes=3 current_mouse_mode=1
        client inputs.MOUSE_MOTION
        client inputs.MOUSE_POSITION ~
        client inputs.MOUSE_MOTION
        client inputs.MOUSE_POSITION ! SPICE-MOUSE-012
    """,
    "one position before anything else": """
        server main.INIT supported_mouse_modes=1 current_mouse_mode=1
        client inputs.MOUSE_POSITION ~
        client inputs.MOUSE_POSITION ! SPICE-MOUSE-012
    """,
    "motion in CLIENT mode": """
        server main.INIT supported_mouse_modes=3 current_mouse_mode=2
        client inputs.MOUSE_MOTION ! SPICE-MOUSE-013
    """,
    "what crosses a change is no mistake": """
        server main.INIT supported_mouse_modes=3 current_mouse_mode=1
        client inputs.MOUSE_MOTION
        client main.MOUSE_MODE_REQUEST mode=2
        server main.MOUSE_MODE supported_modes=3 current_mode=2
        client inputs.MOUSE_MOTION
        client inputs.MOUSE_POSITION
        client inputs.MOUSE_MOTION ! SPICE-MOUSE-013
        server main.MOUSE_MODE supported_modes=1 current_mode=1
        client inputs.MOUSE_POSITION
        client inputs.MOUSE_MOTION
        client inputs.MOUSE_POSITION ! SPICE-MOUSE-012
    """,
    "two changes at once": """
        server main.INIT supported_mouse_modes=3 current_mouse_mode=1
        server main.MOUSE_MODE supported_modes=3 current_mode=2
        server main.MOUSE_MODE supported_modes=3 current_mode=1
        client inputs.MOUSE_POSITION
        client inputs.MOUSE_MOTION
        client inputs.MOUSE_POSITION
    """,
    "modes that cannot be": """
        server main.INIT supported_mouse_modes=2 current_mouse_mode=2 ! SPICE-MOUSE-001
        server main.INIT supported_mouse_modes=3 current_mouse_mode=1
        server main.MOUSE_MODE supported_modes=1 current_mode=2 ! SPICE-MOUSE-001
        server main.MOUSE_MODE supported_modes=3 current_mode=3 ! SPICE-MOUSE-001
        server main.MOUSE_MODE supported_modes=3 current_mode=0 ! SPICE-MOUSE-001
        server main.MOUSE_MODE supported_modes=7 current_mode=2
    """,
    "nothing has changed": """
        server main.INIT supported_mouse_modes=3 current_mouse_mode=2
        server main.MOUSE_MODE supported_modes=3 current_mode=2 ~
        client main.MOUSE_MODE_REQUEST mode=3 ~
    """,
    "too early": """
        client main.MOUSE_MODE_REQUEST mode=2 ! SPICE-MOUSE-008
        server main.MOUSE_MODE supported_modes=3 current_mode=2 ! SPICE-MAIN-001
    """,
}


@pytest.mark.parametrize("name", MOUSE)
def test_mouse(name: str) -> None:
    play(Run(MACHINES["mouse"]), MOUSE[name])


def test_movements_are_acknowledged_by_four() -> None:
    run = Run(MACHINES["motion"])
    moves = ["client MOUSE_MOTION", "client MOUSE_POSITION"]
    play(run, "server MOUSE_MOTION_ACK ! SPICE-MOUSE-019")
    play(run, "\n".join(moves * 4))
    play(run, "client MOUSE_MOTION ! SPICE-MOUSE-020")
    play(run, "server MOUSE_MOTION_ACK\nserver MOUSE_MOTION_ACK\nserver MOUSE_MOTION_ACK ! SPICE-MOUSE-019")


def test_acknowledgement_window() -> None:
    run = Run(MACHINES["acknowledgement"])
    play(run, """
        client ACK ~
        server SET_ACK generation=1 window=2
        server MARK
        client ACK_SYNC generation=1
        client ACK ! SPICE-FRAME-021
    """)  # fmt: skip
    # The premature one was taken off, as a server would; five may be under way now.
    play(run, "server MARK\n" * 5)
    play(run, "server MARK ! SPICE-FRAME-025")
    play(run, """
        client ACK
        client ACK
        client ACK
        server SET_ACK generation=2 window=0
        client ACK
        client ACK_SYNC generation=1 ! SPICE-FRAME-027
        client ACK_SYNC generation=2
        client ACK ! SPICE-FRAME-021
    """)  # fmt: skip


def test_sub_messages_do_not_count() -> None:
    run = Run(MACHINES["acknowledgement"])
    play(run, "server SET_ACK generation=1 window=1\nclient ACK_SYNC generation=1")
    for _ in range(10):
        assert run.feed("server", "PING", inside=True).legal
    assert run.count("window") == 0


def test_pong_repeats_its_ping() -> None:
    play(Run(MACHINES["ping"]), """
        server PING id=1 timestamp=5
        server PING id=1 timestamp=6
        client PONG id=1 timestamp=7 ! SPICE-FRAME-029
        client PONG id=1 timestamp=6
        client PONG id=1 timestamp=6 ! SPICE-FRAME-029
        client PONG id=1 timestamp=5
    """)  # fmt: skip


def test_leaving() -> None:
    play(Run(MACHINES["common"]), """
        server PING
        server BASE_LAST ! SPICE-FRAME-038
        server DISCONNECTING
        client PONG
        server PING ! SPICE-FRAME-037
        client DISCONNECTING
        client PONG ! SPICE-FRAME-037
    """)  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(MACHINES) - {"link"}))
def test_letters_are_messages_of_the_schemas(name: str) -> None:
    machine = MACHINES[name]
    tables = {"motion": "inputs"}
    for sender, letter in machine.alphabet:
        if letter in (ANY, CLOSE):
            continue
        message = letter.partition(" ")[0]
        table, _, plain = message.rpartition(".")
        rows = schema.rows(table or tables.get(name, "main"), sender)
        assert plain in {row.name for row in rows.values()}, letter
