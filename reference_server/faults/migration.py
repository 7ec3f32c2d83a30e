"""Faults of the servers of a migration (spec/19-migration.md): of the source, and of the destination."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_server.channels import moving
from reference_server.channels.base import ServerChannel
from reference_server.channels.cursor import CursorChannel
from reference_server.channels.display import DisplayChannel
from reference_server.channels.inputs import InputsChannel
from reference_server.channels.main import MainChannel
from reference_server.channels.playback import PlaybackChannel
from reference_server.departure import Came, Departure, Leaves, MigrationCancelled
from reference_server.faults.fault import fault
from reference_server.line import Line
from reference_server.migration import PATIENCE, VERSION
from reference_server.server import Server
from spiceproto.enums.common import MigrateFlags
from spiceproto.errors import RemoteError
from spiceproto.messages import common, display, inputs, main, migration

_Begin = main.MigrateBegin | main.MigrateBeginSeamless

# -- the source tells of the destination


@fault("says-nothing-of-the-destination", "SPICE-MIG-001")
class SaysNothingOfTheDestination(MainChannel):
    """Tells nobody where its guest goes before it has gone."""

    def announcement(self, departure: Departure) -> _Begin | None:
        return None


@fault("data-of-another-version", "SPICE-MIG-002")
class DataOfAnotherVersion(MainChannel):
    """Says that the data of a seamless migration have the version 2."""

    def announcement(self, departure: Departure) -> _Begin | None:
        said = super().announcement(departure)
        if isinstance(said, main.MigrateBeginSeamless):
            return main.MigrateBeginSeamless(said.dst_info, VERSION + 1)
        return said

    def knows(self, version: int) -> bool:
        return version <= VERSION + 1


class _OtherInfo(MainChannel):
    def changed(self, info: main.DstInfo) -> main.DstInfo:
        raise NotImplementedError

    def announcement(self, departure: Departure) -> _Begin | None:
        said = super().announcement(departure)
        return None if said is None else msgspec.structs.replace(said, dst_info=self.changed(said.dst_info))

    def send(self, *values: Any) -> None:
        super().send(*[self.switched(value) if isinstance(value, main.MigrateSwitchHost) else value for value in values])

    def switched(self, value: main.MigrateSwitchHost) -> main.MigrateSwitchHost:
        return value


@fault("destination-without-a-port", "SPICE-MIG-003")
class DestinationWithoutAPort(_OtherInfo):
    """Says no port of the destination."""

    def changed(self, info: main.DstInfo) -> main.DstInfo:
        return msgspec.structs.replace(info, port=0, sport=0)

    def switched(self, value: main.MigrateSwitchHost) -> main.MigrateSwitchHost:
        return msgspec.structs.replace(value, port=0, sport=0)


@fault("destination-without-a-zero-byte", "SPICE-MIG-004")
class DestinationWithoutAZeroByte(_OtherInfo):
    """Ends the host of the destination with no zero byte."""

    def changed(self, info: main.DstInfo) -> main.DstInfo:
        return msgspec.structs.replace(info, host_data=info.host_data.rstrip(b"\0"))

    def switched(self, value: main.MigrateSwitchHost) -> main.MigrateSwitchHost:
        return msgspec.structs.replace(value, host_data=(value.host_data or b"").rstrip(b"\0"))


@fault("migration-begins-twice", "SPICE-MIG-006")
class MigrationBeginsTwice(MainChannel):
    """Tells of the destination twice."""

    def announcement(self, departure: Departure) -> _Begin | None:
        said = super().announcement(departure)
        if said is not None:
            self.send(said)
        return said


# -- how the source ends


@fault("leaves-clients-behind", "SPICE-MIG-007", "SPICE-MIG-023")
class LeavesClientsBehind(MainChannel):
    """Says nothing to a client that was asked to link the destination and has not, when the guest has gone."""

    def _leaves(self, news: Leaves) -> None:
        departure = self.session.departure
        if news.kind == "switch-host" and departure is not None and departure.asked != "switch-host":
            self.line.leave(self.host.now + PATIENCE)
        else:
            super()._leaves(news)


@fault("migrate-end-unasked", "SPICE-MIG-030", "SPICE-MIG-007")
class MigrateEndUnasked(MainChannel):
    """Sends MIGRATE_END to a client that has not linked the destination."""

    def _leaves(self, news: Leaves) -> None:
        departure = self.session.departure
        asked = departure is not None and departure.asked != "switch-host"
        super()._leaves(Leaves("semi-seamless") if asked and news.kind == "switch-host" else news)


@fault("migrate-for-who-has-not-come", "SPICE-MIG-040", "SPICE-MIG-007", "SPICE-MIG-023")
class MigrateForWhoHasNotCome(Server):
    """Sends MIGRATE to a client that has not linked the destination."""

    def save(self) -> bytes:
        for session in self.sessions.values():
            if session.departure is not None and session.departure.asked == "seamless":
                session.departure.said = "seamless"
        return super().save()


@fault("cursor-wants-a-flush-mark", "SPICE-MIG-041")
class CursorWantsAFlushMark(CursorChannel):
    """Asks for a flush mark on a channel without data."""

    def migrate(self) -> common.Migrate:
        return common.Migrate(MigrateFlags.NEED_FLUSH)


@fault("speaks-behind-migrate", "SPICE-MIG-042")
class SpeaksBehindMigrate(InputsChannel):
    """Says which lock keys are on behind MIGRATE_DATA."""

    def depart(self) -> None:
        self.line.send(inputs.KeyModifiers(self.host.guest.keyboard.locks))
        super().depart()


@fault("speaks-before-its-data", "SPICE-MIG-042")
class SpeaksBeforeItsData(InputsChannel):
    """Says which lock keys are on behind MIGRATE, before MIGRATE_DATA."""

    def last(self, now: float) -> tuple[Any, ...]:
        return (inputs.KeyModifiers(self.host.guest.keyboard.locks), *super().last(now))


@fault("data-before-the-flush-mark", "SPICE-MIG-054")
class DataBeforeTheFlushMark(InputsChannel):
    """Sends MIGRATE_DATA and does not wait for the flush mark."""

    def set_out(self, now: float) -> None:
        super().set_out(now)
        self.line.send(*super().last(now))

    def last(self, now: float) -> tuple[common.MigrateData, ...]:
        return ()


@fault("streams-do-not-end", "SPICE-MIG-047")
class StreamsDoNotEnd(DisplayChannel):
    """Leaves streams as they are when the guest goes."""

    def end_streams(self) -> None:
        pass


@fault("sound-does-not-stop", "SPICE-MIG-058")
class SoundDoesNotStop(PlaybackChannel):
    """Sends MIGRATE while the guest plays, without STOP."""

    def settle(self, now: float) -> None:
        pass


@fault("data-of-another-magic", "SPICE-MIG-048")
class DataOfAnotherMagic(InputsChannel):
    """Begins the data of inputs with other letters, and understands those."""

    def last(self, now: float) -> tuple[common.MigrateData, ...]:
        (usual,) = super().last(now)
        return (common.MigrateData(b"INPT" + bytes(usual.data)[4:]),)

    def handle_on_the_way(self, value: Any, now: float) -> bool:
        if isinstance(value, common.MigrateData) and bytes(value.data)[:4] == b"INPT":
            magic = moving.MAGIC[migration.Inputs].to_bytes(4, "little")
            value = common.MigrateData(magic + bytes(value.data)[4:])
        return super().handle_on_the_way(value, now)


# -- the destination


@fault("speaks-before-the-migration-ends", "SPICE-MIG-020")
class SpeaksBeforeTheMigrationEnds(DisplayChannel):
    """Says something on a display channel that was linked ahead."""

    def await_arrival(self) -> None:
        super().await_arrival()
        self.send(display.Mark())


@fault("knows-every-version-of-the-data", "SPICE-MIG-022")
class KnowsEveryVersionOfTheData(MainChannel):
    """Says that it understands data of any version."""

    def knows(self, version: int) -> bool:
        return True


@fault("another-session-id-at-the-destination", "SPICE-MIG-033")
class AnotherSessionIdAtTheDestination(MainChannel):
    """Gives a session that comes from another server another id in INIT."""

    def start(self, now: float) -> None:
        self.came = self.session.arriving
        super().start(now)

    def init(self, now: float) -> main.Init:
        usual = super().init(now)
        return msgspec.structs.replace(usual, session_id=usual.session_id ^ 1) if self.came else usual


@fault("cursor-begins-anew-at-the-destination", "SPICE-MIG-046")
class CursorBeginsAnew(CursorChannel):
    """Sends INIT of cursor behind a seamless migration."""

    def go_on(self, data: Any, now: float) -> None:
        self.start(now)


@fault("surfaces-come-again-at-the-destination", "SPICE-MIG-046", "SPICE-DISPLAY-004")
class SurfacesComeAgain(DisplayChannel):
    """Creates the surfaces that the client has behind a seamless migration."""

    def compare(self, had: frozenset[int]) -> None:
        super().compare(frozenset())


@fault("numbers-begin-anew-at-the-destination", "SPICE-MIG-055")
class NumbersBeginAnew(DisplayChannel):
    """Numbers the messages of a display channel from 1 behind a seamless migration."""

    def first_serial(self, data: migration.Display) -> int:
        return 1


@fault("palettes-stay-at-the-destination", "SPICE-MIG-049")
class PalettesStay(DisplayChannel):
    """Does not invalidate the palettes of the client behind a seamless migration."""

    def forget_palettes(self) -> None:
        pass


@fault("movements-begin-anew-at-the-destination", "SPICE-MIG-051")
class MovementsBeginAnew(InputsChannel):
    """Counts movements from 0 behind a seamless migration."""

    def go_on(self, data: migration.Inputs, now: float) -> None:
        super().go_on(msgspec.structs.replace(data, motion_count=0), now)


@fault("tokens-are-lost-on-the-way", "SPICE-MIG-052", "SPICE-MIG-059")
class TokensAreLost(MainChannel):
    """Forgets at the source how many tokens the client has given."""

    def pack(self, now: float) -> migration.Main:
        usual = super().pack(now)
        return msgspec.structs.replace(usual, agent_base=msgspec.structs.replace(usual.agent_base, num_send_tokens=0))


@fault("half-an-agent-message-is-lost-on-the-way", "SPICE-MIG-052")
class HalfAnAgentMessageIsLost(MainChannel):
    """Forgets at the source that the client is in the middle of a message for the agent."""

    def pack(self, now: float) -> migration.Main:
        return msgspec.structs.replace(super().pack(now), client2agent_msg_remaining=0)


@fault("goes-on-with-any-data", "SPICE-MIG-056")
class GoesOnWithAnyData(InputsChannel):
    """Goes on with a client whose data for inputs can not be read."""

    def refuse_data(self, error: RemoteError) -> None:
        self.begin_there()


@fault("guest-of-its-own-at-the-destination", "SPICE-MIG-059", "SPICE-MIG-052")
class GuestOfItsOwn(Server):
    """Shows clients that come another guest than the one that they had."""

    def take(self, data: bytes) -> None:
        for session in self.sessions.values():
            session.tell(Came())


# -- cancelled, and what nobody asked for


@fault("a-cancelled-migration-ends-the-session", "SPICE-MIG-029")
class CancelledMigrationEndsTheSession(MainChannel):
    """Closes main when a migration is cancelled."""

    def _migration_cancelled(self, news: MigrationCancelled) -> None:
        super()._migration_cancelled(news)
        self.line.drop("the migration was cancelled")


@fault("no-second-migration", "SPICE-MIG-029")
class NoSecondMigration(MainChannel):
    """Tells nobody of a second migration, if the first was cancelled."""

    cancelled = False

    def announcement(self, departure: Departure) -> _Begin | None:
        return None if self.cancelled else super().announcement(departure)

    def _migration_cancelled(self, news: MigrationCancelled) -> None:
        self.cancelled = True
        super()._migration_cancelled(news)


@fault("lets-clients-wait-for-a-cancelled-migration", "SPICE-MIG-057")
class LetsClientsWait(MainChannel):
    """Says nothing to a client that has linked a destination where nobody goes."""

    def connected(self, *, seamless: bool) -> None:
        if self.session.departure is not None:
            self.session.departure.connected(seamless=seamless)

    def _migration_cancelled(self, news: MigrationCancelled) -> None:
        if not news.departure.waits:
            super()._migration_cancelled(news)


@fault("a-flush-mark-ends-the-server", "SPICE-MIG-027")
class FlushMarkEndsTheServer(Line):
    """Takes no clients any more after a flush mark that nobody asked for."""

    def handle(self, value: Any, now: float) -> None:
        server: Any = self.owner
        channel = self.channel
        if isinstance(value, common.MigrateFlushMark) and isinstance(channel, ServerChannel) and channel.state != "leaving":
            server.policy.here = False
            server.shutdown()
            return
        super().handle(value, now)
