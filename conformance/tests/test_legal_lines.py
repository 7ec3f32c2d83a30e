"""What lines and peers may do is nobody's fault: late bytes, bytes in pieces or together, an unusual minor version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.as_client import SuiteClient
from conformance.case import Case
from conformance.network import Network
from conformance.pace import Pace
from conformance.report import jsonl
from conformance.run import Options, Run
from conformance.sockets import Place, SocketServerNetwork
from conformance.tests.late_targets import LateClient, LateServer
from conformance.tests.programs import PASSWORD, reference_server, settings, spiceconf
from conformance.tests.slow_line import slow_line
from conformance.wire_form import link_message

SOME = (
    "SPICE-LINK-001, SPICE-LINK-006, SPICE-FRAME-008/main-pong-12, SPICE-FRAME-021, SPICE-MAIN-017, SPICE-MOUSE-018,"
    " SPICE-LINK-008/minor-99"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("server")
    with reference_server(folder, "--port", "0") as said:
        yield said["port"], settings(folder)


@pytest.mark.parametrize(
    ("delay", "piece"), [(0.1, 0), (0.0, 3), (0.02, 1000)], ids=["100 ms each way", "three bytes at a time", "together"]
)
def test_a_conforming_server_conforms(server: tuple[int, Path], tmp_path: Path, delay: float, piece: int) -> None:
    port, config = server
    with slow_line(port, delay=delay, piece=piece) as line:
        more = ("--config", str(config), "--select", SOME, "--report", str(tmp_path))
        status, output = spiceconf("run", f"127.0.0.1:{line}", *more)
    assert status == 0 and "CONFORMS IN SCOPE" in output, output
    cases = jsonl.read(tmp_path / "results.jsonl").cases
    assert sum(case.outcome == "pass" for case in cases) > 8 and all(case.manner == "exact" for case in cases)


def first_answer(network: Network) -> None:
    stream = network.streams[0] if network.streams else network.connect()  # type: ignore[attr-defined]
    stream.send(link_message(1, common_caps=9))
    assert network.run(lambda: len(stream.received) >= 16, 10)


def test_the_time_under_way_is_learned_from_the_first_answer(server: tuple[int, Path]) -> None:
    pace = Pace(patience=5.0, quiet=0.25)
    with slow_line(server[0], delay=0.1) as line:
        network = SocketServerNetwork(Place(host="127.0.0.1", port=line), pace=pace)
        try:
            assert pace.latency is None and network.quiet == 0.25
            first_answer(network)
            learned = pace.latency
            assert learned is not None and learned >= 0.2
            assert network.quiet == 0.25 + 2 * learned and network.patience == 5.0 + learned
        finally:
            network.stop()
    network = SocketServerNetwork(Place(host="127.0.0.1", port=server[0]), pace=pace)
    try:
        assert network.quiet > 0.6
        first_answer(network)
        assert pace.latency is not None and pace.latency < learned, "one slow answer does not make all others late"
    finally:
        network.stop()


def test_a_server_that_begins_to_listen_while_it_is_waited_for(tmp_path: Path) -> None:
    from conformance.tests.programs import start_spiceconf
    from spiceproto.tests.peers import free_port

    port = free_port()
    password = tmp_path / "secret"
    password.write_text(PASSWORD + "\n")
    arguments = ("--wait", "90", "--password-file", str(password), "--select", "SPICE-LINK-001")
    run = start_spiceconf("run", f"127.0.0.1:{port}", *arguments)
    with reference_server(tmp_path, "--port", str(port)):
        output, _ = run.communicate(timeout=240)
    assert run.returncode == 0 and "CONFORMS IN SCOPE" in output, output
    status, output = spiceconf("run", f"127.0.0.1:{port}", "--wait", "0.5")
    assert status == 3 and "Connection refused (for 0.5 s)" in output and "is it running" in output


def test_why_a_target_cannot_be_tested(server: tuple[int, Path], tmp_path: Path) -> None:
    address = f"127.0.0.1:{server[0]}"
    status, output = spiceconf("run", address)
    assert status == 3 and "it needs a password: --password-file FILE" in output
    (tmp_path / "wrong").write_text("wrong\n")
    status, output = spiceconf("run", address, "--password-file", str(tmp_path / "wrong"))
    assert status == 3 and "it does not take this password" in output
    status, output = spiceconf("run", f"spice+tls://{address}")
    assert status == 3 and "is this a TLS port?" in output


@pytest.mark.parametrize("fault", ["", "any-magic"], ids=["nothing else is wrong", "a failure before"])
def test_a_server_that_is_gone_in_the_middle_of_a_run(tmp_path: Path, fault: str) -> None:
    """One line says since which case; what comes behind it has no verdict, and what failed before stands."""
    more = ("--fault", fault) if fault else ()
    select = "SPICE-LINK-006, SPICE-MAIN-016, SPICE-MAIN-017, SPICE-MOUSE-018"
    with reference_server(tmp_path, "--port", "0", *more) as said, slow_line(said["port"], links=12) as line:
        config = settings(tmp_path)
        config.write_text(config.read_text().replace("patience = ", "patience = 0.5 #"))
        report = ("--report", str(tmp_path / "report"))
        status, output = spiceconf("run", f"127.0.0.1:{line}", "--config", str(config), "--select", select, *report)
    assert output.count("the target is gone since SPICE-") == (2 if fault else 1), output
    assert "too few cases" not in output and "run that case alone" in output
    cases = jsonl.read(tmp_path / "report" / "results.jsonl").cases
    failed = [case.requirement for case in cases if case.outcome == "fail"]
    behind = [case for case in cases if case.reason.startswith("the target is gone since SPICE-")]
    assert all(case.outcome == "blocked" for case in behind) and len(behind) > 3
    if fault:
        assert status == 1 and "DOES NOT CONFORM" in output and set(failed) == {"SPICE-LINK-006"}
    else:
        assert status == 3 and "CANNOT BE TESTED: the target is gone since SPICE-" in output and not failed


_WHAT = ("everything", "messages", "closing")


@pytest.mark.parametrize("what", _WHAT)
@pytest.mark.parametrize("role", ["server", "client"])
def test_nobody_who_takes_1_2_seconds_for_all_he_does_is_accused(role: str, what: str) -> None:
    """Whatever is judged by its coming has the whole patience: "nothing came" is never said before."""
    target = LateServer(1.2, what) if role == "server" else LateClient(1.2, what)
    run = Run(Options(f"ref:{role}"), target=target)
    run.finish({case.id: run.runner.run(case) for case in run.cases})
    wrong = [result for result in run.finished.values() if result.outcome not in ("pass", "not-applicable")]
    assert not [(result.id, result.actual or result.reason) for result in wrong]
    left = {result.reason for result in run.finished.values() if result.outcome == "not-applicable"}
    nothing_late = (
        "DIGEST-MD5",
        "did not announce",
        "announces CELT_0_5_1",
        "the guest plays nothing",
        "the guest listens to nobody",
    )
    assert not [reason for reason in left if not any(part in reason for part in nothing_late)]


@pytest.mark.parametrize(("known", "seconds"), [(False, 6.2), (True, 2 * (0.25 + 2 * 1.2))])
def test_a_manner_that_is_known_of_a_target_is_not_waited_for_as_long(known: bool, seconds: float) -> None:
    target = LateServer(1.2, "everything")
    peer = SuiteClient(target.open(Case("SPICE-FRAME-013/x", "server", lambda client: None, "x")), target)  # type: ignore[arg-type]
    peer.manner_is_known = known
    assert peer.patience_for_a_manner == pytest.approx(seconds)
