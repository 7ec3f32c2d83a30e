"""The proxy: places where clients come in, the way to the server, and all connections between them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from spiceproto.errors import LocalError, SpiceError
from spiceproto.proxy.acks import Acks
from spiceproto.proxy.arrival import Arrived, arrive
from spiceproto.proxy.desk import Desk, Holds
from spiceproto.proxy.dial import dial, reason
from spiceproto.proxy.editor import Editor
from spiceproto.proxy.faults import Fault
from spiceproto.proxy.identity import Identity, made
from spiceproto.proxy.listener import Listener, listen_tcp, listen_unix
from spiceproto.proxy.relay import Relay
from spiceproto.proxy.relocation import Here, Relocation
from spiceproto.proxy.rules import Rule
from spiceproto.proxy.stream import Served, Stream
from spiceproto.proxy.traffic import Observer, Passage, Tell, Watched
from spiceproto.transport import Place
from spiceproto.way import Way

__all__ = ["CONNECTIONS", "DESTINATIONS", "Plan", "Proxy"]

CONNECTIONS: Final = 256
"""Connections at a time."""

DESTINATIONS: Final = 64
"""Servers to which sessions may be sent on."""

_NOWHERE: Final = "127.0.0.1"
"""Where an end is that has no address."""

_AT_THE_END: Final = 5.0
"""Seconds for connections to be gone."""

_SILENT: Final = "a client that says nothing is dropped"

_PORT: Final = 5930
_CLIENT_PORT: Final = 40000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a proxy does.

    * ``way``: to the server
    * ``rules``, ``faults``: what is done to what passes, in their order
    * ``observers``: view ("client" or "server") to those who look on
    * ``identity``: for TLS with clients; None for one that is made when it is wanted
    * ``relocates``: messages that send a client elsewhere are rewritten
    * ``tell``: is told in sentences what happens
    """

    way: Way
    rules: tuple[Rule, ...] = ()
    faults: tuple[Fault, ...] = ()
    observers: dict[str, tuple[Observer, ...]] = {}
    identity: Identity | None = None
    relocates: bool = True
    tell: Tell = lambda text: None


class Proxy:
    """Made, used and closed in one event loop.

    * ``bytes_passed``: sender to the bytes that it has sent on connections that are over
    * ``connections``: how many there were
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.faults: Sequence[Fault] = plan.faults
        self.connections = 0
        self.bytes_passed = {"client": 0, "server": 0}
        self.hosts: list[str] = []
        self.tell = plan.tell
        self.holds = Holds()
        self._identity = plan.identity
        self._relays: dict[Relay, Way] = {}
        self._listeners: list[Listener] = []
        self._destinations: dict[Place, Listener] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: dict[asyncio.Task[None], None] = {}
        self._told: set[str] = set()

    # -- coming in

    def listen(self, host: str, port: int) -> int:
        """Take clients at a TCP port; 0 is a free one. The port is given back. Raises OSError."""
        self.hosts.append(host)
        listener = listen_tcp(host, port, self._taker(self.plan.way))
        self._listeners.append(listener)
        return listener.port

    def listen_unix(self, path: str) -> None:
        """Take clients at a Unix socket. Raises OSError."""
        self._listeners.append(listen_unix(path, self._taker(self.plan.way)))

    def _taker(self, way: Way) -> Callable[[socket.socket], None]:
        def take(client: socket.socket) -> None:
            if len(self._relays) + len(self._tasks) >= CONNECTIONS:
                if not self._silent:
                    client.close()
                    self._tell_once(f"a client is turned away: there are {CONNECTIONS} connections")
                    return
                # Who says nothing keeps nobody out.
                oldest = next(iter(self._silent))
                oldest.cancel()
                self._heard(oldest)
                self._tasks.discard(oldest)
                self._tell_once(_SILENT)
            task = asyncio.get_running_loop().create_task(self._take(client, way))
            self._tasks.add(task)
            self._silent[task] = None
            task.add_done_callback(self._heard)
            task.add_done_callback(self._tasks.discard)

        return take

    def _heard(self, task: asyncio.Task[None]) -> None:
        self._silent.pop(task, None)

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.tell(f"{text}; this is told once")

    async def _take(self, client: socket.socket, way: Way) -> None:
        server: Stream | None = None
        mine = asyncio.current_task()
        assert mine is not None
        try:
            try:
                arrived = await arrive(client)
            except TimeoutError:
                self._tell_once(_SILENT)
                client.close()
                return
            self._heard(mine)
            try:
                server = await dial(way, arrived.secure)
            except (OSError, SpiceError, UnicodeError) as error:
                self.tell(f"no way to {way.address.uri}: {reason(error)}")
                client.close()
                return
            stream = await self._stream(client, arrived)
        except (OSError, SpiceError) as error:
            if not isinstance(error, SpiceError) or "says nothing" not in error.what:
                self.tell(f"a client does not get in: {reason(error)}")
            client.close()
            if server is not None:
                server.abort()
            return
        except BaseException:
            client.close()
            if server is not None:
                server.abort()
            raise
        self._join(stream, server, way)

    async def _stream(self, client: socket.socket, arrived: Arrived) -> Stream:
        """The client's side, with TLS if it comes with that."""
        stream = Stream(Served())
        layers = ["unix" if client.family == getattr(socket, "AF_UNIX", None) else "tcp", *arrived.layers]
        loop = asyncio.get_running_loop()
        context = (await self.identity()).context if arrived.secure else None
        await loop.connect_accepted_socket(lambda: stream, client, ssl=context)
        if arrived.secure:
            tls: ssl.SSLObject = stream.transport.get_extra_info("ssl_object")
            layers.append((tls.version() or "tls").lower().replace("v", ""))
        stream.layers = tuple(layers)
        return stream

    async def identity(self) -> Identity:
        """Who the proxy is for clients with TLS."""
        if self._identity is None:
            found = await asyncio.get_running_loop().run_in_executor(None, made, tuple(self.hosts))
            self._identity = self._identity or found
        return self._identity

    # -- connections

    def _join(self, client: Stream, server: Stream, way: Way) -> None:
        self.connections += 1
        number = self.connections
        relay = self._relay(number, client, server)
        self._relays[relay] = way
        relay.begin()

    def _relay(self, number: int, client: Stream, server: Stream) -> Relay:
        wires = {
            "client": Passage(number, _name(client, "peername", number), _name(client, "sockname", 0), client.layers),
            "server": Passage(number, _name(server, "sockname", number), _name(server, "peername", 0), server.layers),
        }
        return Relay(self, number, client, server, wires)

    def watch(self, side: str, passage: Passage) -> Watched | None:
        """The observers of a view, None if nobody looks."""
        observers = self.plan.observers.get(side, ())
        return Watched(observers, passage, time.time_ns(), self.tell) if observers else None

    def editors(self, relay: Relay) -> dict[str, Editor]:
        """Sender to the editor of what it says: both, or none."""
        rules: list[Rule] = list(self.plan.rules)
        if self.plan.relocates:
            rules.append(Relocation(self._relays[relay].address.plain_host, lambda place: self._here(relay, place)))
        wanted = {}
        for sender in ("client", "server"):
            found = [(rule, rule.wants(relay.channel, relay.channel_id, sender)) for rule in rules]
            wanted[sender] = [(rule, numbers) for rule, numbers in found if numbers is None or numbers]
        if not any(wanted.values()):
            return {}
        desk, acks = Desk(relay, self.holds), Acks()
        return {
            sender: Editor(desk, sender, relay.channel, relay.channel_id, mine, acks, mini=relay.mini, connection=relay.number)
            for sender, mine in wanted.items()
        }

    def closed(self, relay: Relay) -> None:
        """A connection is no more."""
        self._relays.pop(relay, None)
        for sender, direction in relay.directions.items():
            self.bytes_passed[sender] += direction.passed

    # -- elsewhere

    def _here(self, relay: Relay, place: Place) -> Here:
        """Where clients of a connection find the server at ``place`` from now on. Raises LocalError."""
        way = self._relays[relay].to(place)
        way.check()
        listener = self._destinations.get(place)
        name = relay.client.transport.get_extra_info("sockname")
        host = name[0] if isinstance(name, tuple) else _NOWHERE
        if listener is None:
            if len(self._destinations) >= DESTINATIONS:
                raise LocalError("too many destinations", expected=f"at most {DESTINATIONS}")
            try:
                listener = listen_tcp(host, 0, self._taker(way))
            except OSError as error:
                raise LocalError("no place for the destination", actual=str(error)) from None
            self._destinations[place] = listener
            self._listeners.append(listener)
        if place.tls_port and self._identity is None:
            self._identity = made(tuple(self.hosts))
        subject = self._identity.subject if self._identity is not None else ""
        return Here(host, listener.port, subject)

    # -- the end

    async def close(self) -> None:
        """Listen no more, and end all connections."""
        for listener in self._listeners:
            listener.close()
        tasks: Iterable[asyncio.Task[None]] = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for relay in tuple(self._relays):
            relay.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_AT_THE_END):
                while self._relays:
                    await asyncio.sleep(0.01)


def _name(stream: Stream, which: str, number: int) -> tuple[str, int]:
    """Address and port of an end; of one that has none, something that looks like it."""
    found = stream.transport.get_extra_info(which)
    if isinstance(found, tuple) and len(found) >= 2:
        return str(found[0]), int(found[1])
    return _NOWHERE, _CLIENT_PORT + number if number else _PORT
