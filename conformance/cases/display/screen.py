"""A client's display beside the suite's own canvas: both draw the same messages, and then their pictures are compared.

    screen = Screen(server)
    screen.draw(*stripes(), fill((8, 8, 40, 40), 0x102030))
    screen.expect_same()

What is sent with :meth:`Screen.send` the canvas does not draw: the client is expected to leave it out. A client that nobody can
ask for its picture is held to its answers: it goes on, and what it shows is not judged. One that takes a single picture and
leaves is sent everything on a surface that is not shown (:mod:`conformance.cases.display.aside`), and that at the end.

Cases rest on each other, so that one mistake is one failure: nobody can tell anything of a client that does not fill a box, or
that takes red for blue. :data:`RESTS` says on what, the first first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.aside import ASIDE, placed, placed_raw
from conformance.cases.display.commands import Commands
from conformance.cases.display.drawing import HEIGHT, WIDTH, copy, of_surface, stripes, surface
from conformance.channels import LISTED
from conformance.likeness import Likeness, likeness
from conformance.outcome import Failure, NotApplicable
from conformance.results import Difference
from conformance.talk import Message, Talk
from conformance.three_pictures import three_pictures
from spiceproto import dispatch, png
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.link import ChannelType
from spiceproto.errors import MissingExtraError
from spiceproto.messages import display

if TYPE_CHECKING:
    from spiceproto.canvas.display import Display

__all__ = ["ON_SIXTEEN_BITS", "PICTURE", "RESTS", "Screen", "differences", "first_wrong", "looked_at", "scene"]

PICTURE: Final = "picture"
"""Tag of a case that looks at what the client shows, where it can be asked."""

RESTS: Final = (
    "SPICE-DISPLAY-044/solid",
    "SPICE-IMAGE-013/from-the-top",
    "SPICE-IMAGE-019/bits-32",
    "SPICE-DISPLAY-045/put",
)
"""A brush of one colour; rows of an image from the top; colours of an image; and a whole one, copied."""

ON_SIXTEEN_BITS: Final = (*RESTS, "SPICE-DISPLAY-031/on-16-bits")
"""The same of a screen of 16 bits, with a brush on that."""

_CONTENT: Final = "exit status 0"
"""How a program ends that has done what it was started for."""

_Different = tuple[str, Difference]
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Screen:
    """One display channel of a session, and the canvas beside it.

    ``talk``    the channel
    ``canvas``  what the client should show
    ``commands`` what was drawn where
    ``init``    what the client said first there
    ``once``    whether the client takes one picture and leaves
    ``width``, ``height``  of the screen: a client with a window may want more than what is drawn on, which is the upper left
    """

    def __init__(
        self,
        server: SuiteServer,
        *,
        number: int = 0,
        beside: Screen | None = None,
        displays: int = 1,
        format: SurfaceFmt = SurfaceFmt._32_xRGB,
        rests: tuple[str, ...] = RESTS,
        more: tuple[tuple[int, int], ...] = (),
        arrived: bool = False,
    ) -> None:
        """``arrived``: the channel is linked, and its greeting said: the session has come here from another server."""
        # Imported where it is used: whoever runs other cases does not wait for it.
        from spiceproto.canvas.display import Display

        self.server = server
        self.once = server.target.one_picture
        self._taken = False
        self.number = number
        server.relies_on(*rests)
        self.width, self.height = [max(sides) for sides in zip((WIDTH, HEIGHT), server.target.least_screen, strict=True)]
        server.greetings["display"] = (surface(0, self.width, self.height, format),)
        if beside is None and not arrived:
            listed = (*LISTED, *[(ChannelType.DISPLAY, id) for id in range(1, displays)], *more)
            with server.preparing("a session with a display"):
                server.session((ChannelType.DISPLAY, 0), listed=tuple(listed))
        self.talk: Talk = server.linked(ChannelType.DISPLAY, number)
        self.init: display.Init = self._first()
        shared: dict[str, Any] = {} if beside is None else {"pixmaps": beside.canvas.pixmaps, "window": beside.canvas.window}
        self.canvas: Display = Display(**shared)
        self.commands = Commands(self.canvas)
        self.canvas.draw(surface(0, self.width, self.height, format))
        self.canvas.draw(display.Mark())
        if self.once:
            made = surface(ASIDE, self.width, self.height, format)
            self.talk.send(made, text="SURFACE_CREATE of the surface that its picture is made of")
            self.canvas.draw(made)

    def _first(self) -> display.Init:
        with self.server.preparing("INIT of the client"):
            self.talk.wait_count("INIT")
            found: list[Message] = self.talk.unread("INIT")
            if not found:
                raise Failure("INIT on display:0", "none")
            init: display.Init = found[0].parsed
            return init

    # -- what is drawn

    def draw(self, *values: Any, text: str = "") -> None:
        """Messages that the client carries out."""
        for value in values:
            self._send(value, text, drawn=True)
            self._draw(value)

    def send(self, *values: Any, text: str = "") -> None:
        """Messages that change nothing of what the client shows."""
        for value in values:
            self._send(value, text, drawn=False)

    def _send(self, value: Any, text: str, *, drawn: bool) -> None:
        self.talk.send(placed(value) if self.once else value, text=text)
        self.commands.add(dispatch.row_of("display", "server", value).name, value, drawn=drawn)

    def send_raw(self, number: int, body: bytes, *, text: str) -> None:
        """A drawing message in bytes, which changes nothing of what the client shows."""
        row = dispatch.row("display", "server", number)
        self.commands.add_raw(row.name if row is not None else f"type {number}", body)
        self.talk.send_raw(number, placed_raw(body) if self.once else body, text=text)

    def draw_unsent(self, *values: Any) -> None:
        """What the client has to show in another way than by these messages: on the canvas alone."""
        for value in values:
            self.commands.catch_up(value)
            self._draw(value)

    def _draw(self, value: Any) -> None:
        self.canvas.draw(placed(value) if self.once else value)
        for problem in self.canvas.problems:
            if isinstance(problem.error, MissingExtraError):
                raise NotApplicable(f"the suite can not draw it: {problem.error}")
        assert not self.canvas.problems, self.canvas.problems[0].error

    # -- what is shown

    def alive(self, why: str = "", *, within: float | None = None) -> None:
        """The client goes on. Raises Failure, NotApplicable where it has left with the one picture that it takes."""
        if self._taken:
            raise NotApplicable("it takes one picture in a session, which was right")
        try:
            self.server.alive(self.talk, why, within=within)
        except Failure:
            target = self.server.target
            self.server.run(lambda: bool(target.ended), self.server.network.quiet)
            if target.ended == _CONTENT and not self.seen:
                raise NotApplicable(
                    "it left with exit status 0 after something was drawn, as who only takes a picture does"
                ) from None
            raise

    def expect_same(self, why: str = "", *, floor: Likeness | None = None) -> None:
        """The client goes on, and shows what the canvas shows.

        ``floor``: what is enough where pictures are lossy. Raises Failure, NotApplicable where nobody can ask it.
        """
        self.alive(why)
        if not self.seen:
            raise NotApplicable("it goes on; nobody can ask the target for its picture")
        self.compare(floor=floor, why=why)

    def survives(self, why: str = "", *, within: float | None = None) -> None:
        """The client goes on and, where it can be asked, shows what the canvas shows. Raises Failure."""
        self.alive(why, within=within)
        if self.seen:
            self.compare(why=why)
        else:
            self.server.note("what it shows was not looked at: nobody can ask the target for its picture")

    @property
    def seen(self) -> bool:
        """Whether the client can be asked for its picture."""
        return self.server.target.meets("act:picture")

    def picture(self) -> NDArray[np.uint8]:
        """What the client shows: ``uint8 (h, w, 3)``, red first."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.png"
            self.server.act("picture", path=str(path), display=self.number)
            return png.decode(path.read_bytes())

    def _show(self) -> None:
        """What was drawn, on the screen."""
        if self._taken:
            raise NotApplicable("it takes one picture in a session, which was right")
        self._taken = True
        shown = copy(of_surface(ASIDE), (0, 0, self.width, self.height))
        self.talk.send(shown, text="DRAW_COPY of everything to the screen, of which it takes its picture")
        self.canvas.draw(shown)

    def compare(self, *, floor: Likeness | None = None, why: str = "") -> None:
        """The pictures are the same, sooner or later. Raises Failure."""
        if self.once:
            self._show()
        wanted = found = self.canvas.picture()

        def look() -> _Different | None:
            nonlocal found
            found = self.picture()
            return differences(wanted, found, floor)

        different = looked_at(self.server, look)
        if different is not None:
            text, difference = different
            self.server.note("spiceproto render draws from the capture what was to be seen")
            wants = f"the picture that was drawn{f' ({why})' if why else ''}: {difference.expected}"
            pixel = first_wrong(wanted, found) if floor is None else None
            place = "" if pixel is None else self.commands.over(0, *pixel)
            raise Failure(wants, text, [difference], three_pictures(wanted, found), place)


def looked_at(server: SuiteServer, look: Callable[[], _Different | None]) -> _Different | None:
    """What is different in a picture that the client is given time to make right; ``look`` says it each time."""
    began = server.now
    while True:
        asked = server.now
        different = look()
        if different is None:
            server.network.saw(asked - began)
            return None
        left = began + server.network.sight - server.now
        if left <= 0 or server.network.virtual:
            return different
        server.run(lambda: False, min(left, server.network.quiet))


def first_wrong(wanted: NDArray[np.uint8], found: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Column and row of the first pixel that differs, from the top; None where sizes differ."""
    if wanted.shape != found.shape:
        return None
    rows, columns = np.nonzero((wanted != found).any(axis=2))
    return (int(columns[0]), int(rows[0])) if len(rows) else None


def differences(wanted: NDArray[np.uint8], found: NDArray[np.uint8], floor: Likeness | None) -> _Different | None:
    """How two pictures differ, in words and as data; None if they do not."""
    if wanted.shape != found.shape:
        sizes = [f"{shape[1]} x {shape[0]}" for shape in (wanted.shape, found.shape)]
        return f"a picture of {sizes[1]}", Difference("picture", "size", *sizes)
    wrong = (wanted != found).any(axis=2)
    if not wrong.any():
        return None
    if floor is not None:
        reached = likeness(wanted, found)
        if reached.reaches(floor):
            return None
        return str(reached), Difference("picture", "PSNR and SSIM", f"at least {floor}", str(reached))
    rows, columns = np.nonzero(wrong)
    y, x = int(rows[0]), int(columns[0])
    colours = [f"#{bytes(each[y, x].tolist()).hex()}" for each in (wanted, found)]
    inside = f"from {columns.min()}, {rows.min()} to {columns.max()}, {rows.max()}"
    text = f"{colours[1]}; {len(rows)} pixels are wrong, {inside}"
    return text, Difference("picture", f"pixel {x}, {y}", *colours)


def scene(
    id: str,
    *values: Any,
    rests: tuple[str, ...] = RESTS,
    format: SurfaceFmt = SurfaceFmt._32_xRGB,
    **options: Any,
) -> Callable[[_Function], _Function]:
    """A case whose function returns what is drawn on stripes: the client shows the same as the canvas."""

    def keep(function: _Function) -> _Function:
        @wraps(function)
        def run(server: SuiteServer, *given: Any) -> None:
            screen = Screen(server, format=format, rests=rests)
            screen.draw(*stripes())
            screen.draw(*function(*given))
            screen.expect_same()

        client_case(id, *values, channel="display", tags=(PICTURE,), **options)(run)
        return function

    return keep
