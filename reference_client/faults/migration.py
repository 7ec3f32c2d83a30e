"""Faults of a client whose guest moves (spec/19-migration.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from reference_client.channels import CursorChannel, DisplayChannel, InputsChannel, MainChannel
from reference_client.channels.caches import init_message
from reference_client.channels.drawing import Drawing
from reference_client.client import Client
from reference_client.faults.fault import fault
from reference_client.host import Migration as MainSays
from reference_client.line import Line
from reference_client.migration import Key, Migration
from spiceproto.agent import AgentReader
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, main
from spiceproto.transport import Place

_MAIN = (int(ChannelType.MAIN), 0)


def _host(value: MainSays) -> bytes | None:
    if isinstance(value, main.MigrateSwitchHost):
        return value.host_data
    return value.dst_info.host_data if isinstance(value, main.MigrateBegin | main.MigrateBeginSeamless) else None


# -- linking the destination


@fault("wants-a-zero-byte-behind-hosts", "SPICE-MIG-005")
class WantsAZeroByteBehindHosts(Migration):
    """Goes nowhere where the name of the host has no zero byte at its end."""

    def hear(self, value: MainSays) -> None:
        host = _host(value)
        if host is None or host.endswith(b"\0"):
            super().hear(value)
        elif isinstance(value, main.MigrateSwitchHost):
            self.session.end("the host has no end", orderly=False)
        else:
            self.fail("the host has no end")


@fault("loses-the-last-byte-of-hosts", "SPICE-MIG-005")
class LosesTheLastByteOfHosts(Migration):
    """Takes the last byte of the host's name for the zero byte, whatever it is."""

    def hear(self, value: MainSays) -> None:
        host = _host(value)
        if host is not None and not host.endswith(b"\0"):
            if isinstance(value, main.MigrateSwitchHost):
                value = msgspec.structs.replace(value, host_data=host[:-1])
            elif isinstance(value, main.MigrateBegin | main.MigrateBeginSeamless):
                value = msgspec.structs.replace(value, dst_info=msgspec.structs.replace(value.dst_info, host_data=host[:-1]))
        super().hear(value)


@fault("links-a-new-session-ahead", "SPICE-MIG-010", "SPICE-LINK-032")
class LinksANewSessionAhead(Line):
    """Names connection id 0 when it links main at the destination."""

    def connection_id(self) -> int:
        return 0 if self.type == ChannelType.MAIN else super().connection_id()


@fault("plain-link-where-tls-was-used", "SPICE-MIG-011")
class PlainLinkWhereTlsWasUsed(Migration):
    """Links the destination without TLS wherever it has a port without."""

    def link(self, key: Key) -> None:
        assert self.place is not None
        self._open(key, not self.place.port)


@fault("no-tls-where-there-is-no-other-port", "SPICE-MIG-039")
class NoTlsWhereThereIsNoOtherPort(Migration):
    """Uses TLS at the destination only for what had it at the source."""

    def link(self, key: Key) -> None:
        self._open(key, self.session.lines[key].connection.secure)


@fault("looks-at-no-subject", "SPICE-MIG-012")
class LooksAtNoSubject(Client):
    """Compares the name of the host alone, whatever subject was announced."""

    def make_line(self, key: Key, *, secure: bool, place: Place | None = None, ahead: bool = False) -> Line:
        if place is not None:
            place = msgspec.structs.replace(place, subject="")
        return super().make_line(key, secure=secure, place=place, ahead=ahead)


@fault("no-password-at-the-destination", "SPICE-MIG-024")
class NoPasswordAtTheDestination(Line):
    """Has an empty password for the destination."""

    def password(self) -> bytes:
        return b"" if self.place is not None else super().password()


@fault("other-capabilities-at-the-destination", "SPICE-MIG-038")
class OtherCapabilitiesAtTheDestination(Line):
    """Does not announce MINI_HEADER at the destination."""

    def announced(self) -> Capabilities:
        usual = super().announced()
        return usual.without(CommonCapability.MINI_HEADER) if self.ahead else usual


@fault("connected-before-all-is-linked", "SPICE-MIG-013", "SPICE-MIG-017")
class ConnectedBeforeAllIsLinked(Migration):
    """Says that it is connected as soon as main is linked."""

    @property
    def ready(self) -> bool:
        return _MAIN in self.lines and self.lines[_MAIN].state == "ahead"


@fault("forgets-the-cursor", "SPICE-MIG-013", "SPICE-MIG-014")
class ForgetsTheCursor(Migration):
    """Does not link cursor at the destination."""

    @property
    def ready(self) -> bool:
        wanted = [key for key, line in self.session.lines.items() if line.state == "linked" and line.type != ChannelType.CURSOR]
        return all(key in self.lines and self.lines[key].state == "ahead" for key in wanted)

    def link(self, key: Key) -> None:
        if key[0] != ChannelType.CURSOR:
            super().link(key)


@fault("answers-twice", "SPICE-MIG-014", "SPICE-MIG-016")
class AnswersTwice(Migration):
    """Says twice that it is connected."""

    def answer(self, value: object) -> None:
        super().answer(value)
        if not isinstance(value, main.MigrateConnectError):
            super().answer(value)


@fault("does-not-answer", "SPICE-MIG-014")
class DoesNotAnswer(Migration):
    """Does not say that it is connected."""

    def answer(self, value: object) -> None:
        if isinstance(value, main.MigrateConnectError):
            super().answer(value)


@fault("seamless-whatever-the-destination-says", "SPICE-MIG-015", "SPICE-MIG-014", "SPICE-MIG-021")
class SeamlessWhateverTheDestinationSays(Migration):
    """Says MIGRATE_CONNECTED_SEAMLESS behind a NACK, too."""

    def answer(self, value: object) -> None:
        super().answer(main.MigrateConnectedSeamless() if isinstance(value, main.MigrateConnected) else value)


@fault("connected-unasked", "SPICE-MIG-016", "SPICE-MIG-014", "SPICE-MIG-013")
class ConnectedUnasked(MainChannel):
    """Says MIGRATE_CONNECTED behind INIT."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.MigrateConnected())


@fault("hides-failure", "SPICE-MIG-017", "SPICE-MIG-014")
class HidesFailure(Migration):
    """Says nothing where the destination does not have one of the channels."""

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        if line.type != ChannelType.MAIN and error is not None and self.phase == "linking":
            self.drop()
            return
        super().refused(line, error, stage, text)


@fault("leaves-where-it-can-not-go", "SPICE-MIG-017")
class LeavesWhereItCanNotGo(Migration):
    """Gives up the session where the destination does not have one of the channels."""

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        super().refused(line, error, stage, text)
        if line.type != ChannelType.MAIN and error is not None and not self.phase:
            self.session.end("the destination can not be linked", orderly=False)


@fault("deaf-while-it-links", "SPICE-MIG-018")
class DeafWhileItLinks(Line):
    """Answers nothing on its channels, and sends nothing there, until the destination is linked."""

    def put(self, data: bytes) -> None:
        migration = getattr(self.owner, "migration", None)
        linking = isinstance(migration, Migration) and migration.phase == "linking"
        if not linking or self.ahead or self.state != "linked" or self.type == ChannelType.MAIN:
            super().put(data)


@fault("init-ahead", "SPICE-MIG-019", "SPICE-MIG-034", "SPICE-MIG-044", "SPICE-MIG-045")
class InitAhead(Migration):
    """Says INIT of display as soon as the channel is linked at the destination."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._said: set[int] = set()

    def arrived(self, line: Line) -> None:
        if line.type == ChannelType.DISPLAY and line.connection.number not in self._said:
            self._said.add(line.connection.number)
            line.say_ahead(init_message(self.session.options))
        super().arrived(line)


@fault("asks-for-another-version", "SPICE-MIG-021")
class AsksForAnotherVersion(Migration):
    """Asks the destination whether it knows the version after that of the source."""

    def ask(self, line: Line) -> None:
        version, self.version = self.version, None if self.version is None else (self.version + 1) & 0xFFFFFFFF
        super().ask(line)
        self.version = version


# -- switch host


@fault("stays-where-nobody-is", "SPICE-MIG-008")
class StaysWhereNobodyIs(Migration):
    """Does nothing on MIGRATE_SWITCH_HOST."""

    def switch(self, place: Place) -> None:
        return


@fault("keeps-the-source-behind-switch-host", "SPICE-MIG-008")
class KeepsTheSourceBehindSwitchHost(Client):
    """Leaves its connections to the source open when it goes to another host."""

    def begin_anew(self, place: Place) -> None:
        kept = dict(self.lines)
        self.lines.clear()
        super().begin_anew(place)
        for line in kept.values():
            line.ahead = True


@fault("goes-on-behind-switch-host", "SPICE-MIG-008")
class GoesOnBehindSwitchHost(Client):
    """Names the id of the old session behind MIGRATE_SWITCH_HOST."""

    def make_line(self, key: Key, *, secure: bool, place: Place | None = None, ahead: bool = False) -> Line:
        line = super().make_line(key, secure=secure, place=place, ahead=ahead)
        if place is not None and key == _MAIN and not ahead:
            line.connection_id = lambda: 0x5EED  # type: ignore[method-assign]
        return line


# -- semi-seamless


@fault("ends-before-the-source", "SPICE-MIG-031", "SPICE-MIG-019", "SPICE-MIG-032")
class EndsBeforeTheSource(Migration):
    """Says MIGRATE_END at the destination as soon as all is linked there."""

    def answer(self, value: object) -> None:
        super().answer(value)
        if isinstance(value, main.MigrateConnected):
            self.lines[_MAIN].say_ahead(main.MigrateEnd())

    def say_end(self, line: Line) -> None:
        return


@fault("keeps-the-source-open", "SPICE-MIG-032")
class KeepsTheSourceOpen(Client):
    """Leaves its connections to the source open behind MIGRATE_END."""

    def begin_at(self, place: Place, lines: Mapping[Key, Line]) -> None:
        kept = dict(self.lines)
        self.lines.clear()
        super().begin_at(place, lines)
        for line in kept.values():
            line.ahead = True


@fault("no-init-where-it-begins-anew", "SPICE-MIG-034", "SPICE-DISPLAY-001")
class NoInitWhereItBeginsAnew(DisplayChannel):
    """Does not say INIT again at the destination of a semi-seamless migration."""

    def start(self, now: float) -> None:
        line: Any = self.line
        if line.place is None:
            super().start(now)


@fault("no-agent-start-where-it-begins-anew", "SPICE-MIG-034")
class NoAgentStartWhereItBeginsAnew(MainChannel):
    """Does not say AGENT_START again at the destination of a semi-seamless migration."""

    def send(self, *values: Any) -> None:
        line: Any = self.line
        super().send(*[value for value in values if line.place is None or not isinstance(value, main.AgentStart)])


@fault("does-not-ask-again", "SPICE-MIG-035", "SPICE-MAIN-026")
class DoesNotAskAgain(MainChannel):
    """Does not ask for the channels at the destination of a semi-seamless migration."""

    def send(self, *values: Any) -> None:
        host: Any = self.host
        anew = host.migration.phase == "beginning" and host.migration.kind == "semi-seamless"
        super().send(*[value for value in values if not anew or not isinstance(value, main.AttachChannels)])


@fault("agent-message-goes-on-anew", "SPICE-MIG-037", "SPICE-AGENT-007", "SPICE-AGENT-014")
class AgentMessageGoesOnAnew(MainChannel):
    """Goes on at the destination of a semi-seamless migration with an agent message that has begun at the source."""

    def inherit(self, before: Any) -> None:
        super().inherit(before)
        # What has begun to leave is kept for the device, behind which another agent may be.
        if isinstance(before, MainChannel):
            self.agent.outbox.unpack(*before.agent.outbox.pack())


# -- seamless


@fault("no-flush-mark", "SPICE-MIG-043", "SPICE-MIG-044")
class NoFlushMark(Migration):
    """Does not say MIGRATE_FLUSH_MARK."""

    def finish(self, line: Line, value: common.Migrate) -> None:
        line.finish(self.session.now)


@fault("flush-mark-unasked", "SPICE-MIG-043")
class FlushMarkUnasked(Migration):
    """Says MIGRATE_FLUSH_MARK behind each MIGRATE."""

    def finish(self, line: Line, value: common.Migrate) -> None:
        line.finish(self.session.now, common.MigrateFlushMark())


@fault("speaks-behind-the-flush-mark", "SPICE-MIG-043", "SPICE-MIG-050")
class SpeaksBehindTheFlushMark(Migration):
    """Says MIGRATE_FLUSH_MARK twice."""

    def finish(self, line: Line, value: common.Migrate) -> None:
        mark = [common.MigrateFlushMark()] * 2 if value.flags & MigrateFlags.NEED_FLUSH else []
        line.finish(self.session.now, *mark)


@fault("changes-the-data", "SPICE-MIG-044")
class ChangesTheData(Migration):
    """Leaves out the last byte of the data."""

    def data(self, data: bytes) -> bytes:
        return data[:-1]


@fault("loses-the-data", "SPICE-MIG-044")
class LosesTheData(Migration):
    """Hands no data over."""

    def _go(self, key: Key) -> None:
        self._data[key] = None
        super()._go(key)


@fault("data-where-there-were-none", "SPICE-MIG-044")
class DataWhereThereWereNone(Migration):
    """Hands empty data over where the source has sent none."""

    def _go(self, key: Key) -> None:
        self._data[key] = self._data[key] or b""
        super()._go(key)


@fault("init-behind-the-data", "SPICE-MIG-045", "SPICE-MIG-044")
class InitBehindTheData(Line):
    """Says INIT of display at the destination of a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        if self.type == ChannelType.DISPLAY:
            self.send(init_message(self.owner.options))


@fault("forgets-the-picture", "SPICE-MIG-060")
class ForgetsThePicture(Line):
    """Begins a new picture at the destination of a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        channel: Any = self.channel
        if isinstance(channel, DisplayChannel) and channel.drawing is not None:
            channel.drawing.close()
            channel.drawing = Drawing(channel.host, channel.id)


@fault("forgets-cached-images", "SPICE-MIG-060")
class ForgetsCachedImages(Line):
    """Drops the cached images in a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        channel: Any = self.channel
        if isinstance(channel, DisplayChannel) and channel.canvas is not None:
            channel.canvas.pixmaps.clear()


@fault("forgets-the-pointer", "SPICE-MIG-060")
class ForgetsThePointer(Line):
    """Has no pointer any more behind a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        channel: Any = self.channel
        if isinstance(channel, CursorChannel) and channel.pointer is not None:
            channel.pointer.shape = None


@fault("server-mode-behind-migration", "SPICE-MIG-060", "SPICE-MOUSE-013")
class ServerModeBehindMigration(Line):
    """Takes mode SERVER for the mouse mode behind a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        if self.type == ChannelType.MAIN:
            self.owner.pointing.mode = int(MouseMode.SERVER)


@fault("keys-go-up-on-the-way", "SPICE-MIG-050")
class KeysGoUpOnTheWay(Line):
    """Lets go of the keys that are down in a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        channel: Any = self.channel
        if isinstance(channel, InputsChannel):
            channel.release_keys()


@fault("says-lock-keys-on-the-way", "SPICE-MIG-050")
class SaysLockKeysOnTheWay(Line):
    """Says which lock keys are on behind a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        super().take_over(old, data, now)
        channel: Any = self.channel
        if isinstance(channel, InputsChannel):
            channel.send_wish(channel.key_modifiers)


@fault("forgets-half-a-message-of-the-agent", "SPICE-MIG-052")
class ForgetsHalfAMessageOfTheAgent(Line):
    """Drops what it has of an agent message in a seamless migration."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        channel: Any = old.channel
        if isinstance(channel, MainChannel):
            channel.agent.reader = AgentReader()
        super().take_over(old, data, now)


@fault("drops-the-rest-for-the-agent", "SPICE-MIG-052")
class DropsTheRestForTheAgent(Line):
    """Does not say the rest of an agent message that it has begun at the source."""

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        channel: Any = old.channel
        if isinstance(channel, MainChannel):
            outbox = channel.agent.outbox
            outbox.pack()
            outbox._queue.clear()
            outbox.waiting = outbox._begun = 0
        super().take_over(old, data, now)


# -- cancelled, and what nobody asked for


@fault("ignores-cancel", "SPICE-MIG-025")
class IgnoresCancel(Migration):
    """Keeps its links at the destination behind MIGRATE_CANCEL."""

    def cancel(self) -> None:
        return


@fault("leaves-on-cancel", "SPICE-MIG-025")
class LeavesOnCancel(Migration):
    """Ends the session on MIGRATE_CANCEL of a migration."""

    def cancel(self) -> None:
        if self.phase:
            self.session.end("cancelled", orderly=False)


@fault("stray-end-fatal", "SPICE-MIG-026")
class StrayEndFatal(Migration):
    """Ends the session on MIGRATE_END without a migration."""

    def end(self) -> None:
        if self.phase != "connected":
            self.session.end("the end of nothing", orderly=False)
            return
        super().end()


@fault("stray-migrate-fatal", "SPICE-MIG-026")
class StrayMigrateFatal(Migration):
    """Ends the session on MIGRATE or MIGRATE_DATA without a migration."""

    def moves(self, line: Line, value: common.Migrate | common.MigrateData) -> None:
        if not self.phase:
            self.session.end("a migration of nothing", orderly=False)
            return
        super().moves(line, value)


@fault("late-channels-at-the-source", "SPICE-MIG-036", "SPICE-MIG-032", "SPICE-MAIN-017")
class LateChannelsAtTheSource(Client):
    """Links channels that are listed behind a migration where the session began."""

    def make_line(self, key: Key, *, secure: bool, place: Place | None = None, ahead: bool = False) -> Line:
        if not ahead and self.migration.kind != "switch-host":
            place = None
        return super().make_line(key, secure=secure, place=place, ahead=ahead)
