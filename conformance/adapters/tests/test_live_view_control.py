"""One view of all sessions of a client that is driven at its control socket."""

from __future__ import annotations

from pathlib import Path

from conformance.adapters.tests.live_view import live_view
from conformance.adapters.tests.reference_pair import Reference
from conformance.adapters.tests.test_live_view_reference import picture_of
from spiceproto.tests.controlled import Controlled
from spiceproto.tests.peers import end, until

_STATUS = "document.getElementById('status').textContent"


def test_a_page_follows_the_client_from_session_to_session(tmp_path: Path) -> None:
    servers = [
        Reference(tmp_path / guest, "--disable-ticketing", "--pointer", "absolute", "--guest", guest)
        for guest in ("chart", "desktop")
    ]
    first, second = [f"spice://127.0.0.1:{server.place['port']}" for server in servers]
    socket = tmp_path / "control"
    try:
        with live_view(tmp_path, first, "--control-socket", str(socket)) as view:
            client = Controlled("client", socket)
            until(lambda: view.shows(picture_of(servers[0], tmp_path)), what="the page shows the first session")
            client.ask("connect", uri=second)
            until(lambda: view.shows(picture_of(servers[1], tmp_path)), what="the page shows the second session")
            view.until("document.body.dataset.mouse === 'client'")
            view.click(40, 300)
            servers[1].got(input="button", button=1, down=True)
            client.ask("disconnect")
            view.until(f"{_STATUS} === 'The client has left the session.'")
            view.load()
            view.until(f"{_STATUS} === 'The client has left the session.'")
            client.ask("connect", uri=first)
            until(lambda: view.shows(picture_of(servers[0], tmp_path)), what="the page shows the third session")
            assert view.js(_STATUS) == "Connected" and view.js("document.getElementById('connect').hidden")
            client.ask("quit")
            until(lambda: view.process.poll() == 0, what="the client ends in order")
    finally:
        for server in servers:
            end(server.process)
