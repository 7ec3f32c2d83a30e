"""A scripted source, a scripted destination, and one client between them."""

from __future__ import annotations

from typing import Any

from reference_client.client import Client
from reference_client.tests.scripted import CHANNELS, LISTED, SESSION, ScriptedServer, ServerLine, session
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main
from spiceproto.transport import Connection

__all__ = ["BOTH", "Destination", "begin", "begin_seamless", "connected", "dst", "move", "two"]

BOTH = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER

MIGRATING = {
    **CHANNELS,
    (ChannelType.MAIN, 0): CHANNELS[ChannelType.MAIN, 0].with_(
        MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE
    ),
}


class Destination(ScriptedServer):
    """Where the client goes; its bytes go the way of the source's. ``held`` connections are not answered until :meth:`free`."""

    def __init__(self, source: ScriptedServer, **policy: Any) -> None:
        policy.setdefault("channels", dict(MIGRATING))
        super().__init__(source.client, begin=False, migrations=(SESSION,), **policy)
        self.source = source
        source.elsewhere = self
        self.holding = False
        self._kept: list[tuple[Connection, bytes]] = []

    def deliver(self, connection: Connection, data: bytes) -> None:
        if self.holding:
            self._kept.append((connection, data))
        else:
            self.source.deliver(connection, data)

    def free(self) -> None:
        """What was held back goes to the client."""
        self.holding = False
        kept, self._kept = self._kept, []
        for connection, data in kept:
            self.source.deliver(connection, data)

    def close(self, connection: Connection) -> None:
        self.source.close(connection)

    def run(self) -> None:
        self.source.run()


def two(
    client: Client | None = None, *, source: dict[str, Any] | None = None, **there: Any
) -> tuple[ScriptedServer, Destination]:
    """A session at a source, and a destination that waits; what the client has said so far is taken."""
    found = session(client or Client(), **(source or {}))
    destination = Destination(found, **there)
    for line in found.lines.values():
        line.take()
    return found, destination


def dst(port: int = 5931, sport: int = 0, host: bytes = b"there\0", subject: bytes | None = None) -> main.DstInfo:
    return main.DstInfo(port=port, sport=sport, host_data=host, cert_subject_data=subject)


def begin(source: ScriptedServer, **info: Any) -> None:
    source.main.send(main.MigrateBegin(dst(**info)))


def begin_seamless(source: ScriptedServer, **info: Any) -> None:
    source.main.send(main.MigrateBeginSeamless(dst(**info), 1))


def connected(source: ScriptedServer, there: Destination, answer: Any = None) -> None:
    """A seamless migration up to its MIGRATE_CONNECTED_SEAMLESS."""
    begin_seamless(source)
    assert there.main.take() == [main.MigrateDstDoSeamless(1)]
    there.main.send(answer or main.MigrateDstSeamlessAck())
    assert source.main.take()[-1:] == [main.MigrateConnected() if answer else main.MigrateConnectedSeamless()]


def flags_of(key: tuple[int, int]) -> MigrateFlags:
    return MigrateFlags(0) if key[0] == ChannelType.CURSOR else BOTH


def move_one(line: ServerLine, flags: MigrateFlags, data: bytes) -> None:
    """One channel: MIGRATE, and behind the mark its data."""
    line.send(common.Migrate(flags))
    if flags & MigrateFlags.NEED_FLUSH:
        assert line.got[-1:] == [common.MigrateFlushMark()]
    if flags & MigrateFlags.NEED_DATA_TRANSFER:
        line.send(common.MigrateData(data))


def move(source: ScriptedServer, *, data: bytes = b"state of ") -> None:
    """All channels, main the last."""
    keys = [(int(kind), number) for kind, number in LISTED if (int(kind), number) in source.lines]
    for key in (*keys, (int(ChannelType.MAIN), 0)):
        line = source.lines[key]
        if line.connection in source.open:
            move_one(line, flags_of(key), data + bytes(str(key), "ascii"))
