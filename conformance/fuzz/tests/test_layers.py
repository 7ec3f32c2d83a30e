"""What is around the bytes of SPICE, played against a process of the reference server: TLS and WebSocket, cut and spoiled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.address import Settings, open_target
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.stage import Shown, Stage
from conformance.fuzz.steps import parse_all
from conformance.tests.programs import PASSWORD, reference_server
from spiceproto.errors import LocalError
from spiceproto.tests.peers import PATIENCE, free_port, running

MOTION = 'inputs: MOUSE_MOTION {"dx": 1, "dy": 0, "buttons_state": []}\n'
LAYERS = ("tls", "websocket")


def settings() -> Settings:
    return Settings(password=PASSWORD, patience=PATIENCE, quiet=0.1)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stage]]:
    folder = tmp_path_factory.mktemp("server")
    arguments = ("--port", "0", "--tls-port", "0", "--make-certificates", str(folder / "pems"))
    with reference_server(folder, *arguments) as said:
        addresses = {"tls": f"tls:127.0.0.1:{said['tls_port']}", "websocket": f"ws:127.0.0.1:{said['port']}"}
        found = {layer: Stage(open_target(address, settings())) for layer, address in addresses.items()}
        for layer, stage in found.items():
            stage.start()
            assert stage.layers == {layer}
        yield found


def played(stage: Stage, lines: str) -> Shown:
    return stage.replay(parse_all(lines))


@pytest.mark.parametrize(
    ("layer", "lines"),
    [
        ("tls", "inputs: records 1\n" + 8 * MOTION),
        ("tls", "inputs: slices 4\n" + 8 * MOTION),
        ("tls", "main: slices 1\nmain: records 2\n" + 4 * MOTION),
        ("websocket", "inputs: slices 1\n" + 8 * MOTION),
        ("websocket", 'inputs: frames {"size": 1}\n' + 8 * MOTION),
        ("websocket", 'main: frames {"size": 2, "between": "ping"}\nmain: ATTACH_CHANNELS\n'),
        ("websocket", 'inputs: frames {"size": 5, "between": "empty"}\ninputs: slices 3\n' + 8 * MOTION),
        ("websocket", 'main: frame {"opcode": "ping", "data": "00ff"}\nmain: frame {"opcode": "binary"}\n' + MOTION),
    ],
)
def test_however_it_is_cut_it_hurts_nobody(stages: dict[str, Stage], layer: str, lines: str) -> None:
    shown = played(stages[layer], lines)
    assert not shown.findings and [str(step) for step in shown.steps] == lines.splitlines()


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        ("tls", "inputs: below 15030300020128"),
        ("tls", "inputs: below 1703"),
        ("tls", "inputs: below 170303ffff00"),
        ("tls", "inputs: goodbye"),
        ("tls", "main: goodbye"),
        ("tls", "main: below 474554"),
        ("tls", "inputs: close"),
        ("tls", "inputs: reset"),
        ("websocket", 'inputs: frame {"opcode": "text", "data": "68"}'),
        ("websocket", 'inputs: frame {"opcode": "close"}'),
        ("websocket", 'main: frame {"opcode": 3, "reserved": 7}'),
        ("websocket", 'inputs: frame {"mask": "", "data": "00"}'),
        ("websocket", 'inputs: frame {"size": 9223372036854775807}'),
        ("websocket", 'inputs: frame {"opcode": "ping", "final": false}'),
        ("websocket", "inputs: below 82"),
    ],
)
def test_what_is_spoiled_ends_that_channel_at_most(stages: dict[str, Stage], layer: str, line: str) -> None:
    shown = played(stages[layer], f"{MOTION}{line}\n")
    assert not shown.findings and str(shown.steps[-1]) == line


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        ("tls", "main: raw-connect 474554202f"),
        ("tls", "main: raw-connect 1603010200010001fc0303"),
        ("websocket", "main: raw-connect 474554202f20485454502f312e310d0a"),
    ],
)
def test_handshakes_that_are_none_hurt_nobody(stages: dict[str, Stage], layer: str, line: str) -> None:
    shown = played(stages[layer], f"{line}\n{MOTION}")
    assert not shown.findings and len(shown.steps) == 2


def test_where_there_is_no_such_layer_the_steps_are_passed_over(stages: dict[str, Stage]) -> None:
    lines = 'main: records 0\nmain: records 3\nmain: frames {"size": 1, "between": "text"}\nmain: frame {"colour": 3}\n'
    assert [step.word for step in played(stages["tls"], lines).steps] == ["records"]
    assert not played(stages["websocket"], lines + "main: goodbye\n").steps
    memory = Stage(open_target("ref:server"))
    memory.start()
    assert memory.layers == frozenset() and not played(memory, "main: slices 1\nmain: raw-connect 00\n").steps
    with pytest.raises(LocalError, match="nobody can make"):
        Campaign(memory, kinds=["tls"])


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.timeout(900)
def test_a_clean_server_is_never_accused(stages: dict[str, Stage], layer: str) -> None:
    campaign = Campaign(stages[layer], seed=5, kinds=[layer, "transport"])
    before = campaign.conversations
    campaign.run(count=25)
    assert [str(item.finding) for item in campaign.found] == [] and campaign.conversations == before + 25


DEAF = """
from spiceproto import websocket
from websockets.frames import Frame, Opcode

def payload(self):
    frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
    self.ended = self._protocol.state is not websocket.State.OPEN
    return b"".join([bytes(frame.data) for frame in frames if frame.opcode is Opcode.BINARY])

websocket.WebSocket.payload = payload
from reference_server.command import main
main()
"""
"""A server that takes the first fragment of a message and no other."""


@pytest.mark.timeout(900)
def test_a_server_that_cannot_put_fragments_together_is_found(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", DEAF, "--port", str(port), "--disable-ticketing"]
    log = tmp_path / "server.log"
    with running(*command, log=log, ready=lambda: b"\n" in log.read_bytes()):
        stage = Stage(open_target(f"ws:127.0.0.1:{port}", Settings(patience=1.0, quiet=0.1)))
        stage.start()
        campaign = Campaign(stage, seed=1, kinds=["websocket"], channels=["inputs"])
        campaign.run(count=60, until=lambda: bool(campaign.found))
    (found,) = campaign.found
    assert found.finding.sentence == "SPICE-FRAME-004" and {"frames"} <= {step.word for step in found.steps}
    assert len(found.steps) <= 4 and not found.unsteady


@pytest.mark.parametrize("address", ["ref:client", "ref:server", "qemu:"])
def test_tls_alone_is_offered_to_programs_that_are_clients(address: str) -> None:
    with pytest.raises(LocalError, match="no client of the suite"):
        Stage(open_target(address), secure=True)
