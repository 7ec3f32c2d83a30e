"""The guest moves to another server, and the session goes with it (spec/19-migration.md).

    nothing is under way      ""
    MIGRATE_BEGIN*            linking      main is linked at the destination, then every channel that the source has
    MIGRATE_CONNECTED*        connected    the session goes on at the source
    MIGRATE on a channel      moving       seamless: each channel takes its state there, and goes on
    MIGRATE_END               beginning    semi-seamless: all is at the destination, and begins anew with INIT
    MIGRATE_SWITCH_HOST       beginning    a new session, which nothing was linked ahead for

The lines at the destination are made ahead (:mod:`reference_client.line`). In a seamless migration a channel goes on as the
same object: its line alone is another one. The lines at the source are closed when all have moved: a source may take the loss
of one for the loss of the session. In the other two every channel is a new object, which takes over what its user has said to
the old one: keys that are down, files that wait.

Who announces a migration twice means the second. A destination that is lost behind MIGRATE_CONNECTED can not be taken back:
when the guest has moved, a new session begins there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol

from reference_client import events
from reference_client.host import Migration as MainSays
from reference_client.line import Line, Owner, error_name
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import common, main
from spiceproto.transport import Place

__all__ = ["Key", "Migration", "Phase", "Session"]

Key = tuple[int, int]
"""Type and id of a channel."""

Phase = Literal["", "linking", "connected", "moving", "beginning"]

_MAIN: Final = (int(ChannelType.MAIN), 0)


class Session(Owner, Protocol):
    """The session that moves.

    ``lines``    its connections by type and id
    ``place``    where its server is; None for where it began
    ``leaving``  when it is over at the latest, because its user leaves; None for nobody who leaves
    """

    lines: dict[Key, Line]
    place: Place | None
    leaving: float | None

    def make_line(self, key: Key, *, secure: bool, place: Place | None, ahead: bool) -> Line:
        """A line that is to be opened."""

    def begin_at(self, place: Place, lines: Mapping[Key, Line]) -> None:
        """Everything at the source is over; these lines are what there is."""

    def begin_anew(self, place: Place) -> None:
        """Everything is over; a new session begins there."""


class Migration:
    """One session's.

    ``phase``     how far it is
    ``place``     the destination
    ``seamless``  whether source and destination agree on the state that goes over
    ``kind``      of the migration whose end was reached last
    ``lines``     what is linked ahead, by type and id
    ``left``      lines at the source whose channels have gone on
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.phase: Phase = ""
        self.place: Place | None = None
        self.version: int | None = None
        self.seamless = False
        self.lines: dict[Key, Line] = {}
        self.left: dict[Key, Line] = {}
        self._asked = False
        self._until: float | None = None
        self._data: dict[Key, bytes | None] = {}
        self.kind = ""

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        times = [line.deadline for line in self.lines.values()]
        return min([time for time in [*times, self._until] if time is not None], default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        for line in list(self.lines.values()):
            line.tick(now)
        if self._until is not None and self._until <= now:
            self.fail("the destination does not answer")

    # -- what the source says on main

    def hear(self, value: MainSays) -> None:
        """A message about a migration."""
        if isinstance(value, main.MigrateBegin):
            self.begin(place_of(value.dst_info), None)
        elif isinstance(value, main.MigrateBeginSeamless):
            self.begin(place_of(value.dst_info), value.src_mig_version)
        elif isinstance(value, main.MigrateSwitchHost):
            self.switch(place_of(value))
        elif isinstance(value, main.MigrateCancel):
            self.cancel()
        else:
            self.end()

    def begin(self, place: Place, version: int | None) -> None:
        """MIGRATE_BEGIN, or MIGRATE_BEGIN_SEAMLESS with the version of the source's data."""
        if self.phase in ("moving", "beginning"):
            return
        self.drop()
        self.place = place
        self.version = version if self.session.options.migrates("seamless") else None
        self.session.tell(
            events.MigrationBegun(
                host=place.host,
                port=place.port,
                tls_port=place.tls_port,
                subject=place.subject,
                seamless=self.version is not None,
            )
        )
        if not self.session.options.migrates("semi-seamless"):
            self.fail("the client was told to link nothing ahead")
        elif wrong := objection(place):
            self.fail(wrong)
        elif self.session.leaving is not None:
            self.fail("the user leaves")
        else:
            self.phase = "linking"
            self.link(_MAIN)

    def cancel(self) -> None:
        """MIGRATE_CANCEL: the session goes on where it is, even if some channels have gone."""
        if self.phase in ("", "beginning") or _MAIN in self.left:
            return
        for key, line in self.left.items():
            moved = self.session.lines[key]
            self.session.lines[key] = line
            line.take_back(moved, self.session.now)
            moved.close()
        for line in self.session.lines.values():
            if line.finished:
                line.take_back(line, self.session.now)
        self.left.clear()
        self.drop()
        self.session.tell(events.MigrationCancelled())

    def end(self) -> None:
        """MIGRATE_END: the guest is at the destination, and everything begins anew there."""
        place = self.place
        if self.phase != "connected" or place is None:
            return
        lines = {key: line for key, line in self.lines.items() if line.state == "ahead"}
        if _MAIN not in lines:
            self._follow(place)
            return
        for key, line in self.lines.items():
            if key not in lines:
                line.close()
        self.lines = {}
        self.phase, self.kind = "beginning", "semi-seamless"
        self.session.begin_at(place, lines)
        first = lines[_MAIN]
        first.begin(self.session.now)
        self.say_end(first)
        first.go_on(self.session.now)

    def say_end(self, line: Line) -> None:
        """MIGRATE_END for the destination: the first word there (SPICE-MIG-031)."""
        line.say_ahead(main.MigrateEnd())

    def switch(self, place: Place) -> None:
        """MIGRATE_SWITCH_HOST: the session is over here, and another one begins there."""
        if self.phase == "beginning":
            return
        if not self.session.options.migrates("switch-host"):
            self.session.end(f"the server has moved to {place.host}, and the client does not go where it is led", orderly=True)
        elif wrong := self.objection(place):
            self.session.end(f"the server has moved: {wrong}", orderly=False)
        elif self.session.leaving is not None:
            self.session.end(events.LEFT, orderly=True)
        else:
            self._follow(place)

    def objection(self, place: Place) -> str:
        """What is wrong with a destination, "" for nothing (SPICE-MIG-009)."""
        return objection(place)

    def _follow(self, place: Place) -> None:
        self.drop()
        self.phase, self.place, self.kind = "beginning", place, "switch-host"
        self.session.begin_anew(place)

    def began(self) -> None:
        """INIT has opened the session: what was linked ahead begins, too."""
        if self.phase != "beginning":
            return
        kind, place, now = self.kind, self.place, self.session.now
        self.drop()
        for line in list(self.session.lines.values()):
            if line.state == "ahead":
                line.begin(now)
                line.go_on(now)
        self._tell_end(kind, place)

    # -- linking the destination

    def link(self, key: Key) -> None:
        """Link a channel there as it is linked here (SPICE-MIG-011)."""
        source, place = self.session.lines[key], self.place
        assert place is not None
        self._open(key, source.connection.secure or not place.port)

    def _open(self, key: Key, secure: bool) -> None:
        line = self.lines[key] = self.session.make_line(key, secure=secure, place=self.place, ahead=True)
        line.open()

    def arrived(self, line: Line) -> None:
        """A line is linked there, or something has come on it."""
        if self.lines.get((line.type, line.id)) is not line:
            return
        if line.type == ChannelType.MAIN and not self._asked:
            self._asked = True
            self.ask(line)
        self.look()

    def ask(self, line: Line) -> None:
        """Ask the destination whether it knows the source's data, where both ends can do that (SPICE-MIG-021)."""
        if self.version is None or not line.server.has(MainCapability.SEAMLESS_MIGRATE):
            return
        self._until = self.session.now + self.session.options.link_timeout
        line.say_ahead(main.MigrateDstDoSeamless(self.version))

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        """A line can not be had there, or was lost."""
        key, place = (line.type, line.id), self.place
        if self.lines.get(key) is not line or place is None:
            return
        if error == LinkErr.NEED_SECURED and not line.connection.secure and place.tls_port:
            self._open(key, True)
            return
        said = "" if error is None else f": {error_name(error)}"
        why = f"{line.name} at {place.host}: {text}{said}"
        if self.phase == "linking":
            self.fail(why)
        elif key == _MAIN:
            # Nothing takes back what was said: see above.
            self._close_lines()
            self.session.tell(events.MigrationFailed(why))
        elif self.phase == "moving" and key in self._data:
            self._lose(key)

    def fail(self, text: str) -> None:
        """The destination can not be linked: say so, and go on here (SPICE-MIG-017)."""
        self.drop()
        self.answer(main.MigrateConnectError())
        self.session.tell(events.MigrationFailed(text))

    def answer(self, value: object) -> None:
        """What the source hears of it (SPICE-MIG-014)."""
        line = self.session.lines.get(_MAIN)
        if line is not None:
            line.send(value)

    @property
    def agreed(self) -> bool | None:
        """What the destination says to the question of :meth:`ask`; None while it has not answered."""
        line = self.lines.get(_MAIN)
        if line is None or not self._asked:
            return None
        if self._until is None:
            return self.seamless
        if line.has_come(main.MigrateDstSeamlessAck):
            return True
        return False if line.has_come(main.MigrateDstSeamlessNack) else None

    @property
    def ready(self) -> bool:
        """Whether every channel of the source is linked there (SPICE-MIG-013)."""
        for key, line in self.session.lines.items():
            if line.state in ("opening", "linking"):
                return False
            if line.state == "linked" and (key not in self.lines or self.lines[key].state != "ahead"):
                return False
        return True

    def look(self) -> None:
        """Whatever has happened: go on as far as that is possible."""
        if self.phase not in ("linking", "connected", "moving"):
            return
        if (agreed := self.agreed) is not None:
            self.seamless, self._until = agreed, None
        self._keep_up()
        if self.phase == "linking" and self._until is None and self.ready:
            self.phase = "connected"
            self.answer(main.MigrateConnectedSeamless() if self.seamless else main.MigrateConnected())
            self.session.tell(events.MigrationConnected(self.seamless))
        elif self.phase == "moving":
            for key in list(self._data):
                if key in self._data:
                    self._go(key)
            self._finish()

    def _keep_up(self) -> None:
        """What is linked at the source is linked ahead, too, and what was lost there is not."""
        first = self.lines.get(_MAIN)
        for key, line in list(self.session.lines.items()):
            if not self.phase:
                return  # a link failed
            if line.state == "closed" and key in self.lines:
                self.lines.pop(key).close()
            elif line.state == "linked" and line.place is not self.place and key not in self.lines:
                if key == _MAIN or first is None or first.state != "ahead":
                    return
                self.link(key)

    # -- a channel moves

    def moves(self, line: Line, value: common.Migrate | common.MigrateData) -> None:
        """MIGRATE or MIGRATE_DATA on a channel."""
        key = (line.type, line.id)
        if self.session.lines.get(key) is not line or line.place is self.place is not None:
            return
        if isinstance(value, common.MigrateData):
            if line.finished and key not in self._data:
                self._data[key] = self.data(value.data)
        elif self.phase in ("connected", "moving") and self.seamless and not line.finished:
            if self.phase == "connected" and (_MAIN not in self.lines or self.lines[_MAIN].state != "ahead"):
                assert self.place is not None
                self._follow(self.place)
                return
            self.phase = "moving"
            self.finish(line, value)
            if not value.flags & MigrateFlags.NEED_DATA_TRANSFER:
                self._data[key] = None
        self.look()

    def finish(self, line: Line, value: common.Migrate) -> None:
        """The last word on a channel of the source (SPICE-MIG-043)."""
        line.finish(self.session.now, *([common.MigrateFlushMark()] if value.flags & MigrateFlags.NEED_FLUSH else []))

    def data(self, data: bytes) -> bytes:
        """What the destination gets of what the source sent (SPICE-MIG-044)."""
        return data

    def _go(self, key: Key) -> None:
        """A channel has said and heard all at the source, and goes on at the destination, if it can yet."""
        there = self.lines.get(key)
        if there is None or there.state == "closed":
            if key == _MAIN:
                assert self.place is not None
                self._follow(self.place)
            else:
                self._lose(key)
        elif there.state == "ahead":
            here = self.session.lines[key]
            data = self._data.pop(key)
            del self.lines[key]
            self.left[key] = here
            self.session.lines[key] = there
            if key == _MAIN:
                self.session.place = self.place
            there.take_over(here, data, self.session.now)
            there.go_on(self.session.now)

    def _lose(self, key: Key) -> None:
        """The destination has no such channel any more."""
        self._data.pop(key, None)
        self.session.lines[key].drop("the destination of the migration has closed it")

    def _finish(self) -> None:
        """All have moved: nothing more is wanted of the source."""
        lines = self.session.lines.items()
        if self.phase != "moving" or any(line.state == "linked" and line.place is not self.place for _, line in lines):
            return
        late = [key for key, line in lines if line.state in ("opening", "linking") and line.place is not self.place]
        place = self.place
        for line in self.left.values():
            line.close()
        self.left.clear()
        self.drop()
        for key in late:
            self.session.lines.pop(key).close()
            self.session.open(*key)
        self._tell_end("seamless", place)

    def _tell_end(self, kind: str, place: Place | None) -> None:
        assert place is not None
        self.session.tell(events.Migrated(kind=kind, host=place.host, port=place.port, tls_port=place.tls_port))

    # -- the end

    def drop(self) -> None:
        """Nothing is under way any more; what was linked ahead is closed."""
        self._close_lines()
        self.phase, self.place, self.version, self.seamless = "", None, None, False
        self._asked, self._until = False, None
        self._data.clear()

    def _close_lines(self) -> None:
        lines, self.lines = self.lines, {}
        for line in lines.values():
            line.close()

    def close(self) -> None:
        """The session is over."""
        for line in self.left.values():
            line.close()
        self.left.clear()
        self.drop()


def place_of(value: main.DstInfo | main.MigrateSwitchHost) -> Place:
    """The destination that a message names (SPICE-MIG-005)."""
    return Place(_text(value.host_data), value.port, value.sport, _text(value.cert_subject_data))


def _text(data: bytes | None) -> str:
    return (data or b"").partition(b"\0")[0].decode("utf-8", "replace")


def objection(place: Place) -> str:
    """What is wrong with a destination, "" for nothing."""
    if not place.host:
        return "no host was named"
    return "" if place.port or place.tls_port else f"no port of {place.host} was named"
