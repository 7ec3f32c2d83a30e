"""Faults on the display channel (spec/07-display.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from reference_client.channels import DisplayChannel
from reference_client.channels.base import Handlers
from reference_client.channels.display import init_message
from reference_client.faults.fault import fault
from spiceproto.enums.display import ImageCompression, VideoCodecType
from spiceproto.messages import display

_COMPRESSION = display.PreferredCompression(ImageCompression.LZ)
_CODECS = display.PreferredVideoCodecType((VideoCodecType.MJPEG,))


@fault("display-asks-before-init", "SPICE-DISPLAY-001", "SPICE-DISPLAY-012", "SPICE-DISPLAY-013", "SPICE-FRAME-005")
class DisplayAsksBeforeInit(DisplayChannel):
    """Asks for a compression before INIT."""

    def start(self, now: float) -> None:
        self.send(_COMPRESSION)
        super().start(now)


@fault("display-init-twice", "SPICE-DISPLAY-002")
class DisplayInitTwice(DisplayChannel):
    """Says INIT once more when a surface is created, as if its caches were new."""

    def again(self, value: display.SurfaceCreate, now: float) -> None:
        super().on_surface_create(value, now)
        self.send(init_message(self.host.options))

    handlers: ClassVar[Handlers] = {**DisplayChannel.handlers, display.SurfaceCreate: again}


@fault("prefers-a-compression-unasked", "SPICE-DISPLAY-012", "SPICE-FRAME-005")
class PrefersACompressionUnasked(DisplayChannel):
    """Asks for a compression, whatever the server announced."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(_COMPRESSION)


@fault("prefers-codecs-unasked", "SPICE-DISPLAY-013", "SPICE-FRAME-005")
class PrefersCodecsUnasked(DisplayChannel):
    """Asks for codecs, whatever the server announced."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(_CODECS)


@fault("wrong-opcode-for-codecs", "SPICE-DISPLAY-015")
class WrongOpcodeForCodecs(DisplayChannel):
    """Takes the number of GL_DRAW_DONE for that of PREFERRED_VIDEO_CODEC_TYPE: 104 for 105."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(display.GlDrawDone())


@fault("caches-of-two-sizes", "SPICE-CACHE-020")
class CachesOfTwoSizes(DisplayChannel):
    """Shares a cache between its displays, and gives each another size for it."""

    def send(self, *values: Any) -> None:
        super().send(*[self._own_size(value) if isinstance(value, display.Init) else value for value in values])

    def _own_size(self, value: display.Init) -> display.Init:
        return msgspec.structs.replace(value, pixmap_cache_size=value.pixmap_cache_size + self.id)


@fault("unknown-surface-fatal", "SPICE-DISPLAY-022")
class UnknownSurfaceFatal(DisplayChannel):
    """Ends the session when something is drawn on a surface that it does not have."""

    def handle(self, value: Any, now: float) -> None:
        if type(value).__name__.startswith("Draw") and value.base.surface_id not in self.surfaces:
            self.host.end("no such surface", orderly=False)
        else:
            super().handle(value, now)


@fault("unknown-image-fatal", "SPICE-CACHE-009")
class UnknownImageFatal(DisplayChannel):
    """Ends the session when an image is to be dropped that it does not keep."""

    def handle(self, value: Any, now: float) -> None:
        kept = () if self.canvas is None else self.canvas.pixmaps
        if isinstance(value, display.InvalList) and any(item.id not in kept for item in value.resources):
            self.host.end("no such image", orderly=False)
        else:
            super().handle(value, now)
