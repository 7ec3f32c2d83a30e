"""Reproducers run by themselves: against each other, against QEMU, and with spice-gtk."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance.report import reproducer
from conformance.report.replay.tickets import ticket
from conformance.results import CaseResult, Entry
from conformance.target import Reach
from conformance.tests.result_samples import CAPS, SESSION, Story, broken_rules, early_request, init, missing_acks, waived
from conformance.wire_form import link_message
from spiceproto import certificates
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButtonMask
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, inputs, main
from spiceproto.tests.peers import PATIENCE, free_port, need, program, qemu, running
from spiceproto.ticket import TicketKey

BRIEF = 6.0
"""Patience of a script where what it waits for never comes."""


def written(tmp_path: Path, case: CaseResult, name: str = "repro.py") -> Path:
    path = tmp_path / name
    reproducer.write(path, case)
    return path


def played(path: Path, *arguments: str) -> tuple[int, str]:
    """The script, by itself: nothing of the project can be imported."""
    command = [sys.executable, "-I", "-S", str(path), *arguments]
    found = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, cwd=path.parent)
    assert "Traceback" not in found.stderr, found.stderr
    return found.returncode, found.stdout


# -- as text


def block(text: str, name: str, index: int = 0) -> list[str]:
    """The lines of the block of a structure."""
    found = re.findall(rf'\("(?:send|receive)", \d+, "{name}", r"""\n(.*?)\n    """', text, re.DOTALL)
    return [line.strip() for line in found[index].splitlines()]


def test_the_head_has_the_command_line_as_it_is() -> None:
    line = 'KEY=\'a b\' program "x\\y" --json \'{"do": "connect"}\''
    reach = Reach(started=f"{line}\x1b", remarks=("first", "second"))
    lines = reproducer.script(early_request(), reach=reach).splitlines()
    assert lines[1:5] == [
        "# The suite had started the target of this record by:",
        f"#   {line}\\x1b",
        "# first",
        "# second",
    ]
    compile("\n".join(lines), "script", "exec")
    assert reproducer.script(early_request()).splitlines()[1].startswith('r"""')


def test_each_field_has_a_line() -> None:
    text = reproducer.script(missing_acks())
    assert block(text, "link-header")[0] == "52454451  magic = REDQ"
    assert block(text, "MOUSE_MOTION") == [
        "6f00  type = 111, MOUSE_MOTION",
        "0a000000  size = 10",
        "fdffffff  dx = -3",
        "02000000  dy = 2",
        "0100  buttons_state = LEFT (0x1)",
    ]


def test_what_is_different_each_time_is_filled_in() -> None:
    text = reproducer.script(missing_acks())
    assert block(text, "link-message", 0)[0] == "00000000  connection_id = 0"
    assert block(text, "link-message", 1)[0].startswith("@session:1:01dec05e  connection_id")
    assert block(text, "ticket")[0].startswith("@password  ")
    assert block(text, "PONG")[2].startswith("@pong:01000000")
    assert block(text, "ACK_SYNC")[2].startswith("@generation:01000000")


def test_what_a_case_did_wrong_is_not_put_right() -> None:
    story = Story()
    line = story.session()
    story.say(line, "server", common.Ping(9, 99, b""))
    story.say(line, "client", common.Pong(9, 98))
    story.say(line, "client", common.AckSync(77))
    text = reproducer.script(story.result("SPICE-FRAME-032/x", "fail"))
    assert "@" not in "".join(block(text, "PONG", 1) + block(text, "ACK_SYNC", 1))


def test_a_ticket_that_was_refused_stays_wrong_unless_its_text_is_known() -> None:
    story = Story()
    story.link(ChannelType.MAIN, 0, result=LinkErr.PERMISSION_DENIED)
    case = story.result("SPICE-LINK-048/wrong", "fail")
    assert block(reproducer.script(case), "ticket")[0].startswith("000102")
    note = Entry("note", 0.0, 1, name=reproducer.TICKET, data=b"wrong\0".hex())
    case = msgspec.structs.replace(case, transcript=(case.transcript[0], note, *case.transcript[1:]))
    assert block(reproducer.script(case), "ticket")[0].startswith("@ticket:77726f6e6700:000102")


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Reach(), "Without another HOST:PORT it speaks to 127.0.0.1:5900."),
        (Reach(("[::1]:5931", "--tls")), "Without another HOST:PORT it speaks to [::1]:5931."),
        (Reach(("--unix", "/run/x y")), "Without another HOST:PORT it speaks to --unix /run/x y."),
        (Reach(("h:1", "--password", "p"), "start it"), "The target of the record can be started by: start it"),
    ],
)
def test_it_says_where_the_target_is(reach: Reach, words: str) -> None:
    text = reproducer.script(missing_acks(), reach=reach)
    assert words in text and "--select SPICE-MOUSE-018/eight-motions" in text
    assert ("It needs the password" in text) is ("--password" not in reach.arguments)
    assert f'__doc__ or "", {list(reach.arguments)!r}))' in text


def test_of_two_servers_it_says_that_there_were_two() -> None:
    case = missing_acks()
    words = "the source of a migration and its destination"
    assert words not in reproducer.script(case)
    there = tuple([msgspec.structs.replace(entry, place=1) for entry in case.transcript])
    assert words in reproducer.script(msgspec.structs.replace(case, transcript=there))


@pytest.mark.parametrize("make", [missing_acks, broken_rules, early_request, waived])
def test_it_is_python_of_long_ago(make: Callable[[], CaseResult]) -> None:
    text = reproducer.script(make())
    ast.parse(text, feature_version=(3, 8))
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert imported <= sys.stdlib_module_names and not re.search(r"# (noqa|-- pasted)", text)


def test_words_of_a_peer_stay_words() -> None:
    story = Story()
    line = story.session(name=b'"""\nimport os # \\\0')
    story.step('expect """ + exit() + """\nexit()')
    story.close(line, "client")
    case = msgspec.structs.replace(story.result("SPICE-MAIN-009/x", "fail"), actual='"""\nexit(7)\n"""')
    tree = ast.parse(reproducer.script(case))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "exit"]
    assert isinstance(tree.body[0], ast.Expr) and "exit(7)" in ast.get_docstring(tree, clean=False)  # type: ignore[operator]


def test_large_bodies_are_short_if_they_repeat() -> None:
    story = Story("client")
    line = story.session()
    story.say(line, "server", common.Ping(2, 1, bytes(256_000)))
    text = reproducer.script(story.result("SPICE-FRAME-031/x", "fail"), story.transcript.chunks)
    assert "00*256000  data" in text and len(text) < 40_000


def test_bytes_of_no_structure_are_sent_where_they_were_sent() -> None:
    story = Story()
    line = story.open()
    story.raw(line, "client", link_message(1, magic=b"REDX", common_caps=CAPS))
    story.raw(line, "server", link_message(1)[:16])
    story.raw(line, "client", b"abc")
    story.close(line, "server")
    text = reproducer.script(story.result("SPICE-LINK-006/x", "fail"), story.transcript.chunks)
    kinds = re.findall(r'\("(\w+)", 1(?:, "([\w-]+)")?', text[text.index("CONVERSATION") : text.index("NAMES")])
    ours = [index for index, (kind, _) in enumerate(kinds) if kind == "send"]
    theirs = [index for index, (kind, _) in enumerate(kinds) if kind == "receive"]
    assert ours[1] < theirs[0] < ours[-1], "the rest of the link message before the answer, what came later behind it"


def test_bytes_that_are_missing_are_confessed() -> None:
    story = Story("client")
    line = story.session()
    story.say(line, "server", common.Ping(2, 1, bytes(range(256)) * 20))
    case = story.result("SPICE-FRAME-031/x", "fail")
    missing = 6 + 12 + 5120 - 4096
    assert f"{missing} bytes are not in the record" in reproducer.script(case)
    assert bytes(32).hex() in block(reproducer.script(case), "PING", 1)
    whole = reproducer.script(case, story.transcript.chunks)
    sent = "".join([line.split()[0] for line in block(whole, "PING", 1)])
    assert "are not in the record" not in whole and bytes.fromhex(sent)[18:] == bytes(range(256)) * 20


@pytest.mark.parametrize("plaintext", [b"", b"\0", b"sesame\0", bytes(range(86))])
def test_the_ticket_can_be_decrypted(plaintext: bytes) -> None:
    key = TicketKey.generate()
    assert key.decrypt(ticket(key.public_key_der, plaintext)) == plaintext.partition(b"\0")[0]


# -- against each other


def conversation(role: str, *, acknowledged: bool = True) -> CaseResult:
    """Two channels, and a server that acknowledges movements, or not."""
    story = Story(role)
    main_line = story.session()
    line = story.link(ChannelType.INPUTS, SESSION)
    story.say(line, "server", inputs.Init(KeyboardModifierFlags(0)))
    for index in range(4):
        story.say(line, "client", inputs.MouseMotion(index, 2, MouseButtonMask(0)))
    if acknowledged:
        story.say(line, "server", inputs.MouseMotionAck())
    story.say(line, "client", inputs.KeyDown(30))
    story.say(main_line, "server", common.Ping(3, 5, b""))
    story.say(main_line, "client", common.Pong(3, 5))
    story.wait(0.4)
    story.close(line, "client")
    story.close(main_line, "client")
    return story.result("SPICE-MOUSE-018/x", "fail", expected="something else", actual="this")


def both(
    tmp_path: Path, server: CaseResult, client: CaseResult, *tls: str, patience: float = PATIENCE
) -> tuple[int, str, int, str]:
    """The server's script (its target was a client) and the client's, talking to each other: status and output of each."""
    listen, talk = written(tmp_path, server, "server.py"), written(tmp_path, client, "client.py")
    port, log = free_port(), tmp_path / "server.log"
    # What is missing is missed by the client first.
    options = ["--wait", str(PATIENCE), "--patience", str(10 * patience), *(["--tls", *tls] if tls else [])]
    with running(sys.executable, "-I", "-S", str(listen), str(port), *options, log=log, port=port) as process:
        status, output = played(talk, f"127.0.0.1:{port}", "--patience", str(patience), *(["--tls"] if tls else []))
        served = process.wait(2 * PATIENCE)
    return served, log.read_text(), status, output


def test_both_ends_behave_as_recorded(tmp_path: Path) -> None:
    served, log, status, output = both(tmp_path, conversation("client"), conversation("server"))
    assert status == 0, output
    assert served == 0, log
    assert output.endswith("as recorded\n") and "[2] MOUSE_MOTION_ACK" in output and "[2] KEY_DOWN" in log


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    lazy = conversation("client", acknowledged=False)
    served, _, status, output = both(tmp_path, lazy, conversation("server"), patience=BRIEF)
    assert (served, status) == (1, 1), "the client stops there, so the server misses something as well"
    assert f"DIFFERS  expected as recorded: MOUSE_MOTION_ACK; found: nothing like it for {BRIEF:g} s" in output


def test_what_is_new_is_told(tmp_path: Path) -> None:
    served, log, status, output = both(tmp_path, conversation("client"), conversation("server", acknowledged=False))
    assert served == 0, log
    assert status == 1 and "DIFFERS  not in the record: 1 x MOUSE_MOTION_ACK" in output


def test_another_link_result_is_told(tmp_path: Path) -> None:
    story = Story("client")
    line = story.link(ChannelType.MAIN, 0, result=LinkErr.PERMISSION_DENIED)
    story.close(line, "server")
    refusing = story.result("SPICE-LINK-054/x", "fail")
    served, _, status, output = both(tmp_path, refusing, conversation("server"))
    assert served == 0 and status == 1 and "link-result; found: error 7, recorded 0" in output


def test_a_close_is_part_of_the_record(tmp_path: Path) -> None:
    def refused(role: str, by: str) -> CaseResult:
        story = Story(role)
        line = story.open()
        story.raw(line, "client", link_message(1, magic=b"XEDQ"))
        story.wait(0.4)
        story.close(line, by)
        return story.result("SPICE-LINK-006/x", "fail")

    closing, waiting = refused("client", "server"), refused("client", "client")
    assert both(tmp_path, closing, refused("server", "server"))[2] == 0
    served, _, status, output = both(tmp_path, waiting, refused("server", "server"), patience=BRIEF)
    assert status == 1 and "recorded: the target closes; now it stays open" in output and served == 0


def test_full_headers(tmp_path: Path) -> None:
    def full(role: str) -> CaseResult:
        story = Story(role)
        line = story.link(ChannelType.MAIN, 0, caps=CAPS & ~8)
        story.say(line, "server", init(modes=MouseMode.SERVER))
        story.say(line, "client", main.AttachChannels())
        story.say(line, "server", main.ChannelsList(()))
        story.close(line, "client")
        return story.result("SPICE-FRAME-001/x", "fail")

    served, log, status, output = both(tmp_path, full("client"), full("server"))
    assert (served, status) == (0, 0), output + log
    text = reproducer.script(full("server"))
    assert block(text, "ATTACH_CHANNELS")[0] == "0100000000000000  serial = 1"


def test_tls(tmp_path: Path) -> None:
    certificates.make().write(tmp_path)
    pair = str(tmp_path / "server-cert.pem"), str(tmp_path / "server-key.pem")
    served, log, status, output = both(tmp_path, conversation("client"), conversation("server"), *pair)
    assert (served, status) == (0, 0), output + log


# -- with real programs


def listening_qemu(port: int, *more: str) -> tuple[str, ...]:
    return qemu(f"port={port}", "addr=127.0.0.1", *more)


def as_qemu(*, ping: bool = True) -> CaseResult:
    """What QEMU says when eight movements come, but with another session, key, and time."""
    story = Story()
    main_line = story.link(ChannelType.MAIN, 0)
    story.say(main_line, "server", init(modes=MouseMode.SERVER))
    story.say(main_line, "server", main.Name(b"\0"))
    story.say(main_line, "server", main.Uuid(bytes(16)))
    if ping:  # to measure a network, of which there is none behind a socket of the file system
        story.say(main_line, "server", common.Ping(1, 987654321, bytes(12)))
        story.say(main_line, "client", common.Pong(1, 987654321))
    story.say(main_line, "client", main.AttachChannels())
    story.say(main_line, "server", main.ChannelsList((main.ChannelId(ChannelType.INPUTS, 0),)))
    line = story.link(ChannelType.INPUTS, SESSION)
    story.say(line, "server", inputs.Init(KeyboardModifierFlags(0)))
    for index in range(8):
        story.say(line, "client", inputs.MouseMotion(index, 2, MouseButtonMask(0)))
    story.say(line, "server", inputs.MouseMotionAck())
    story.say(line, "server", inputs.MouseMotionAck())
    story.wait(0.5)
    story.close(line, "client")
    story.close(main_line, "client")
    return story.result("SPICE-MOUSE-018/x", "fail")


def test_qemu_behaves_as_recorded(tmp_path: Path) -> None:
    need("qemu-system-x86_64")
    port = free_port()
    with running(*listening_qemu(port, "disable-ticketing=on"), log=tmp_path / "qemu.log", port=port):
        status, output = played(written(tmp_path, as_qemu()), f"127.0.0.1:{port}")
    assert status == 0, output
    assert "session_id: recorded 01dec05e, now " in output


def test_qemu_does_not_have_the_recorded_fault(tmp_path: Path) -> None:
    need("qemu-system-x86_64")
    port = free_port()
    with running(*listening_qemu(port, "disable-ticketing=on"), log=tmp_path / "qemu.log", port=port):
        status, output = played(written(tmp_path, missing_acks()), f"127.0.0.1:{port}", "--patience", "1")
    assert status == 1 and "DIFFERS  not in the record: 2 x MOUSE_MOTION_ACK" in output


def test_qemu_takes_the_ticket_of_the_password(tmp_path: Path) -> None:
    need("qemu-system-x86_64")
    port, script = free_port(), written(tmp_path, as_qemu())
    with running(*listening_qemu(port, "password=sesame"), log=tmp_path / "qemu.log", port=port):
        assert played(script, f"127.0.0.1:{port}", "--password", "sesame")[0] == 0
        status, output = played(script, f"127.0.0.1:{port}", "--password", "simsim")
    assert status == 1 and "link-result; found: error 7, recorded 0" in output


def test_qemu_over_a_socket_of_the_file_system(tmp_path: Path) -> None:
    need("qemu-system-x86_64")
    path = tmp_path / "spice.sock"
    with running(*qemu("unix=on", f"addr={path}", "disable-ticketing=on"), log=tmp_path / "qemu.log", ready=path.exists):
        status, output = played(written(tmp_path, as_qemu(ping=False)), "--unix", str(path))
    assert status == 0, output


def session_for_a_client(*, second_pong: bool = True) -> CaseResult:
    story = Story("client")
    line = story.session()
    story.say(line, "server", common.Ping(2, 1234, b""))
    if second_pong:
        story.say(line, "client", common.Pong(2, 1234))
    story.wait(0.5)
    story.close(line, "server")
    return story.result("SPICE-FRAME-028/x", "fail")


@pytest.mark.parametrize("second_pong", [True, False])
def test_spice_gtk_answers_a_script(tmp_path: Path, second_pong: bool) -> None:
    need("spicy-screenshot")
    script = written(tmp_path, session_for_a_client(second_pong=second_pong))
    port, log = free_port(), tmp_path / "server.log"
    options = ("--wait", str(PATIENCE), "--patience", str(PATIENCE))
    screenshot = (program("spicy-screenshot"), "-h", "127.0.0.1", "-p", str(port), "-o", str(tmp_path / "x.ppm"))
    with (
        running(sys.executable, "-I", "-S", str(script), str(port), *options, log=log, port=port) as server,
        running(*screenshot, log=tmp_path / "client.log"),
    ):
        status = server.wait(2 * PATIENCE)
    assert status == (0 if second_pong else 1), log.read_text()
    assert ("DIFFERS  not in the record: 1 x PONG" in log.read_text()) is not second_pong
