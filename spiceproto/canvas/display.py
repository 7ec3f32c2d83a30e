"""One display channel: its surfaces, its streams, its caches, and what its messages do to them.

:meth:`Display.draw` takes the messages of the channel in the order in which the client handled them; those that draw
nothing are taken too, so that every message can be handed over. Nothing a server says makes it raise: what cannot be
drawn becomes a :class:`~spiceproto.canvas.problem.Problem`, and the next message finds everything else in place. A
command that fails still keeps its images and enters them into the GLZ window as far as they can be decoded, because
later messages refer to them.

Several channels of one session share the pixmap cache (all that name the same cache id) and the GLZ window (all that
name the same dictionary id): hand the same objects to their :class:`Display`. Between channels, the order matters:
hand a message over after those that its ``wait_for_channels`` names, and a GLZ image after the ones it refers to.

What a primary surface is: the one created with the flag PRIMARY, or by the old message MODE. Creating a primary
surface of the size of the one that is there keeps the latter with its pixels, as spice-gtk does; another size
replaces it. Source: ``src/channel-display.c`` of spice-gtk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import alpha_blend, blit, composite, dash, stroke, text, transparent
from spiceproto.canvas import brush as brushes
from spiceproto.canvas import rop as rops
from spiceproto.canvas import streams as videos
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.cache import PaletteCache, PixmapCache
from spiceproto.canvas.damage import Damage
from spiceproto.canvas.image import Images
from spiceproto.canvas.mask import masked
from spiceproto.canvas.problem import Problem
from spiceproto.canvas.reference import Reference, missing_in
from spiceproto.canvas.region import Box, Region, clipped
from spiceproto.canvas.surface import Surface
from spiceproto.codecs import glz
from spiceproto.enums.display import AlphaFlags, ResourceType, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.errors import LimitError, SpiceError
from spiceproto.image_places import images
from spiceproto.messages import display as messages

if TYPE_CHECKING:
    from spiceproto.messages.draw import DisplayBase, QMask
    from spiceproto.messages.geometry import Rect
    from spiceproto.messages.image import Image

__all__ = ["PROBLEMS", "SURFACES", "SURFACE_PIXELS", "Display"]

SURFACES: Final = 16384
"""Surfaces of one channel: the reference server has 10000."""
SURFACE_PIXELS: Final = 1 << 27
"""Pixels of all surfaces of one channel: 16 heads of 3840 x 2160, four bytes each."""
EACH: Final = 1 << 12
"""Pixels that a frame counts at least: it has to be looked through, too."""
PROBLEMS: Final = 1000
"""Problems that are kept; the first ones tell the story, ``problem_count`` counts on."""
PRIMARY: Final = 0
"""Id of the surface that MODE creates."""

_FRAMES: Final = (messages.StreamData, messages.StreamDataSized)

SRC, BRUSH, DEST = Ropd.INVERS_SRC, Ropd.INVERS_BRUSH, Ropd.INVERS_DEST


class Display:
    """The state of one display channel.

    ``surfaces``   by id; change them only through messages
    ``pixels``     of all surfaces together
    ``heads``      the heads of the last MONITORS_CONFIG that had any
    ``marked``     whether MARK has come
    ``decoded``    pixels of all frames of video so far: a frame of few bytes may have many
    ``damage``     which parts of surfaces have changed, for who watches; None until :meth:`watch`
    ``problems``   what could not be drawn, the first :data:`PROBLEMS`; ``problem_count`` is how many there were
    """

    def __init__(self, *, pixmaps: PixmapCache | None = None, window: glz.Window | None = None) -> None:
        self.surfaces: dict[int, Surface] = {}
        self.pixmaps = PixmapCache() if pixmaps is None else pixmaps
        self.palettes = PaletteCache()
        self.window = glz.Window() if window is None else window
        self.images = Images(self.surfaces, self.pixmaps, self.palettes, self.window)
        self.streams = videos.Streams()
        self.heads: tuple[messages.Head, ...] = ()
        self.marked = False
        self.decoded = 0
        self.damage: Damage | None = None
        self.problems: list[Problem] = []
        self.problem_count = 0
        self._primary_id: int | None = None
        self.pixels = 0
        self._number = 0
        self._late: Any = None

    @property
    def primary(self) -> Surface | None:
        """The surface that is shown, or None before there is one."""
        return None if self._primary_id is None else self.surfaces.get(self._primary_id)

    def picture(self) -> NDArray[np.uint8]:
        """What is shown: ``uint8 (h, w, 3)``, red first; 0 x 0 pixels without a primary surface."""
        return np.zeros((0, 0, 3), np.uint8) if self.primary is None else surfaces.rgb(self.primary)

    def watch(self) -> Damage:
        """Remember from now on which parts of surfaces change."""
        if self.damage is None:
            self.damage = Damage()
            for surface_id, surface in self.surfaces.items():
                self._changed(surface_id, surface)
        return self.damage

    def _changed(self, surface_id: int, surface: Surface, box: Box | None = None) -> None:
        """A part of a surface has changed, or all of it."""
        if self.damage is not None:
            whole = Box(0, 0, surface.width, surface.height)
            self.damage.add(surface_id, (whole if box is None else whole.meet(box),))

    def draw(self, message: Any, *, now: int | None = None, number: int = 0) -> None:
        """Take one message of the channel. Messages that change nothing here are ignored.

        ``now`` is the multimedia clock of the client: frames of video wait for their time on it; without it they are drawn at
        once. ``number`` is that of the message, for :class:`Problem`.
        """
        self._draw(message, now, number, waits=False)

    def attempt(self, message: Any, *, now: int | None = None, number: int = 0) -> Reference | None:
        """As :meth:`draw`; but an image that is missing, and that another channel may bring, is returned, and nothing is drawn.

        Hand the same message over again, and no other, once it is there, or :meth:`draw` it, to give up.
        """
        return self._draw(message, now, number, waits=True)

    def _draw(self, message: Any, now: int | None, number: int, *, waits: bool) -> Reference | None:
        action = self._actions.get(type(message))
        if action is None:
            return None
        if now is not None:
            self.show(now)
            if isinstance(message, _FRAMES) and not videos.is_due(message.base.multi_media_time, now):
                action = Display._wait
        self._number = number
        if message is not self._late:
            self.images.early.clear()
        try:
            action(self, message)
        except SpiceError as error:
            if waits and (missing := missing_in(error)) is not None:
                self._late = message
                return missing
            self._note(message, error)
            for image in images(message, masks=False):
                self._rescue(image, message)
        self._late = None
        return None

    def show(self, now: int | None, pixels: int | None = None) -> bool:
        """Draw the frames of video that wait and whose time has come on the multimedia clock; all of them for None.

        With ``pixels`` no more of them once so many were decoded; whether there may be more. A frame counts :data:`EACH`
        pixels at least.
        """
        before = self.decoded
        for count, frame in enumerate(self.streams.due(now), 1):
            if frame.dropped:
                with suppress(SpiceError):  # nobody was to see it
                    self.decoded += self.streams[frame.message.base.id].decoder().learn(frame.message.data)
            else:
                self.draw(frame.message, number=frame.number)
            if pixels is not None and self.decoded - before + count * EACH >= pixels:
                return True
        return False

    def _note(self, message: Any, error: SpiceError) -> None:
        self.problem_count += 1
        if len(self.problems) < PROBLEMS:
            said = message.message if isinstance(message, videos.Unshown) else message
            self.problems.append(Problem.of(error, said, self._number))

    def _rescue(self, image: Image, message: Any) -> None:
        """After a command has failed: keep what its images ask to be kept, as far as that has not happened."""
        if image.descriptor.id in self.pixmaps and not image.lz_rgb and not image.zlib_glz:
            return
        surface = self.surfaces.get(message.base.surface_id)
        try:
            self.images.touch(image, SurfaceFmt._32_xRGB if surface is None else surface.format)
        except SpiceError:
            return  # the command's own error says enough

    def _begin(self, base: DisplayBase, mask: QMask | None = None) -> tuple[Surface, Region, Box]:
        """The surface of a command, the pixels it may touch, and its box."""
        surface = self.images.surface(base.surface_id)
        box = Box.of(base.box)
        region = clipped(box, base.clip, surface.width, surface.height)
        if mask is not None:
            region = masked(region, mask, box.left, box.top, self.images)
        if self.damage is not None:
            self.damage.add(base.surface_id, region.boxes)
        return surface, region, box

    # -- surfaces ------------------------------------------------------------------------------------------------------

    def _surface_create(self, message: messages.SurfaceCreate) -> None:
        primary = bool(message.flags & SurfaceFlags.PRIMARY)
        self._create(message.surface_id, message.format, message.width, message.height, primary)

    def _mode(self, message: messages.Mode) -> None:
        format = SurfaceFmt._32_xRGB if message.bits == 32 else SurfaceFmt._16_555
        self._create(PRIMARY, format, message.x_res, message.y_res, True)

    def _create(self, surface_id: int, format: int, width: int, height: int, primary: bool) -> None:
        shown = self.primary
        if primary and shown is not None:
            if (shown.width, shown.height) == (width, height):
                return
            self._forget(self._primary_id or 0)
        old = self.surfaces.get(surface_id)
        pixels = self.pixels - (old.pixels.size if old else 0) + width * height
        if pixels > SURFACE_PIXELS or (old is None and len(self.surfaces) >= SURFACES):
            raise LimitError(
                "too many surfaces, or too large ones",
                expected=f"{SURFACES} of {SURFACE_PIXELS} pixels together",
                actual=f"{len(self.surfaces) + 1} of {pixels}",
            )
        surface = surfaces.create(format, width, height)
        self._forget(surface_id)
        self.surfaces[surface_id] = surface
        self.pixels += surface.pixels.size
        self._changed(surface_id, surface)
        if primary:
            self._primary_id = surface_id

    def _forget(self, surface_id: int) -> None:
        old = self.surfaces.pop(surface_id, None)
        if old is not None:
            self.pixels -= old.pixels.size
            self.streams.surface_gone(surface_id)
            if self.damage is not None:
                self.damage.forget(surface_id)
        if surface_id == self._primary_id:
            self._primary_id = None

    def _surface_destroy(self, message: messages.SurfaceDestroy) -> None:
        self.images.surface(message.surface_id)
        self._forget(message.surface_id)

    def _mark(self, message: messages.Mark) -> None:
        self.marked = True

    def _reset(self, message: messages.Reset) -> None:
        if self.primary is not None:
            self.primary.pixels[...] = 0
            self._changed(self._primary_id or 0, self.primary)
        self.palettes.clear()
        self.marked = False

    def _monitors_config(self, message: messages.MonitorsConfig) -> None:
        if message.heads:
            self.heads = message.heads

    # -- caches --------------------------------------------------------------------------------------------------------

    def _inval_list(self, message: messages.InvalList) -> None:
        for resource in message.resources:
            if resource.type == ResourceType.PIXMAP:
                self.pixmaps.remove(resource.id)

    def _inval_all_pixmaps(self, message: messages.InvalAllPixmaps) -> None:
        self.pixmaps.clear()

    def _inval_palette(self, message: messages.InvalPalette) -> None:
        self.palettes.remove(message.id)

    def _inval_all_palettes(self, message: messages.InvalAllPalettes) -> None:
        self.palettes.clear()

    # -- streams -------------------------------------------------------------------------------------------------------

    def _stream_create(self, message: messages.StreamCreate) -> None:
        self.streams.create(message)

    def _stream_data(self, message: messages.StreamData) -> None:
        self._frame(message.base.id, message.data, None)

    def _stream_data_sized(self, message: messages.StreamDataSized) -> None:
        self._frame(message.base.id, message.data, message.dest)

    def _wait(self, message: messages.StreamData | messages.StreamDataSized) -> None:
        self.streams.wait(videos.Frame(message, self._number))

    def _stream_unshown(self, frame: videos.Unshown) -> None:
        self.decoded += self.streams[frame.message.base.id].learn(videos.Frame(frame.message, self._number))

    def _frame(self, id: int, data: bytes, dest: Rect | None) -> None:
        stream = self.streams[id]
        surface = self.images.surface(stream.surface_id)
        for picture in stream.decoder().decode(data):
            self.decoded += picture.size
            place = stream.dest if dest is None else dest
            videos.show(surface, picture, place, stream.clip)
            self._changed(stream.surface_id, surface, Box.of(place))
            stream.frames += 1

    def _stream_clip(self, message: messages.StreamClip) -> None:
        self.streams[message.id].clip = message.clip

    def _stream_destroy(self, message: messages.StreamDestroy) -> None:
        self.streams.destroy(message.id)

    def _stream_destroy_all(self, message: messages.StreamDestroyAll) -> None:
        self.streams.clear()

    # -- commands ------------------------------------------------------------------------------------------------------

    def _draw_fill(self, message: messages.DrawFill) -> None:
        fill = message.data
        surface, region, _ = self._begin(message.base, fill.mask)
        rop = rops.from_descriptor(fill.rop_descriptor, BRUSH, DEST)
        if region.empty or rop == rops.Rop.NOOP:
            brushes.touch(fill.brush, self.images, surface.format)
            return
        brushes.draw(surface, region, brushes.resolve(fill.brush, self.images, surface.format), rop)

    def _draw_copy(self, message: messages.DrawCopy | messages.DrawBlend) -> None:
        copy = message.data
        surface, region, box = self._begin(message.base, copy.mask)
        rop = rops.from_descriptor(copy.rop_descriptor, SRC, DEST)
        if region.empty or rop == rops.Rop.NOOP:
            self.images.touch(copy.src_bitmap, surface.format)
            return
        source = self.images.source(copy.src_bitmap, surface.format)
        area = Box.of(copy.src_area)
        blit.copy(surface, region, source, area, box, rop, blit.filter_for(area, box, copy.scale_mode))

    def _draw_opaque(self, message: messages.DrawOpaque) -> None:
        opaque = message.data
        surface, region, box = self._begin(message.base, opaque.mask)
        rop = rops.from_descriptor(opaque.rop_descriptor, BRUSH, SRC)
        if region.empty or rop == rops.Rop.NOOP:
            self.images.touch(opaque.src_bitmap, surface.format)
            brushes.touch(opaque.brush, self.images, surface.format)
            return
        source = self.images.source(opaque.src_bitmap, surface.format)
        paint = brushes.resolve(opaque.brush, self.images, surface.format)
        area = Box.of(opaque.src_area)
        blit.opaque(surface, region, source, area, box, blit.filter_for(area, box, opaque.scale_mode), paint, rop)

    def _draw_blackness(self, message: messages.DrawBlackness) -> None:
        surface, region, _ = self._begin(message.base, message.data.mask)
        brushes.draw(surface, region, brushes.Solid(0), rops.Rop.COPY)

    def _draw_whiteness(self, message: messages.DrawWhiteness) -> None:
        surface, region, _ = self._begin(message.base, message.data.mask)
        brushes.draw(surface, region, brushes.Solid(0xFFFFFFFF), rops.Rop.COPY)

    def _draw_invers(self, message: messages.DrawInvers) -> None:
        surface, region, _ = self._begin(message.base, message.data.mask)
        brushes.draw(surface, region, None, rops.Rop.INVERT)

    def _draw_rop3(self, message: messages.DrawRop3) -> None:
        command = message.data
        surface, region, box = self._begin(message.base, command.mask)
        source = self.images.source(command.src_bitmap, surface.format)
        paint = brushes.resolve(command.brush, self.images, surface.format)
        area = Box.of(command.src_area)
        blit.rop3(surface, region, source, area, box, blit.filter_for(area, box, command.scale_mode), paint, int(command.rop3))

    def _draw_stroke(self, message: messages.DrawStroke) -> None:
        command = message.data
        surface, region, _ = self._begin(message.base)
        if region.empty:
            brushes.touch(command.brush, self.images, surface.format)
            return
        rop = rops.from_descriptor(command.fore_mode, BRUSH, DEST)
        paint = brushes.settled(brushes.resolve(command.brush, self.images, surface.format), surface)
        stroke.draw(surface, region, command.path, dash.style_of(command.attr), paint, rop)

    def _draw_text(self, message: messages.DrawText) -> None:
        command = message.data
        surface, region, _ = self._begin(message.base)
        if region.empty:
            brushes.touch(command.fore_brush, self.images, surface.format)
            brushes.touch(command.back_brush, self.images, surface.format)
            return
        area = Box.of(command.back_area)
        if not area.empty:
            back = brushes.resolve(command.back_brush, self.images, surface.format)
            text.background(surface, region, area, back, command.fore_mode)
        text.draw(surface, region, command.str, brushes.resolve(command.fore_brush, self.images, surface.format))

    def _draw_transparent(self, message: messages.DrawTransparent) -> None:
        command = message.data
        surface, region, box = self._begin(message.base)
        if region.empty:
            self.images.touch(command.src_bitmap, surface.format)
            return
        source = self.images.source(command.src_bitmap, surface.format)
        transparent.draw(surface, region, source, Box.of(command.src_area), box, command.true_color)

    def _draw_alpha_blend(self, message: messages.DrawAlphaBlend) -> None:
        command = message.data
        surface, region, box = self._begin(message.base)
        if region.empty or command.alpha == 0:
            self.images.touch(command.src_bitmap, surface.format)
            return
        source = self.images.original(command.src_bitmap, surface.format)
        flags = command.alpha_flags
        from_surface = command.src_bitmap is not None and command.src_bitmap.surface is not None
        alpha_blend.draw(
            surface,
            region,
            source,
            Box.of(command.src_area),
            box,
            command.alpha,
            source_has_alpha=from_surface and bool(flags & AlphaFlags.SRC_SURFACE_HAS_ALPHA),
            destination_has_alpha=bool(flags & AlphaFlags.DEST_HAS_ALPHA),
        )

    def _draw_composite(self, message: messages.DrawComposite) -> None:
        command = message.data
        surface, region, box = self._begin(message.base)
        source = self._operand(command.src_bitmap, surface)
        mask = None if command.mask_bitmap is None else self._operand(command.mask_bitmap, surface)
        from_surface = command.src_bitmap is not None and command.src_bitmap.surface is not None
        composite.draw(surface, region, box, command, source, mask, source_is_surface=from_surface)

    def _operand(self, image: Image | None, surface: Surface) -> Surface:
        """A source or mask of a composite: a surface as it is, an image as it would be copied."""
        if image is not None and image.surface is not None:
            return self.images.surface(image.surface.surface_id)
        return self.images.source(image, surface.format)

    def _copy_bits(self, message: messages.CopyBits) -> None:
        surface, region, box = self._begin(message.base)
        blit.copy_bits(surface, region, box, message.src_pos)

    _actions: Final[dict[type, Callable[[Display, Any], None]]] = {
        messages.Mode: _mode,
        messages.Mark: _mark,
        messages.Reset: _reset,
        messages.CopyBits: _copy_bits,
        messages.InvalList: _inval_list,
        messages.InvalAllPixmaps: _inval_all_pixmaps,
        messages.InvalPalette: _inval_palette,
        messages.InvalAllPalettes: _inval_all_palettes,
        messages.StreamCreate: _stream_create,
        messages.StreamData: _stream_data,
        messages.StreamClip: _stream_clip,
        messages.StreamDestroy: _stream_destroy,
        messages.StreamDestroyAll: _stream_destroy_all,
        videos.Unshown: _stream_unshown,
        messages.DrawFill: _draw_fill,
        messages.DrawOpaque: _draw_opaque,
        messages.DrawCopy: _draw_copy,
        messages.DrawBlend: _draw_copy,
        messages.DrawBlackness: _draw_blackness,
        messages.DrawWhiteness: _draw_whiteness,
        messages.DrawInvers: _draw_invers,
        messages.DrawRop3: _draw_rop3,
        messages.DrawStroke: _draw_stroke,
        messages.DrawText: _draw_text,
        messages.DrawTransparent: _draw_transparent,
        messages.DrawAlphaBlend: _draw_alpha_blend,
        messages.SurfaceCreate: _surface_create,
        messages.SurfaceDestroy: _surface_destroy,
        messages.StreamDataSized: _stream_data_sized,
        messages.MonitorsConfig: _monitors_config,
        messages.DrawComposite: _draw_composite,
    }
