"""Who may come into a view: each rule, and what is answered to whom breaks it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from reference_client.command import main
from reference_client.tests.test_reference_server import reference_server
from reference_client.tests.viewed import Viewed, frame_of, run, said, say
from reference_client.view.access import place_of
from reference_client.view.files import HEADERS, page_files
from reference_client.view.view import MESSAGE, PAGES, View
from spiceproto import certificates
from spiceproto.errors import LocalError
from spiceproto.page_access import ANYWHERE, Access, Place


async def got(
    viewed: Viewed, path: str, host: str = "", method: str = "GET", more: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", viewed.port)
    host = host or f"127.0.0.1:{viewed.port}"
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    first, *rows = head.decode().split("\r\n")
    return int(first.split()[1]), dict(row.split(": ", 1) for row in rows), body


async def refused(viewed: Viewed, **changed: object) -> int:
    """The status with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as found:
        async with viewed.open(**changed):
            pass
    return found.value.response.status_code


def test_the_files_of_the_page_and_nothing_else() -> None:
    async def body(viewed: Viewed) -> None:
        for path, file in page_files().items():
            status, headers, data = await got(viewed, path)
            assert (status, data, headers["Content-Type"]) == (200, file.data, file.type)
            assert {name: headers[name] for name in HEADERS} == HEADERS
            assert viewed.token.encode() not in data and "Server" not in headers
        for path in ("/nothing", "/../view.py", "/..%2fview.py", "//etc/passwd", "/page", "/__init__.py", "/socket/x"):
            assert (await got(viewed, path))[0] == 404
        assert (await got(viewed, "/", method="POST"))[0] in (400, 405)

    run(body)


def test_the_page_needs_no_more_than_its_own_files() -> None:
    assert sum(len(file.data) for path, file in page_files().items() if path != "/") < 120_000
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")


@pytest.mark.parametrize(
    "host", ["evil.example:{}", "evil.example", "127.0.0.1", "127.0.0.1:1", "192.0.2.1:{}", "localhost.evil:{}", ":{}"]
)
def test_a_wrong_host(host: str) -> None:
    async def body(viewed: Viewed) -> None:
        named = host.format(viewed.port)
        assert (await got(viewed, "/", named))[0] == 421
        more = f"Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://{named}\r\n"
        more += f"Sec-WebSocket-Protocol: t.{viewed.token}\r\n"
        assert (await got(viewed, "/socket", named, more=more))[0] == 421
        assert (await got(viewed, "/", more="Host: evil.example\r\n"))[0] == 421

    run(body)


def test_hosts_that_are_the_view() -> None:
    async def body(viewed: Viewed) -> None:
        for host in ("127.0.0.1", "localhost", "[::1]", "LOCALHOST"):
            assert (await got(viewed, "/", f"{host}:{viewed.port}"))[0] == 200

    run(body)


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{}", "http://localhost:{}"]
)
def test_a_foreign_origin(origin: str | None) -> None:
    async def body(viewed: Viewed) -> None:
        named = None if origin is None else origin.format(viewed.port)
        assert await refused(viewed, origin=named) == 403

    run(body)


def test_a_missing_token_and_a_wrong_one() -> None:
    async def body(viewed: Viewed) -> None:
        assert len(viewed.token) >= 22  # 128 bits in base64
        for protocols in (None, [f"t.{viewed.token[:-1]}"], [f"t.{viewed.token}x"], [viewed.token], ["t."]):
            assert await refused(viewed, subprotocols=protocols) == 403
        async with viewed.open() as page:
            assert page.subprotocol == f"t.{viewed.token}"
            assert (await said(page, "control"))["here"]

    run(body)


def test_tokens_are_new_each_time() -> None:
    place = Place("127.0.0.1", 0)
    assert len({Access(place, 1).token for _ in range(10)}) == 10


def test_a_message_that_is_too_large_closes_the_page_alone() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as other, viewed.open() as page:
            await page.send("x" * (MESSAGE + 1))
            with pytest.raises(ConnectionClosedError) as found:
                while True:
                    await page.recv()
            assert found.value.rcvd is not None and found.value.rcvd.code == 1009
            assert await frame_of(other)

    run(body)


@pytest.mark.parametrize(
    "message", ["", "x", "[]", "{}", '{"do": 1}', '{"do": "nothing"}', "[" * 10000, b"", b"\x63", b"\x00\x00"]
)
def test_a_message_that_is_none_is_refused_and_changes_nothing(message: str | bytes) -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            await page.send(message)
            assert (await said(page, "refused"))["text"]
            await say(page, "take-control")
            assert (await said(page, "control"))["here"]

    run(body)


def test_there_is_an_end_of_pages() -> None:
    async def body(viewed: Viewed) -> None:
        pages = [viewed.open() for _ in range(PAGES)]
        for page in pages:
            await page.__aenter__()
        assert await refused(viewed) == 503
        await pages[0].__aexit__(None, None, None)
        async with asyncio.timeout(30):
            while len(viewed.view.pages) == PAGES:
                await asyncio.sleep(0.01)
        async with viewed.open() as page:
            assert await frame_of(page)
        for other in pages[1:]:
            await other.__aexit__(None, None, None)

    run(body)


def test_the_first_page_controls_until_another_takes_it() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as first:
            assert (await said(first, "control"))["here"]
            async with viewed.open() as second:
                assert not (await said(second, "control"))["here"]
                await say(second, "take-control")
                assert (await said(second, "control"))["here"]
                assert not (await said(first, "control"))["here"]
            assert (await said(first, "control"))["here"]

    run(body)


@pytest.mark.parametrize(
    "text", ["", "x", "host:", "host:x", "127.0.0.1:70000", "spice://127.0.0.1:5900", "a/b:1", "::1:80", ":80"]
)
def test_a_place_that_is_none(text: str) -> None:
    with pytest.raises(LocalError, match="--view has no such place"):
        place_of(text)


def test_places() -> None:
    assert place_of(ANYWHERE) == Place("127.0.0.1", 0) and place_of("8080") == Place("127.0.0.1", 8080)
    assert place_of("[::1]:80") == Place("::1", 80) and place_of("localhost:80").loopback
    assert place_of("0.0.0.0:80").loopback is False and place_of("example.org:80").loopback is False


def test_others_reach_it_with_tls_or_when_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="other machines would reach the view"):
        View.at("0.0.0.0:0")
    View.at("0.0.0.0:0", plain=True)
    with pytest.raises(LocalError, match="--view-tls can not be had"):
        View.at("0.0.0.0:0", tls=str(tmp_path))
    certificates.make().write(tmp_path)
    View.at("0.0.0.0:0", tls=str(tmp_path))


def test_hosts_where_others_reach_it() -> None:
    """An address is nobody's name; a name is the one of the option, or the machine's."""
    access = Access(Place("0.0.0.0", 80), 80)
    assert access.is_host("192.0.2.7:80") and access.is_host("192.0.2.7") and not access.is_host("evil.example:80")
    named = Access(Place("view.example", 443), 443, secure=True)
    assert named.is_host("view.example") and named.is_host("View.Example:443") and not named.is_host("evil.example")
    assert named.is_origin("https://view.example", "view.example") and not named.is_origin(
        "http://view.example", "view.example"
    )
    assert named.address == f"https://view.example:443/#{named.token}"


def test_tls(tmp_path: Path) -> None:
    made = certificates.make()
    made.write(tmp_path)

    async def body(viewed: Viewed) -> None:
        context = ssl.create_default_context(cadata=made.ca_pem)
        async with viewed.open(ssl=context, origin=f"https://127.0.0.1:{viewed.port}") as page:
            assert await frame_of(page)
        assert await refused(viewed, ssl=context) == 403

    def secure() -> Viewed:
        found = Viewed()
        found.view = View.at("127.0.0.1:0", tls=str(tmp_path))
        return found

    run(body, secure)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--view"], "an address, a connection file or --control is needed"),
        (["spice://127.0.0.1:1", "--view", "0.0.0.0:1"], "--view-tls DIR, or --view-plain"),
        (["spice://127.0.0.1:1", "--view-tls", "x"], "which is not there"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(options)
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2 and words in capsys.readouterr().err


@pytest.mark.parametrize("log", [False, True])
def test_the_address_is_told(log: bool, capfd: pytest.CaptureFixture[str]) -> None:
    with reference_server("--disable-ticketing") as (port, _):
        assert main([f"spice://127.0.0.1:{port}", "--view", "--duration", "0.2", *(["--log"] if log else [])]) == 0
    first = capfd.readouterr().out.splitlines()[0]
    address = json.loads(first)["address"] if log else first.removeprefix("the session is shown at ")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#[\w-]{22}", address)


def test_a_port_that_is_taken(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, reference_server("--disable-ticketing") as (port, _):
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main([f"spice://127.0.0.1:{port}", "--view", place]) == 1
    assert "in use" in capfd.readouterr().err


def test_the_event_is_json() -> None:
    """What a page is told is one object a message."""

    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            message = await page.recv()
            assert isinstance(message, str) and isinstance(json.loads(message)["event"], str)

    run(body)
