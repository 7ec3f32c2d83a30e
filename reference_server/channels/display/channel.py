"""The channel: it begins with the client's INIT, watches a screen, and says what it draws as fast as the client takes it.

Nothing is said before INIT, for which there is a time. Then come the surfaces, all that is on them, and what happens from
then on. Commands wait in a pipe while the client has to acknowledge others, and are encoded when it is their turn. When
too much waits, all of it gives way to pictures of the surfaces as they are.

A client without COMPOSITE gets what a composite has made of the surface, and one without A8_SURFACE never hears of such a
surface: what takes pixels from one reaches it as a picture, too. So does what makes spice-gtk 0.42 end itself: DRAW_ROP3 with
an operation that ignores brush, image or surface, or with an image that is scaled; and a copy from a surface with more or
fewer bits a pixel.

When the session leaves for another server seamlessly, streams end and all that waits is said; there the client has the same
surfaces, with the same pixels, and gets of them what the guest has drawn meanwhile (``changes.py``), and nothing again.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from reference_server.channels import moving
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.channels.display.caches import Caches, GlzDictionary, PixmapCache
from reference_server.channels.display.changes import Changes
from reference_server.channels.display.encoder import Encoder
from reference_server.channels.display.pipe import Drawing, Pipe, drawing_of
from reference_server.channels.display.video import Video
from reference_server.clock import MultimediaClock
from reference_server.compression import CompressionChanged
from reference_server.guest import Drawn, HeadsChanged, Pushed, Resized, Screen
from reference_server.guest.command import DRAWN, Command, is_inside
from reference_server.guest.screen import PRIMARY
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from reference_server.streaming import StreamBegan, StreamEnded, StreamingChanged
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression, SurfaceFmt
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import display, migration
from spiceproto.messages.geometry import Rect

__all__ = ["DisplayChannel"]

SURFACES: Final = 10_000
"""Most surfaces of one display, as with libspice-server."""

_COMMANDS: Final = 1000
"""Commands that wait before pictures take their place: about what a client draws in a second."""

_SERIALS: Final = 4
"""Display channels whose numbers of messages are in the data of a migration."""

_ENCODERS: Final = 16
"""That libspice-server lets share a dictionary."""

_LOSSY_AREA: Final = 16
"""Bytes of a rectangle."""

_FURTHEST: Final = 1 << 60
"""Largest number of a message, or of an image, that a session from another server goes on with."""

_MIXED: Final = (display.DrawComposite, display.DrawAlphaBlend)
"""What combines pixels of any depth."""

_SHOWN: Final = ("shown",)


def _is_usual(command: display.DrawRop3) -> bool:
    """Whether it depends on brush, image and surface, and the image is there and not scaled (SPICE-DISPLAY-050)."""
    rop3, area, box = command.data.rop3, command.data.src_area, command.base.box
    image = command.data.src_bitmap
    if image is None or not all(rop3 >> shift & mask != rop3 & mask for shift, mask in ((4, 0x0F), (2, 0x33), (1, 0x55))):
        return False
    whole = Rect(top=0, left=0, bottom=image.descriptor.height, right=image.descriptor.width)
    same = (area.right - area.left, area.bottom - area.top) == (box.right - box.left, box.bottom - box.top)
    return same and is_inside(area, whole)


def surfaces_of(data: migration.Display) -> frozenset[int]:
    """The surfaces that the client has, says the source. Raises RemoteError for a list that is none."""
    at_client = data.surfaces_at_client_ptr
    if at_client is None:
        return frozenset()
    size, count = len(at_client.surfaces), at_client.num_surfaces
    each = next((each for each in (4, 4 + _LOSSY_AREA) if size == each * count), 0)
    if not each or count > SURFACES:
        raise RemoteError(
            "this is no list of surfaces",
            path="surfaces_at_client_ptr.surfaces",
            expected=f"4 or {4 + _LOSSY_AREA} bytes for each of at most {SURFACES}",
            actual=f"{size} bytes for {count}",
        )
    return frozenset([int.from_bytes(at_client.surfaces[at : at + 4], "little") for at in range(0, size, each)])


class DisplayChannel(ServerChannel):
    """Shows one display of the guest. In state ``linked`` the client's INIT is waited for, in ``shown`` it has come.

    * ``pipe``: what waits
    * ``encoder``: what commands become; there is none before INIT
    * ``video``: the streams
    * ``created``: the surfaces that the client has, by number
    * ``changes``: what has changed since the guest came from another server; None if the channel was not there
    """

    carried = migration.Display
    video_class: ClassVar[type[Video]] = Video

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.clock = session.shared(MultimediaClock)
        self._deadline: float | None = None
        self.pipe = Pipe()
        self.video = self.video_class(
            self.pipe, host.streaming, self.client_has, lambda surface, box: self.screen.copy(surface, box)
        )
        self.encoder: Encoder | None = None
        self.created: dict[int, display.SurfaceCreate] = {}
        self.changes: Changes | None = None
        self._hidden: set[int] = set()

    @property
    def screen(self) -> Screen:
        """What the display shows."""
        return self.host.guest.screens[self.id]

    def start(self, now: float) -> None:
        self._deadline = now + self.host.options.display_init_timeout

    @property
    def deadline(self) -> float | None:
        return self.video.deadline if self._deadline is None else self._deadline

    def tick(self, now: float) -> None:
        if self._deadline is not None and now >= self._deadline:
            self.line.drop("INIT of the display channel did not come")
        elif self.encoder is not None:
            self.video.tick(now)
            self.ready()

    def end(self, now: float) -> None:
        super().end(now)
        self.session.shared(Caches).leave(self.line.key)
        self.pipe.clear()
        self.video.forget()

    # -- the beginning

    def _init(self, value: display.Init, now: float) -> None:
        self.state = "shown"
        self._deadline = None
        pixmaps, words = self.session.shared(Caches).join(
            self.line.key,
            (value.pixmap_cache_id, value.pixmap_cache_size),
            (value.glz_dictionary_id, value.glz_dictionary_window_size),
        )
        self._open(pixmaps, words)
        self.send(display.InvalAllPalettes())
        self.show()
        for surface in self.screen.surfaces[1:]:
            self._add_surface(surface)
        self.ready()

    def _open(self, pixmaps: PixmapCache, words: GlzDictionary) -> Encoder:
        """From now on the client hears what is drawn."""
        lz4 = self.client_has(DisplayCapability.LZ4_COMPRESSION)
        self.encoder = found = Encoder(self.line.key, pixmaps, words, self.host.compression, lz4=lz4)
        self.line.set_ack()
        self.watch(self.host.compression, self._compression_changed, CompressionChanged)
        self.watch(self.host.streaming, self._streaming_changed, StreamingChanged)
        self.watch(self.screen, self._drawn, Drawn)
        self.watch(self.screen, self._pushed, Pushed)
        self.watch(self.screen, self._resized, Resized)
        self.watch(self.screen, self._heads_changed, HeadsChanged)
        return found

    def show(self) -> None:
        """The primary surface and all that is on it."""
        self._add_surface(self.screen.surfaces[0])
        self._add_heads()
        self.pipe.add(display.Mark())
        self.ready()

    def _add_surface(self, surface: display.SurfaceCreate) -> None:
        """A surface with its picture."""
        if surface.format == SurfaceFmt._8_A and not self.client_has(DisplayCapability.A8_SURFACE):
            self._hidden.add(surface.surface_id)
            return
        self.pipe.add(surface)
        self._add_picture(surface.surface_id)

    def _add_picture(self, surface: int) -> None:
        picture = self.screen.copy(surface)
        assert picture is not None
        self.pipe.add(picture, whole=True)

    def _add_heads(self) -> None:
        if self.client_has(DisplayCapability.MONITORS_CONFIG):
            heads = self.screen.heads
            self.pipe.add(display.MonitorsConfig(len(heads), heads))

    # -- migration

    def settle(self, now: float) -> None:
        """Streams end, and the pictures behind them are said (SPICE-MIG-047): what the client has is what the guest shows."""
        encoder = self.encoder
        if encoder is None:
            return
        self.end_streams()
        if self.pipe.size > self.host.options.queue:
            self._renew()
        while self.pipe.waiting and self.line.open:
            self._say(encoder, self.pipe.take())

    def end_streams(self) -> None:
        """Have no streams any more."""
        self.video.end_all()

    def pack(self, now: float) -> migration.Display:
        caches, encoder = self.session.shared(Caches), self.encoder
        if encoder is None:  # the client has said no INIT: it has nothing
            pixmaps, words, numbers = PixmapCache(0), GlzDictionary(0), (0, 0)
        else:
            pixmaps, words, numbers = encoder.pixmaps, encoder.words, caches.names(self.line.key)
        serials = [pixmaps.said.get((self.line.key[0], number), 0) for number in range(_SERIALS)]
        return migration.Display(
            header=moving.header(migration.Display),
            # MIGRATE_DATA itself is the last message here.
            message_serial=self.line.last_serial + 1,
            low_bandwidth_setting=0,
            pixmap_cache_id=numbers[0],
            pixmap_cache_size=pixmaps.size,
            pixmap_cache_freezer=int(pixmaps.freeze()),
            pixmap_cache_clients=tuple(serials),
            glz_dict_id=numbers[1],
            glz_dict_data=migration.GlzDictionary(size=words.pixels, max_encoders=_ENCODERS, last_image_id=words.next_id),
            surfaces_at_client_ptr=self._at_client(),
        )

    def _at_client(self) -> migration.SurfacesAtClient:
        """The surfaces that the client has; where JPEG is used, each with the area that may be a little off, which is none."""
        lossy = bytes(_LOSSY_AREA) if self.host.compression.jpeg else b""
        return migration.SurfacesAtClient(
            num_surfaces=len(self.created),
            surfaces=b"".join([number.to_bytes(4, "little") + lossy for number in self.created]),
        )

    def guest_came(self) -> None:
        self.changes = changes = Changes()
        self.watch_early(self.screen, changes.note, Drawn, Pushed, Resized, HeadsChanged)

    def go_on(self, data: migration.Display, now: float) -> None:
        had = surfaces_of(data)
        if data.message_serial > _FURTHEST or data.glz_dict_data.last_image_id > _FURTHEST:
            raise RemoteError("a number is too large to go on from", expected=f"at most {_FURTHEST}")
        self.state = "shown"
        words = data.glz_dict_data
        pixmaps, dictionary = self.session.shared(Caches).arrive(
            self.line.key, data.pixmap_cache_id, (data.glz_dict_id, words.size, words.last_image_id)
        )
        self.messages.writer.serial = max(self.first_serial(data) - 1, 0)
        encoder = self._open(pixmaps, dictionary)
        for number, serial in enumerate(data.pixmap_cache_clients):
            place = (self.line.key[0], number)
            pixmaps.said[place] = max(pixmaps.said.get(place, 0), serial)
        if data.pixmap_cache_freezer:
            self.send(encoder.begin_anew(data.pixmap_cache_size, self.line.last_serial + 1))
        self.forget_palettes()
        self.compare(had)
        self.ready()

    def forget_palettes(self) -> None:
        """Nobody knows here which palettes the client has kept (SPICE-MIG-049)."""
        self.send(display.InvalAllPalettes())

    def first_serial(self, data: migration.Display) -> int:
        """The number of the first message here, which the source's last had (SPICE-MIG-055)."""
        return data.message_serial

    def compare(self, had: frozenset[int]) -> None:
        """The client has surfaces from the source, as they were when the guest came: what of them is not there any more goes,
        what it does not have comes, and so does what the guest has drawn since.
        """
        there = {surface.surface_id: surface for surface in self.screen.surfaces}
        changes, self.changes = self.changes, None
        same = frozenset() if changes is None else had & there.keys() - changes.others
        for number in had:
            if number in same:
                self.created[number] = there[number]
            else:
                self.pipe.add(display.SurfaceDestroy(number))
        if PRIMARY not in same:
            self.show()
        for number, surface in there.items():
            if number != PRIMARY and number not in same:
                self._add_surface(surface)
        if changes is None:
            return
        for number in same & changes.boxes.keys():
            part = self.screen.copy(number, changes.boxes[number])
            if part is not None:
                self.pipe.add(part)
        if changes.heads and PRIMARY in same:
            self._add_heads()

    # -- on the way out

    def ready(self) -> None:
        line, encoder = self.line, self.encoder
        pipe = self.pipe
        assert encoder is not None or not pipe
        while pipe.waiting and encoder is not None and line.open and line.free:
            self._say(encoder, pipe.take())
        if len(pipe.waiting) > _COMMANDS or pipe.size > self.host.options.queue:
            self._renew()

    def _say(self, encoder: Encoder, drawing: Drawing) -> None:
        found = None if drawing.frame is None else self.video.messages(drawing.frame, drawing.command)
        if found is not None:
            self.send(*found)
            return
        if drawing.body is None:
            self._note(drawing.command)
        self.send(*encoder.encode(drawing))
        encoder.sent(self.line.last_serial)

    def _note(self, command: Command) -> None:
        before = set(self.video.there)
        self.video.note(command)
        for number in before - self.video.there:
            self.host.streaming.tell(StreamEnded(self.line.connection, number))
        if isinstance(command, display.StreamCreate):
            self.host.streaming.tell(StreamBegan(self.line.connection, command))
        if isinstance(command, display.SurfaceCreate):
            self.created[command.surface_id] = command
        elif isinstance(command, display.SurfaceDestroy):
            self.created.pop(command.surface_id, None)

    def _renew(self) -> None:
        """Too much waits: pictures of all surfaces as they are take its place."""
        self.pipe.clear()
        self.video.renew()
        there = {surface.surface_id: surface for surface in self.screen.surfaces if surface.surface_id not in self._hidden}
        for number, surface in self.created.items():
            if there.get(number) != surface:
                self.pipe.add(display.SurfaceDestroy(number))
        for number, surface in there.items():
            if self.created.get(number) != surface:
                self.pipe.add(surface)
            self._add_picture(number)
        self._add_heads()
        self.pipe.add(display.Mark())

    # -- what the guest does

    def _drawn(self, news: Drawn) -> None:
        self._add_part(PRIMARY, news.box)

    def _add_part(self, surface: int, box: Any) -> None:
        part = self.screen.copy(surface, box)
        if part is not None:
            self._take(drawing_of(part))

    def _take(self, drawing: Drawing) -> None:
        """What the guest has drawn is sent now, or waits."""
        if self.video.looks:
            found = self.video.look(drawing, self.host.now)
            if found is None:
                return
            drawing = found
        if self.encoder is not None and not self.pipe.waiting and self.line.open and self.line.free:
            self._say(self.encoder, drawing)
            return
        number = self.pipe.put(drawing)
        if drawing.frame is not None:
            drawing.frame.stream.waits = number
        self.ready()

    def _pushed(self, news: Pushed) -> None:
        command = news.command
        if news.body is not None:
            self._take(drawing_of(command, body=news.body))
            return
        if isinstance(command, display.SurfaceCreate):
            if command.format == SurfaceFmt._8_A and not self.client_has(DisplayCapability.A8_SURFACE):
                self._hidden.add(command.surface_id)
                return
        elif isinstance(command, display.SurfaceDestroy):
            if command.surface_id in self._hidden:
                self._hidden.discard(command.surface_id)
                return
        elif command.base.surface_id in self._hidden:
            return
        drawing = drawing_of(command)
        if self._is_beyond(command, drawing.sources):
            self._add_part(command.base.surface_id, command.base.box)
            return
        self._take(drawing)

    def _is_beyond(self, command: Command, taken: frozenset[int]) -> bool:
        """Whether the client can not carry the command out, which takes pixels from these surfaces."""
        if isinstance(command, display.DrawComposite) and not self.client_has(DisplayCapability.COMPOSITE):
            return True
        if isinstance(command, display.DrawRop3) and not _is_usual(command):
            return True
        if not taken or not isinstance(command, DRAWN) or isinstance(command, display.CopyBits):
            return False
        if not self._hidden.isdisjoint(taken):
            return True
        depth = self.screen.depth(command.base.surface_id)
        return not isinstance(command, _MIXED) and any(self.screen.depth(surface) != depth for surface in taken)

    def _resized(self, news: Resized) -> None:
        self.video.leave()
        self.pipe.add(display.SurfaceDestroy(PRIMARY))
        self.show()

    def _heads_changed(self, news: HeadsChanged) -> None:
        self._add_heads()
        self.ready()

    # -- what is wished

    def _compression_changed(self, news: CompressionChanged) -> None:
        assert self.encoder is not None
        self.encoder.prefer(self.host.compression.kind)

    def _preferred_compression(self, value: display.PreferredCompression, now: float) -> None:
        assert self.encoder is not None
        announced = self.host.listing.channels[self.line.key].has(DisplayCapability.PREF_COMPRESSION)
        if announced and self.host.compression.can(value.image_compression):
            self.encoder.prefer(ImageCompression(value.image_compression))

    def _streaming_changed(self, news: StreamingChanged) -> None:
        if self.host.streaming.mode == "off":
            self.video.end_all()
            self.ready()

    def _preferred_video_codec_type(self, value: display.PreferredVideoCodecType, now: float) -> None:
        self.video.prefer(value.codecs)

    def _stream_report(self, value: display.StreamReport, now: float) -> None:
        late = self.video.reported(value, now)
        if late:
            self.clock.late(late)
        self.ready()

    handlers: ClassVar[Handlers] = {
        display.Init: Handler(_init, ("linked",)),
        display.PreferredCompression: Handler(_preferred_compression, _SHOWN),
        display.PreferredVideoCodecType: Handler(_preferred_video_codec_type, _SHOWN),
        display.StreamReport: Handler(_stream_report, _SHOWN),
    }
