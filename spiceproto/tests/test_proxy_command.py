"""``spiceproto proxy``: what it prints, writes and refuses, and what its page says."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spiceproto import certificates
from spiceproto.address import parse_address
from spiceproto.capture.reading import read
from spiceproto.connection_file import parse_connection_file
from spiceproto.errors import LocalError
from spiceproto.messages.inputs import MouseMotion
from spiceproto.proxy.faults import FAULTS
from spiceproto.proxy.places import connection_file, parse_door, upstream
from spiceproto.proxy.python_rules import read_python_rule
from spiceproto.proxy.rules import VERBS
from spiceproto.proxy.toml_rules import parse_rules
from spiceproto.tests.peers import PATIENCE, end, until
from spiceproto.tests.peers import listening as listens
from spiceproto.tests.proxied import linked

PAGE = (Path(__file__).parents[2] / "docs" / "proxy.md").read_text()
MOTION = bytes((111, 0, 10, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0))


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "spiceproto", "proxy", *words]


@contextmanager
def started(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The program, and where it listens; it is ended in order."""
    log = folder / "log"
    with log.open("wb") as out, (folder / "out").open("wb") as shown:
        process = subprocess.Popen(command(*words), stdout=shown, stderr=out)
    try:
        ready = until(lambda: re.search(r"listening on (\S+),", log.read_text()) or process.poll() is not None)
        assert isinstance(ready, re.Match), log.read_text()
        yield process, ready[1]
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    finally:
        end(process)


def session(listening: socket.socket, uri: str) -> None:
    """A client that moves the mouse, and a server that listens to it."""
    turns, _, _ = linked()
    client = socket.create_connection(("127.0.0.1", int(parse_address(uri).port or 0)))
    client.sendall(turns[0][1])
    listening.settimeout(PATIENCE)
    server, _ = listening.accept()
    with client, server:
        for place, (who, data) in enumerate(turns):
            here, there = (client, server) if who == "client" else (server, client)
            if place:
                here.sendall(data)
            got = b""
            while len(got) < len(data):
                got += there.recv(len(data) - len(got))
            assert got == data
        client.sendall(MOTION)
        assert server.recv(100) == MOTION


@pytest.mark.parametrize(("module", "name"), [("spiceproto.spice_proxy", "spice-proxy"), ("spiceproto proxy", "spiceproto")])
def test_a_port_that_is_taken(module: str, name: str) -> None:
    """One line under the program's own name, and no table of what never passed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = [sys.executable, "-m", *module.split(), str(taken.getsockname()[1]), "127.0.0.1:1"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"{name}: ") and "port 0 is a free one" in done.stderr


def test_usage_of_spice_proxy() -> None:
    done = subprocess.run([sys.executable, "-m", "spiceproto.spice_proxy"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and done.stderr.startswith("spice-proxy: ") and done.stderr.count("\n") == 1


def test_json_lines_and_a_recording(tmp_path: Path) -> None:
    record = tmp_path / "r.pcapng"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        words = ("0", target, "--format", "jsonl", "--record", str(record))
        with started(tmp_path, *words) as (process, uri):
            session(listening, uri)
    assert process.returncode == 0, (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [line["name"] for line in lines if line["record"] == "message"] == ["MOUSE_MOTION"]
    assert [seen.message for seen in read(record, MouseMotion)] == [MouseMotion(3, 4, 0)]
    assert "1 connection, " in (tmp_path / "log").read_text()


def test_a_filter_is_of_what_is_shown(tmp_path: Path) -> None:
    """What does not fit is passed on and recorded."""
    record = tmp_path / "r.pcapng"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        words = ("0", target, "--filter", "name == KEY_DOWN or name == 'link-reply'")
        with started(tmp_path, *words, "--record", str(record)) as (process, uri):
            session(listening, uri)
    shown = (tmp_path / "out").read_text()
    assert process.returncode == 0 and "MOUSE_MOTION" not in shown and "link-reply" in shown
    assert "0 of 1 messages fit" in shown
    assert [seen.message for seen in read(record, MouseMotion)] == [MouseMotion(3, 4, 0)]


def page_of(process: subprocess.Popen[bytes]) -> int:
    """The process that serves its page."""
    [found] = [
        int(number)
        for task in Path(f"/proc/{process.pid}/task").iterdir()
        for number in (task / "children").read_text().split()
    ]
    return found


def test_a_page_that_is_gone_ends_no_session(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        with started(tmp_path, "0", target, "--page") as (process, uri):
            os.kill(page_of(process), signal.SIGKILL)
            session(listening, uri)
            until(lambda: "Broken pipe" in (tmp_path / "log").read_text())
            session(listening, uri)
    log = (tmp_path / "log").read_text()
    assert process.returncode == 0 and "Traceback" not in log and "the page: Broken pipe" in log
    assert "2 connections, " in log


def test_a_page_ends_with_its_proxy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        words = command("0", f"127.0.0.1:{listening.getsockname()[1]}", "--page")
        log = tmp_path / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=out)
        try:
            found = until(lambda: re.search(r"shown at http://127.0.0.1:(\d+)/", log.read_text()))
            assert found is not None and listens(int(found[1]))
            port = int(found[1])
            process.kill()
            until(lambda: not listens(port))
        finally:
            end(process)


def test_nothing_is_shown_but_what_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"spice://127.0.0.1:{listening.getsockname()[1]}"
        with started(tmp_path, "spice://127.0.0.1:0", target, "--format", "none", "-o", str(tmp_path / "file")) as (
            process,
            uri,
        ):
            session(listening, uri)
    assert process.returncode == 0
    assert (tmp_path / "out").read_text() == (tmp_path / "file").read_text() == ""
    assert "1 message, 0 problems" in (tmp_path / "log").read_text()


def test_who_reads_no_more_ends_no_session(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        words = command("0", f"127.0.0.1:{listening.getsockname()[1]}")
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log)
        try:
            assert process.stdout is not None
            process.stdout.close()
            told = tmp_path / "log"
            until(lambda: "listening" in told.read_text())
            found = re.search(r"listening on (\S+),", told.read_text())
            assert found is not None
            session(listening, found[1])
            session(listening, found[1])
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
        finally:
            end(process)
    assert process.returncode == 0 and told.read_text().count("nothing more is shown") == 1
    assert "Traceback" not in told.read_text() and "Exception" not in told.read_text()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("nowhere", "spice://h:1"), "not a place to listen at"),
        (("spice://127.0.0.1:99999", "spice://h:1"), "not a port"),
        (("0", "nothing.vv"), "not a connection file"),
        (("0", "spice://h:1", "--rules", "nothing.toml"), "nothing.toml: No such file"),
        (("0", "spice://h:1", "--rules", "{bad}"), "rule 1, when: no such channel; expected inputs"),
        (("0", "spice://h:1", "--fault", "slize"), "no such fault; expected slice"),
        (("0", "spice://h:1", "--fault", "stall:seconds=nan"), "not a number: seconds; expected more than 0; found nan"),
        (("0", "spice://h:1", "--fault", "slice:size=x"), "not a number: size; expected a whole number; found 'x'"),
        (("0", "spice://h:1", "--fault", "slice:foo=1"), "no such option of a fault; expected name, sender, channel, at"),
        (("0", "spice://h:1", "--rules", "{ends}"), "ends.py: the file fails; found SystemExit: 0"),
        (("0", "spice://h:1", "--rules", "{five}"), "five.py, messages: not a list of names; found 5"),
        (("0", "spice://h:1", "--upstream-ca", "nothing.pem"), "nothing.pem: No such file"),
        (("0", "spice://h:1", "--tls-cert", "a"), "a certificate needs its key"),
        (("0", "spice://h:1", "--tls-cert", "{bad}", "--tls-key", "{bad}"), "not a certificate and its key"),
        (("0", "spice://h:1", "--upstream-proxy", "ftp://p"), "an unknown kind of proxy"),
        (("0", "spice://h:1", "--record", "/nothing/r.pcapng"), "/nothing/r.pcapng: No such file"),
        (("0", "spice://h:1", "-o", "/nothing/r.txt"), "/nothing/r.txt: No such file"),
        (("0", "spice://h:1", "--filter", "widht > 3"), "filter, column 1: no such name; expected width or what"),
        (("0", "spice://h:1", "--format", "none", "--filter", "size > 3"), "--filter says what is shown"),
        (("0", "spice://h:1", "--page", "nowhere"), "--page has no such place; expected HOST:PORT or PORT"),
        (("0", "spice://h:1", "--page", "192.0.2.1:1"), "the page can not be served; found 192.0.2.1:1: Cannot assign"),
        (("spice://192.0.2.1:1", "spice://h:1"), "192.0.2.1, port 1: Cannot assign"),
    ],
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], wrong: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[[rule]]\nwhen = { channel = 'input' }\ndo = 'drop'\n")
    for name, text in (("ends", "import sys\nsys.exit(0)\n"), ("five", "messages = 5\ndef message(message): ...\n")):
        (tmp_path / f"{name}.py").write_text(text)
    filled = [word.replace("{bad}", str(bad)) for word in words]
    filled = [re.sub(r"\{(\w+)\}", lambda name: f"{tmp_path / name[1]}.py", word) for word in filled]
    done = subprocess.run(command(*filled), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and done.stderr.startswith("spiceproto: ") and "Traceback" not in done.stderr
    assert wrong in done.stderr


_SMALL = """
import resource, sys
from spiceproto.command import main
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.exit(main(["proxy", *sys.argv[1:]]))
"""


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--verbose", "-o"), "nothing more is shown: "), (("--format", "none", "--record"), "the capture ends here: ")],
)
def test_what_could_not_be_written_has_its_status(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("resource")
    path = tmp_path / "small"
    monkeypatch.setattr(sys.modules[__name__], "command", lambda *more: [sys.executable, "-c", _SMALL, *more])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        with started(tmp_path, "0", target, *words, str(path)) as (process, uri):
            session(listening, uri)
    log = (tmp_path / "log").read_text()
    assert process.returncode == 1
    assert log.count("File too large") == 1 and f"{told}{path}: File too large" in log


def test_places() -> None:
    assert parse_door("5999") == parse_door("127.0.0.1:5999") == parse_door("spice://127.0.0.1:5999")
    assert parse_door("[::1]:0").host == "::1"
    assert parse_door("spice://h?port=1&tls-port=2").ports == (1, 2)
    assert parse_door("spice+unix:///a/b").unix_path == "/a/b"
    for wrong in ("x", "h:", "spice://h", "::1"):
        with pytest.raises(LocalError):
            parse_door(wrong)


def test_a_connection_file_keeps_what_is_about_the_session(tmp_path: Path) -> None:
    path = tmp_path / "in.vv"
    path.write_text(
        "[virt-viewer]\ntype=spice\nhost=h\nport=1\ntls-port=2\npassword=a\\sb\ntitle=A guest\nhost-subject=CN=h\n"
        f"ca={certificates.make().ca_pem.replace(chr(10), chr(92) + 'n')}\nsecure-channels=main;\nsome-key=7\ndelete-this-file=1\nproxy=http://p\n"
    )
    way, file = upstream(str(path), ca_file="", subject="", proxy="http://other:8")
    assert way.proxy is not None and way.proxy.host == "other" and file is not None
    text = connection_file(parse_address("spice://127.0.0.1?port=5&tls-port=6"), file, ca_pem="OUR\nPEM", subject="CN=a\\,b")
    found = parse_connection_file(text)
    assert (found.address.port, found.address.tls_port, found.address.password) == ("5", "6", "a b")
    assert (found.ca, found.host_subject, found.proxy) == ("OUR\nPEM", "CN=a\\,b", "")
    assert (found.secure_channels, found.keys["some-key"], found.delete_this_file) == (("main",), "7", False)
    assert found.title == "A guest through a proxy"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"no certificate\n"])
def test_a_file_without_certificates_is_told_at_once(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(data)
    with pytest.raises(LocalError) as error:
        upstream("spice+tls://127.0.0.1:1", ca_file=str(path))
    assert (error.value.where, error.value.expected) == (str(path), "some in PEM form")
    path.write_text(certificates.make().ca_pem)
    assert upstream("spice+tls://127.0.0.1:1", ca_file=str(path))[0].ca_pem == path.read_text()


def test_the_rules_of_the_page_are_rules(tmp_path: Path) -> None:
    [toml] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    rules, _ = parse_rules(toml)
    [python] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "rule.py"
    path.write_text(python)
    assert read_python_rule(path).wants("inputs", 0, "client") == frozenset({101, 111})
    assert len(rules) == len(VERBS) and {f'do = "{verb}"' for verb in VERBS} <= set(re.findall(r'do = "\w+"', toml))
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == set(FAULTS)
