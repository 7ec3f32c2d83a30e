"""``spiceproto render CAPTURE -o DIR``: what the client of a capture saw."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.command.filtering import session_number
from spiceproto.errors import LocalError, MissingExtraError, SpiceError
from spiceproto.extras import install

if TYPE_CHECKING:
    from spiceproto.capture.consumer import Consumer
    from spiceproto.filters import Marked, Selection
    from spiceproto.report.pictures import Screen

_FOREVER = 1e9
_FILM_STEP = 0.1


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="folder for the pictures; it is made")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="the picture at this time after the first packet")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="a numbered picture every so often")
    parser.add_argument("--cursor", action="store_true", help="draw the pointer too")
    parser.add_argument("--images", action="store_true", help="write every image of the wire, named by its message")
    parser.add_argument(
        "--format",
        choices=("png", "gif", "mp4"),
        default="png",
        help="pictures (default), or a film of each display (gif needs the extra pictures, mp4 video)",
    )
    parser.add_argument("--filter", metavar="EXPR", help="with --images: only those of messages that fit; everything is drawn")
    parser.add_argument(
        "--session", type=session_number, metavar="N", help="only displays of the session of this number in the capture"
    )
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Draw; exit status as the command says."""
    for name in ("at", "every"):
        value = getattr(options, name)
        if value is not None and value <= 0:
            return fail(f"--{name} takes a positive number of seconds")
    if options.filter is not None and not options.images:
        return fail("--filter says which images --images writes: pictures need all that was drawn before")
    try:
        wanted = None
        if options.filter is not None:
            from spiceproto.filters import Filter, Selection

            wanted = Selection(Filter(options.filter))
    except LocalError as error:
        return fail(error)
    try:
        folder = Path(options.output)
        folder.mkdir(parents=True, exist_ok=True)
        return _Rendering(options, folder, wanted).run()
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.filename or options.output}: {error.strerror}")
    except MissingExtraError as error:
        return fail(error)


class _Rendering:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, folder: Path, wanted: Selection | None) -> None:
        self.options = options
        self.wanted = wanted
        self.marked: Marked | None = None
        self.folder = folder
        self.count = 0
        self.images = 0
        self.films: dict[str, Any] = {}
        self.step = options.every or (_FILM_STEP if options.format != "png" else None)

    def run(self) -> int:
        from spiceproto.capture.decode import Decoder
        from spiceproto.codecs import tier
        from spiceproto.report.pictures import Pictures

        options = self.options
        if options.format != "png":
            from spiceproto.report.film import library

            library(options.format)  # what is missing is said before anything is drawn
        ticking = self.step is not None or options.at is not None
        self.pictures = pictures = Pictures(tick=self._tick if ticking else None, image=self._image if options.images else None)
        consumer: Consumer = pictures
        if self.wanted is not None:
            from spiceproto.filters import Marked

            consumer = self.marked = Marked(pictures, self.wanted)
        path = sys.stdin.buffer if options.capture == "-" else options.capture
        failure = None
        with progress(options.capture) as advance:
            try:
                decoder = Decoder(path, consumer, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
                pictures.begin(decoder)
                decoder.run()
            except SpiceError as error:
                failure = error
        pictures.finish()
        if options.at is None and self.step is None:
            self._write("")
        elif options.at is not None and not self.count:
            print(f"the capture ends before {options.at} s; this is its end", file=sys.stderr)
            self._write("")
        for film in self.films.values():
            film.close()
        said = pictures.said
        for line in said[:100]:
            print(line, file=sys.stderr)
        if len(said) > 100:
            print(f"... and {len(said) - 100} more", file=sys.stderr)
        if tier.is_slow():
            print(f"drawn without numba, which is slow: {install('numba')}", file=sys.stderr)
        if failure is not None:
            return fail(failure)
        shown = sum(1 for screen in self._screens() if screen.display.primary is not None)
        print(
            f"{shown} display{'s'[: shown != 1]} drawn into {self.folder}" + (f", {self.images} images" if self.images else "")
        )
        return 1 if pictures.problems["error"] else 0

    def _screens(self) -> list[Screen]:
        """Those that are wanted."""
        return [one for one in self.pictures.screens.values() if self.options.session in (None, one.session)]

    def _tick(self, now: float) -> float:
        """Called when capture time reaches what this returned before; -1 at the start. Returns the next time."""
        if self.options.at is not None:
            if now < 0:
                return float(self.options.at)
            self._write("")
            return _FOREVER
        assert self.step is not None
        if now < 0:
            return float(self.step)
        if self.options.format == "png":
            self._write(f"-{self.count + 1:04d}")
        else:
            self._film()
        return now + self.step

    def _write(self, suffix: str) -> None:
        from spiceproto.report.pictures import save

        self.count += 1
        for screen in self._screens():
            picture = screen.picture(cursor=self.options.cursor)
            if picture.size:
                save(picture, self.folder / f"{screen.name}{suffix}.png")

    def _film(self) -> None:
        from spiceproto.report.film import Film

        self.count += 1
        assert self.step is not None
        for screen in self._screens():
            picture = screen.picture(cursor=self.options.cursor)
            if picture.size:
                if screen.name not in self.films:
                    path = self.folder / f"{screen.name}.{self.options.format}"
                    self.films[screen.name] = Film(path, self.options.format, 1 / self.step)
                self.films[screen.name].add(picture)

    def _image(self, screen: Any, number: int, image: Any, found: Any) -> None:
        from spiceproto.canvas import surface as surfaces
        from spiceproto.report.pictures import save

        if self.options.session not in (None, screen.session) or (self.marked is not None and not self.marked.fits):
            return
        self.images += 1
        kind = re.sub(r"\W", "", getattr(image.descriptor.type, "name", str(image.descriptor.type)))
        path = self.folder / f"{screen.name}-message{number}-{kind}.png"
        count = 1
        while path.exists():
            count += 1
            path = self.folder / f"{screen.name}-message{number}-{kind}-{count}.png"
        save(surfaces.rgb(found), path)
