"""The suite as a server: the target is a client.

A case gets a :class:`SuiteServer`. The target is asked to connect when the case first waits for it; then the case plays
the server, as well or as badly as it wants, and takes as many steps of the link stage as it wants:

    wire = server.accept()               a connection on which nothing was said; server.another() if none need come
    wire = server.asked()                ... of which the link message is read; server.next_asked() if none need come
    wire.reply()                         the link reply
    wire.login()                         mechanism and ticket are read
    wire.result()                        the link result; wire.conclude() for these two
    wire.talk()                          the messages of the channel
    wire.link()                          all that follows the link message

Whatever else a client links is served by the suite (:mod:`conformance.served_link`), at once and in every case: only main,
and what a case takes by these words, is left to the case. With :meth:`SuiteServer.taking` that is all that comes.

:meth:`SuiteServer.main`, :meth:`SuiteServer.session` and :meth:`SuiteServer.session_on` do what stands at the beginning of
most cases. Where the client has to do something of its own accord (move the pointer, press a key) the target's controls are
asked (:meth:`SuiteServer.act`).

Of a migration :attr:`SuiteServer.destination` is the second server. What the client links there it links ahead, and so nothing
is said there of the suite's own accord, until :meth:`SuiteServer.begin_anew`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from conformance import channels
from conformance.channels import LISTED
from conformance.network import ClientNetwork, Destination
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.peer import Peer
from conformance.served_link import ServedLink
from conformance.server_wire import Asked, ServerWire
from conformance.talk import Message, Talk
from conformance.target import Target
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name, channel_type
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common as common_messages
from spiceproto.messages.main import ChannelId, ChannelsList, Init

__all__ = ["BOTH_MODES", "SuiteServer"]

BOTH_MODES: Final = MouseMode.SERVER | MouseMode.CLIENT

_SESSION_ID: Final = 0x0C0FFEE1
_PROMPT: Final = 0xA77AC4
_SILENT_STARTS: Final = 5
"""After so many sessions in a row in which a client had to be prompted, it is prompted at once."""
_FIRST_PING: Final = 0x5EED


class SuiteServer(Peer):
    """The suite's end of a case about a client.

    ``talks``    the channels that are linked, by type and id
    ``links``    what was asked for in every link message that was read, in order
    ``common``   announced on all channels that the suite serves by itself instead of the usual
    ``picture``  whether a picture is shown; a client that only takes one would leave then
    ``greetings``  what is said first on channels of a type instead of the usual, by its name
    ``migrates``  what is announced of migrations on main: nothing, unless a case is about them
    ``place``    0 for the server where sessions begin, 1 for the destination of a migration
    ``ahead``    whether what is linked here is linked ahead: then nothing is said first
    """

    network: ClientNetwork

    def __init__(self, network: ClientNetwork, target: Target) -> None:
        super().__init__(network)
        self.target = target
        self.talks: dict[tuple[int, int], Talk] = {}
        self.session_id = _SESSION_ID
        self.links: list[Asked] = []
        self.common: Capabilities | None = None
        self.picture = target.interactive
        self.greetings: dict[str, tuple[Any, ...]] = {}
        self.migrates: tuple[MainCapability, ...] = ()
        self.place = 0
        self.ahead = False
        self._destination: SuiteServer | None = None
        self._announced: dict[tuple[int, int], Capabilities] = {}
        self._bare: Capabilities | None = None
        self._seen = 0
        self._waiting: list[ServerWire] = []
        """Connections that nobody has taken yet."""
        self._served: list[ServedLink] = []
        self._takers = 0
        self._serving = False
        self._invited = False
        self.add_pump(self._serve)

    def awaits(self, table: str, message: str) -> None:
        self.relies_on(*channels.shown_by("client", table, message))

    @property
    def destination(self) -> SuiteServer:
        """The second server, at an address of its own: its clock, its record and what the case rests on are the same."""
        if self._destination is None:
            found = self._destination = copy.copy(self)
            found.place, found.ahead, found._invited = 1, True, True
            found.talks, found.links, found._announced, found._bare = {}, [], {}, None
            found.greetings, found._waiting, found._served, found._seen = dict(self.greetings), [], [], 0
            found.network.destination()
            found.add_pump(found._serve)
        return self._destination

    @property
    def address(self) -> Destination:
        """Where the second server is."""
        return self.network.destination()

    def begin_anew(self) -> None:
        """The session begins anew here, or another one does: say on every channel what is said first."""
        self.ahead = False
        for talk in self.talking:
            self.greet(talk)

    @property
    def talking(self) -> list[Talk]:
        """The channels that are linked now; more of them may link while one of these is asked."""
        return list(self.talks.values())

    @property
    def main_talk(self) -> Talk:
        """The main channel."""
        return self.talks[int(ChannelType.MAIN), 0]

    # -- connections

    def invite(self) -> None:
        """Ask the target to connect; done by itself when a connection is first waited for."""
        if not self._invited:
            self._invited = True
            self.step("the target is asked to connect")
            self.target.invite(self.network)

    def invite_again(self) -> None:
        """Ask the target to connect once more, after its session."""
        self.step("the target is asked to connect once more")
        self.target.invite(self.network)

    def accept(self, within: float | None = None) -> ServerWire:
        """The next connection that the target makes. Raises Failure."""
        self.invite()
        self.step("expect a connection")
        patience = self.target.start_time + self.network.patience if within is None else within
        began = self.now
        wire = self.another(patience)
        if wire is None:
            raise Failure("a connection", f"none for {self.now - began:.1f} s{self.target.last_words()}")
        return wire

    def another(self, within: float | None = None) -> ServerWire | None:
        """One more connection, or None if none comes in a short quiet time."""
        with self.taking():
            if not self.run(lambda: bool(self._waiting), self.network.quiet if within is None else within):
                return None
            return self._waiting.pop(0)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Meanwhile the suite serves no link by itself: all that come are for the case to take."""
        self._takers += 1
        try:
            yield
        finally:
            self._takers -= 1

    def _serve(self) -> None:
        """Serve what no case is about, as far as it has come. What is sent here may make more come at once."""
        if self._serving:
            return
        self._serving = True
        try:
            while self._collect() or any(link.advance() for link in self._served):
                pass
        finally:
            self._serving = False

    def _collect(self) -> bool:
        """Look at connections that are new, or whose link message has begun; whether there are more to be served."""
        for stream in self.network.streams[self._seen :]:
            if stream.place == self.place:
                self._waiting.append(ServerWire(self, stream, on_asked=self._asked, on_talk=self._opened))
        self._seen = len(self.network.streams)
        if self._takers:
            return False
        found = [wire for wire in self._waiting if wire.wanted not in (None, ChannelType.MAIN)]
        for wire in found:
            self._waiting.remove(wire)
            wire.on_talk = self._opened_beside
            self._served.append(ServedLink(wire, capabilities=self._announces, greet=self.greet))
        return bool(found)

    def _announces(self, wire: ServerWire) -> Capabilities:
        return self._announced.get(wire.asked.channel) or self._bare or wire.usual(common=self.common)

    def announce(self, kind: int, number: int, capabilities: Capabilities) -> None:
        """What is announced on a channel that the client may link, instead of the usual."""
        self._announced[int(kind), number] = capabilities

    def _asked(self, asked: Asked) -> None:
        self.links.append(asked)
        # spice-gtk 0.42 links ahead what its program has not linked at the source.
        if not self.ahead:
            self.target.linked.add(asked.channel)

    def _opened(self, asked: Asked, talk: Talk) -> None:
        self._rely_on_headers(talk)
        self.talks[asked.channel] = talk

    def _opened_beside(self, asked: Asked, talk: Talk) -> None:
        known = self.talks.get(asked.channel)
        if asked.channel in self.target.left:
            return
        if known is None or not known.stream.open:
            self.talks[asked.channel] = talk

    def _rely_on_headers(self, talk: Talk) -> None:
        case = "SPICE-FRAME-001/client-mini" if talk.mini_header else "SPICE-FRAME-001/client-full"
        self.relies_on(case, *([f"{case}-on-{talk.table}"] if talk.table in ("inputs", "display", "cursor") else ()))

    def asked(self, *, secure: bool = False) -> ServerWire:
        """The next connection, its link message read. Raises Failure.

        ``secure``: the first with TLS; one without is answered NEED_SECURED.
        """
        wire = self.accept()
        wire.link_message()
        if wire.stream.secure or not secure:
            return wire
        wire.refuse(LinkErr.NEED_SECURED)
        wire.close()
        return self.redirected()

    def redirected(self) -> ServerWire:
        """The connection with TLS that follows NEED_SECURED, its link message read. Raises Failure."""
        self.step("expect a connection with TLS")
        wire = self.another(self.network.patience)
        if wire is None or not wire.stream.secure:
            found = "no other connection" if wire is None else "another connection without TLS"
            raise Failure("another connection, with TLS, after NEED_SECURED (5)", found)
        wire.link_message()
        return wire

    def next_asked(self, within: float | None = None) -> ServerWire | None:
        """One more connection, its link message read; None if none comes in a short quiet time. Raises Failure."""
        wire = self.another(within)
        if wire is not None:
            wire.link_message()
        return wire

    def asked_for_main(self, within: float | None = None) -> ServerWire | None:
        """The next link of main, its link message read; None if none comes in time. All other links are served meanwhile."""

        def of_main() -> list[ServerWire]:
            return [wire for wire in self._waiting if wire.wanted == ChannelType.MAIN]

        if not self.run(lambda: bool(of_main()), within):
            return None
        wire = of_main()[0]
        self._waiting.remove(wire)
        wire.link_message()
        return wire

    # -- the main channel

    def init(self, *, supported: int = BOTH_MODES, current: int = MouseMode.SERVER, hint: int = 1, clock: int = 1000) -> Init:
        """An INIT for this session."""
        return Init(
            session_id=self.session_id,
            display_channels_hint=hint,
            supported_mouse_modes=supported,
            current_mouse_mode=current,
            agent_connected=0,
            agent_tokens=0,
            multi_media_time=clock,
            ram_hint=0,
        )

    def init_and_ping(self, wire: ServerWire) -> Talk:
        """INIT on a link of main whose result was sent, and the target answers a ping behind it. Raises Failure."""
        talk = wire.talk()
        talk.send(self.init())
        self.alive(talk)
        return talk

    def main(self, *, init: Init | None = None, capabilities: Capabilities | None = None) -> Talk:
        """The main channel, linked, with INIT sent. Raises Failure if the target asks for anything else first."""
        wire = self.asked()
        if wire.asked.channel[0] != ChannelType.MAIN:
            raise Failure("a link message for main", wire.asked.name)
        talk = wire.link(self.usual() if capabilities is None else capabilities)
        self.talks[int(ChannelType.MAIN), 0] = talk  # whatever id the target has for it
        talk.send(init or self.init())
        return talk

    def list_channels(self, talk: Talk, *listed: tuple[int, int]) -> None:
        """Wait for ATTACH_CHANNELS and name channels. Raises Failure."""
        self.relies_on("SPICE-MAIN-026/server-mode-alone", "SPICE-MAIN-026/client-mode")
        self.asked_for_channels(talk)
        self.name_channels(talk, *listed)

    def asked_for_channels(self, talk: Talk, within: float | None = None) -> bool:
        """Wait for ATTACH_CHANNELS; whether it came of its own accord, in a short quiet time or ``within``. Raises Failure.

        ryll 0.3.0 asks only when something more has come behind INIT; once that was seen often enough, it comes at once.
        """
        self.relies_on("SPICE-MAIN-026/after-init")
        known = self.target.silent_starts >= _SILENT_STARTS
        usual = 0.0 if known else self.network.quiet
        unprompted = talk.wait_count("ATTACH_CHANNELS", within=usual if within is None else within)
        if unprompted or not known:
            self.target.silent_starts = 0 if unprompted else self.target.silent_starts + 1
        before = talk.count("PONG")
        if not unprompted:
            talk.send(common_messages.Ping(_PROMPT, 7, b""), text="PING, since the target has not asked for the channels")
        talk.expect("ATTACH_CHANNELS")
        if not unprompted:
            # Its answer, which may come before or behind, is nothing that a case waits for.
            talk.wait_count("PONG", before + 1)
            talk.drop("PONG")
        return unprompted

    def name_channels(self, talk: Talk, *listed: tuple[int, int]) -> None:
        """Name channels, asked or not."""
        talk.send(ChannelsList(tuple([ChannelId(kind, number) for kind, number in listed])))

    # -- the others

    def session(
        self,
        *wanted: tuple[int, int],
        listed: tuple[tuple[int, int], ...] = LISTED,
        init: Init | None = None,
        common: Capabilities | None = None,
    ) -> Talk:
        """Main, the list, and the links of the channels that are ``wanted`` (others may come later). Raises Failure.

        ``common`` stands in for what the suite announces on all channels.
        """
        displays = sum(kind == ChannelType.DISPLAY for kind, _ in listed)
        talk = self.main(init=init or self.init(hint=displays), capabilities=self.usual(common=common))
        self.common = common
        self.list_channels(talk, *listed)
        for kind, number in wanted:
            self.linked(kind, number)
        return talk

    def session_on(self, table: str, *, common: Capabilities | None = None, init: Init | None = None) -> Talk:
        """The channel that a case is about, in a new session: main, or one more behind main and the list. Raises Failure."""
        if table == "main":
            return self.main(init=init, capabilities=self.usual(common=common))
        kind = channel_type(table)
        self.session((kind, 0), common=common, init=init)
        return self.talks[int(kind), 0]

    def usual(self, kind: int = ChannelType.MAIN, *, common: Capabilities | None = None) -> Capabilities:
        """What the suite announces on a channel; ``common`` stands in for the half that all channels have."""
        found = channels.announced("server", kind, common)
        return found.with_(*self.migrates) if kind == ChannelType.MAIN else found

    def linked(self, kind: int, number: int = 0, *, capabilities: Capabilities | None = None) -> Talk:
        """A channel that a list has named, once the target has linked it.

        ``capabilities`` are announced on that channel.

        Raises NotApplicable if the target links nothing like it, Failure if it begins and does not come to the end of the link
        stage, or has linked the same channel in another case: then it could. A list should name a display too: without one
        remote-viewer links nothing else.
        """
        wanted = (int(kind), number)
        known, target, streams = wanted in self.target.linked, self.target, self.network.streams
        if wanted in target.left:
            raise NotApplicable(f"the target links {channel_name(kind)}:{number}, and closes it before it says anything there")
        if capabilities is not None:
            self.announce(*wanted, capabilities)
        while wanted not in self.talks:
            before = len(streams)
            patience = self.network.quiet if wanted in target.unlinked else self.network.patience
            if not self.run(lambda: wanted in self.talks or len(streams) > before, patience):  # noqa: B023 - called at once
                self._finish_links(wanted)
                if wanted in self.talks:
                    break
                name = f"{channel_name(kind)}:{number}"
                if known:
                    raise Failure(f"a link of {name}, which a list has named", "none, though it linked it in other sessions")
                target.unlinked.add(wanted)
                raise NotApplicable(f"the target links no {name}")
        target.unlinked.discard(wanted)
        self._rely_on_headers(self.talks[wanted])
        return self.talks[wanted]

    def link_others(self, capabilities: Capabilities | None = None) -> None:
        """Wait until the target has linked all that it wants to: none more comes in a short quiet time.

        ``capabilities`` are announced from now on, on every channel. Raises Failure if it begins a link stage and does not
        come to its end.
        """
        self._bare = capabilities
        before = -1
        while before < len(self.network.streams):
            before = len(self.network.streams)
            self.run(lambda: len(self.network.streams) > before, self.network.quiet)  # noqa: B023 - called at once
        self._finish_links()
        while self._waiting:
            self._waiting.pop(0).link_message()

    def _finish_links(self, *wanted: tuple[int, int]) -> None:
        """See the links to their end that have begun: these, or all. Raises Failure."""

        def begun() -> list[ServedLink]:
            return [link for link in self._served if not link.over and (not wanted or link.channel in wanted)]

        if begun() and not self.run(lambda: not begun()):
            raise begun()[0].failure()

    def greet(self, talk: Talk) -> None:
        """The first messages of a server on a channel; none on one that is linked ahead."""
        if self.ahead:
            return
        row = channels.greeting(talk.table)
        talk.send(*self.greetings.get(talk.table, row.server_says), *(row.shown if self.picture else ()))

    # -- whether it goes on

    def so_far(self, talk: Talk, *names: str, why: str = "", within: float | None = None) -> list[Message]:
        """What has come with these names once the target has dealt with all that was sent to it. Raises Failure.

        A ping is sent, and its answer waited for, ``within`` so many seconds. What lies in the inbox counts as well.
        """
        number = talk.count("PONG") + _FIRST_PING
        talk.send(common_messages.Ping(number, 7, b""), text="PING, to see that the target goes on")
        found: list[Message] = []
        try:
            while True:
                message = talk.expect_message("PONG", *names, within=within, text=f"PONG {number}")
                if message.name != "PONG":
                    found.append(message)
                elif message.value is not None and message.value.id == number:
                    return found
        except Failure as failure:
            raise Failure(f"the target goes on{f' ({why})' if why else ''}: PONG {number}", failure.actual) from None

    def alive(self, talk: Talk, why: str = "", *, within: float | None = None) -> None:
        """The target answers a ping: it has dealt with what was sent before. Raises Failure."""
        talk.drop()
        self.so_far(talk, why=why, within=within)

    # -- what the target is asked to do

    def act(self, verb: str, **values: Any) -> Any:
        """Have the client do something of its own accord; what it answers is given back.

        Raises NotApplicable where nobody can ask it, Failure where it says no, and Blocked where it has closed a channel
        before: what was wrong is there.
        """
        if any(stream.unsent for stream in self.network.streams):
            self.run(lambda: not any(stream.unsent for stream in self.network.streams))
        try:
            return self.target.tell(self, verb, values)
        except Failure as failure:
            self.pump_all()
            closed = [talk.name for talk in self.talking if talk.closed]
            if not closed:
                raise
            raise Blocked(f"{verb}: the target has closed {', '.join(closed)} before; it says {failure.actual}") from failure
