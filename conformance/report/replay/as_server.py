"""Plays a server for a client: each connection by itself, because clients open their channels in any order."""

from __future__ import annotations

import argparse
import socket
import ssl
import threading
import time
from typing import Any

from conformance.report.replay.common import Connection, Ended, Item, Report, recorded

# -- pasted


def channel_of(connection: Connection) -> tuple[int, int]:
    """Type and id in the link message, which stays where it is; (0, 0) if none comes."""
    until = time.monotonic() + connection.patience
    while len(connection.data) < 22:
        if not connection.fill(until):
            return 0, 0
    return connection.data[20], connection.data[21]


def serve(connection: Connection, items: list[Item], messages: bool) -> None:
    """One connection of the record; ``messages`` says whether it gets behind the link stage."""
    report, number = connection.report, connection.number
    linked = False
    try:
        for item in items:
            kind = item[0]
            if kind == "send":
                connection.send(recorded(item[3]))
                report.say(number, f"sent {item[2]}")
                # Behind the link result of a ticket, and behind that of SASL, everything is messages.
                linked = linked or (item[2] == "link-result" and messages)
            elif kind == "receive":
                connection.receive(item[2], item[3], item[4], not linked)
            elif kind == "wait":
                connection.linger(item[2])
            elif kind == "closed":
                connection.expect_end()
            elif kind == "close":
                break
        connection.leave(linked)
        report.say(number, "done")
    except Ended as end:
        report.differs(number, f"expected as recorded: {item[2]}; found: {end}")
    connection.peer.close()


def play(conversation: list[Item], names: dict[str, dict[int, str]], place: argparse.Namespace) -> int:
    """Wait for the client, and serve it; the exit status."""
    report = Report()
    waiting = {item[1]: item for item in conversation if item[0] == "open"}
    context = None
    if place.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*place.tls)
    listener = socket.create_server(("127.0.0.1", place.port))
    print(f"connect a client to spice://127.0.0.1:{listener.getsockname()[1]} now", flush=True)
    until = time.monotonic() + place.wait
    threads: list[threading.Thread] = []
    listener.settimeout(0.1)
    while waiting and time.monotonic() < until:
        if threads and not any(thread.is_alive() for thread in threads):
            # Everybody has left: whoever still wants to come, comes soon.
            until = min(until, time.monotonic() + place.patience)
            threads.clear()
        try:
            peer: Any = listener.accept()[0]
        except OSError:
            continue
        peer.settimeout(place.patience)
        if context is not None:
            try:
                peer = context.wrap_socket(peer, server_side=True)
            except OSError as error:
                print(f"no TLS: {error}", flush=True)
                continue
        connection = Connection(0, "", peer, {}, report, place.patience)
        found = channel_of(connection)
        fitting = [number for number, item in waiting.items() if item[6] in (found, None)]
        if not fitting:
            report.say(0, f"a connection for channel type {found[0]}, id {found[1]}, which the record does not have")
            peer.close()
            continue
        item = waiting.pop(fitting[0])
        connection.number, connection.channel, connection.mini = item[1], item[2], bool(item[5])
        connection.names = names.get(item[2].partition(":")[0], {})
        report.say(item[1], f"a client for {item[2] or 'no channel'}")
        own = [other for other in conversation if other[1] == item[1] and other[0] != "open"]
        threads.append(threading.Thread(target=serve, args=(connection, own, item[5] is not None)))
        threads[-1].start()
        # A client that is being served may take its time before it opens another channel, but not for ever.
        until = time.monotonic() + place.wait
    for number, item in waiting.items():
        report.differs(number, f"no client came for {item[2] or 'a connection'}")
    for thread in threads:
        thread.join()
    listener.close()
    return report.verdict()


def main(conversation: list[Item], names: dict[str, dict[int, str]], doc: str) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", nargs="?", type=int, default=0, help="where to listen on 127.0.0.1; any port by default")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="serve TLS, with these PEM files")
    parser.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="how long to wait for a connection")
    parser.add_argument("--patience", type=float, default=5.0, metavar="SECONDS", help="how long to wait for an answer")
    return play(conversation, names, parser.parse_args())
