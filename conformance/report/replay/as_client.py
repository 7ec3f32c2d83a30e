"""Plays a client against a server: the order of the record is kept across all connections."""

from __future__ import annotations

import argparse
import socket
import ssl
import struct
from typing import Any

from conformance.report.replay.common import Connection, Ended, Item, Report, bytes_of, fields_of
from conformance.report.replay.tickets import ticket

# -- pasted


def connect(place: argparse.Namespace, secure: bool) -> Any:
    """A connection to the server."""
    if place.unix:
        peer: Any = socket.socket(socket.AF_UNIX)
        peer.settimeout(place.patience)
        peer.connect(place.unix)
    else:
        host, _, port = place.server.rpartition(":")
        peer = socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), place.patience)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if place.tls or (secure and not place.plain):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        peer = context.wrap_socket(peer)
    return peer


def outgoing(block: str, connection: Connection, sessions: dict[int, bytes], password: str) -> bytes:
    """The bytes of a block, with what is different each time filled in."""
    parts = []
    for word, _ in fields_of(block):
        kind, _, rest = word.partition(":")
        data = bytes_of(word)
        if kind == "@session":
            data = sessions.get(int(rest.partition(":")[0]), data)
        elif kind == "@pong" and connection.pings:
            data = connection.pings.pop(0)
        elif kind == "@generation":
            data = connection.generation or data
        elif kind == "@password":
            data = ticket(connection.reply[4:166], password.encode() + b"\0")
        elif kind == "@ticket":
            data = ticket(connection.reply[4:166], bytes.fromhex(rest.partition(":")[0]))
        parts.append(data)
    return b"".join(parts)


def server_has_mini_headers(reply: bytes) -> bool:
    """Capability 3 of the common words of a link reply."""
    count, _, offset = struct.unpack_from("<LLL", reply, 166)
    return bool(count) and len(reply) >= offset + 4 and bool(struct.unpack_from("<L", reply, offset)[0] & 8)


def play(conversation: list[Item], names: dict[str, dict[int, str]], place: argparse.Namespace) -> int:
    """The whole conversation; the exit status."""
    report = Report()
    connections: dict[int, Connection] = {}
    sessions: dict[int, bytes] = {}
    linked: dict[int, bool] = {}
    mini: dict[int, tuple[bool, bool | None]] = {}
    for item in conversation:
        kind, number = item[0], item[1]
        if kind == "open":
            channel = item[2]
            try:
                peer = connect(place, item[3])
            except OSError as error:
                report.differs(number, f"no connection: {error}")
                return report.verdict()
            known = names.get(channel.partition(":")[0], {})
            connections[number] = Connection(number, channel, peer, known, report, place.patience)
            mini[number] = item[4], item[5]
            linked[number] = False
            report.say(number, f"connected for {channel or 'no channel'}")
            continue
        connection = connections.get(number)
        if connection is None or connection.broken:
            continue
        try:
            if kind == "send":
                connection.send(outgoing(item[3], connection, sessions, place.password))
                report.say(number, f"sent {item[2]}")
            elif kind == "receive":
                link = not linked[number]
                connection.receive(item[2], item[3], item[4], link)
                if item[2] == "link-reply" and len(connection.reply) >= 178:
                    connection.mini = mini[number][0] and server_has_mini_headers(connection.reply)
                    if connection.mini is not mini[number][1] is not None and connection.reply[:4] == bytes(4):
                        raise Ended("other message headers than in the record: the capability MINI_HEADER has changed")
                linked[number] = linked[number] or (item[2] == "link-result" and mini[number][1] is not None)
                if connection.session:
                    sessions[number] = connection.session
            elif kind == "wait":
                connection.linger(item[2])
            elif kind == "closed":
                connection.expect_end()
            elif kind == "close":
                connection.leave(linked[number])
                connection.broken = True
                connection.peer.close()
                report.say(number, "closed")
        except Ended as end:
            report.differs(number, f"expected as recorded: {item[2]}; found: {end}")
            connection.broken = True
    for number, connection in connections.items():
        if not connection.broken:
            connection.leave(linked[number])
        connection.peer.close()
    return report.verdict()


def main(conversation: list[Item], names: dict[str, dict[int, str]], doc: str, usual: list[str]) -> int:
    """The command. ``usual`` are arguments that hold where they are not given."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", nargs="?", default="", metavar="HOST:PORT")
    parser.add_argument("--unix", metavar="PATH", help="a socket of the file system instead")
    parser.add_argument("--password", default="", help="for the ticket; none by default")
    parser.add_argument("--tls", action="store_true", help="use TLS on all connections, without looking at the certificate")
    parser.add_argument("--plain", action="store_true", help="use TLS on no connection, whatever the record says")
    parser.add_argument("--patience", type=float, default=5.0, metavar="SECONDS", help="how long to wait for an answer")
    given, known = parser.parse_args(), parser.parse_args(usual)
    if not given.server and not given.unix:
        given.server, given.unix = known.server or "127.0.0.1:5900", known.unix
        given.tls = given.tls or (known.tls and not given.plain)
    given.password = given.password or known.password
    return play(conversation, names, given)
