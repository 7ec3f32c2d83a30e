"""Lip sync over loopback: how many ms a flash is shown later than its click is heard, in real time.

    python benchmarks/bench_lip_sync.py [SECONDS]

A server sends a film with sound to the reference client, over sockets: 25 frames a second as MJPEG, sound in stretches of
20 ms. Once a second a frame is white and a click begins, both with one time. What the network delays, and how wrong the
client's sound card is, stands in each line. The card plays into nothing, but for as long as the sound is.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reference_client import make_client  # noqa: E402
from reference_client.channels.display import Damaged  # noqa: E402
from reference_client.events import Event  # noqa: E402
from reference_client.plan import Wish, plan  # noqa: E402
from reference_client.shell import Shell  # noqa: E402
from reference_client.tests import film  # noqa: E402
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, SESSION, OneKey, ServerLine, init  # noqa: E402
from reference_server.guests.flash import PLACE  # noqa: E402
from spiceproto.enums.audio import AudioDataMode, AudioFmt  # noqa: E402
from spiceproto.enums.link import ChannelType  # noqa: E402
from spiceproto.messages import main, playback  # noqa: E402
from spiceproto.transport import Connection  # noqa: E402

SCENES: Final = {
    "nothing": {},
    "the display channel is delayed by 100 ms": {"video": 0.1},
    "the playback channel is delayed by 100 ms": {"audio": 0.1},
    "the sound card is slower by 0.1 %": {"rate": 0.999},
    "the sound card is faster by 0.1 %": {"rate": 1.001},
}
_CLOCK: Final = 5000
_WHITE: Final = 200
_APART: Final = 0.5
"""Seconds between two flashes, at least."""
_REST: Final = 1.5
"""Seconds behind the end, for what waits."""
_SLICE: Final = 0.002
"""Seconds between two looks at the clock."""


class Server:
    """The server's end of all connections; ``delays`` is seconds by type of channel."""

    def __init__(self, delays: dict[int, float]) -> None:
        self.policy = OneKey(dict(CHANNELS) | {film.PLAYBACK: COMMON}, sessions=(SESSION,))
        self.delays = delays
        self.lines: dict[tuple[int, int], ServerLine] = {}
        self.deaf = False
        self.now = 0.0
        self._writers: dict[Connection, asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(len(self._writers) + 1)
        self._writers[connection] = writer
        line = ServerLine(self, connection)  # type: ignore[arg-type]
        while data := await reader.read(65536):
            line.receive(data)

    def deliver(self, connection: Connection, data: bytes) -> None:
        kind = next((key[0] for key, line in self.lines.items() if line.connection == connection), 0)
        asyncio.get_running_loop().call_later(self.delays.get(kind, 0.0), self._writers[connection].write, data)

    def close(self, connection: Connection) -> None:
        self._writers[connection].close()


class Card(film.Card):
    """A sound card in the time of the loop."""

    def held(self) -> float:
        self.now = asyncio.get_running_loop().time()
        return super().held()


class Viewer:
    """A client that looks at the pixel at ``place``; ``flashes`` is when it became white, ``card`` knows of the clicks."""

    def __init__(self, port: int, card: Card, place: tuple[int, int]) -> None:
        self.flashes: list[float] = []
        self.card = card
        self.place = place
        way, options = plan(Wish(target=f"spice://127.0.0.1:{port}", play=card.play))
        self.client = make_client(msgspec.structs.replace(options, canvas=True, damage=True, held=card.held))
        self.shell = Shell(self.client, way, self.told)

    def told(self, event: Event) -> None:
        """Something was drawn."""
        if not isinstance(event, Damaged):
            return
        shown = self.client.displays[0]
        shown.take_damage()
        left, top = self.place
        now = asyncio.get_running_loop().time()
        if shown.picture()[top, left, 0] > _WHITE and (not self.flashes or now - self.flashes[-1] > _APART):
            self.flashes.append(now)

    def apart(self) -> list[float]:
        """Milliseconds that the nearest flash was later than each click, but the first and the last."""
        return [1000 * min((flash - click for flash in self.flashes), key=abs) for click in self.card.clicks[1:-1]]


async def scene(seconds: int, *, video: float = 0.0, audio: float = 0.0, rate: float = 1.0) -> list[float]:
    """Milliseconds of each flash."""
    loop = asyncio.get_running_loop()
    server = Server({ChannelType.DISPLAY: video, ChannelType.PLAYBACK: audio})
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    viewer = Viewer(listener.sockets[0].getsockname()[1], Card(rate), (0, 0))
    viewer.shell.start()
    try:
        await _until(lambda: (int(ChannelType.MAIN), 0) in server.lines)
        server.lines[int(ChannelType.MAIN), 0].send(init(clock=_CLOCK - 400))
        begin = loop.time()
        listed = [main.ChannelId(kind, number) for kind, number in (*LISTED, film.PLAYBACK)]
        server.lines[int(ChannelType.MAIN), 0].send(main.ChannelsList(tuple(listed)))
        await _until(lambda: len(server.lines) == len(listed) + 1)
        await _play(server, begin, seconds)
        await asyncio.sleep(_REST)
    finally:
        await viewer.shell.stop()
        listener.close()
    return viewer.apart()


async def program(seconds: int) -> list[float]:
    """The same of the reference server's guest ``flash``; the server is a program of its own."""
    arguments = (
        "--port",
        "0",
        "--log",
        "--disable-ticketing",
        "--guest",
        "flash",
        "--size",
        "320x240",
        "--streaming-video",
        "all",
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_server", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert server.stdout is not None
    viewer = Viewer(json.loads(await server.stdout.readline())["port"], Card(), PLACE)
    viewer.shell.start()
    try:
        await asyncio.sleep(seconds + _REST)
    finally:
        await viewer.shell.stop()
        server.terminate()
        await server.wait()
    return viewer.apart()


async def _until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(_SLICE)


async def _play(server: Server, begin: float, seconds: int) -> None:
    loop = asyncio.get_running_loop()
    screen, speaker = server.lines[int(ChannelType.DISPLAY), 0], server.lines[int(ChannelType.PLAYBACK), 0]
    made = film.Maker(_CLOCK)
    screen.send(*made.screen())
    first = (int((loop.time() - begin) * 1000) // 1000 + 1) * 1000
    start = playback.Start(channels=1, format=AudioFmt.S16, frequency=film.RATE, time=made.time(first / 1000))
    speaker.send(playback.Mode(made.time(first / 1000), AudioDataMode.RAW, b""), start)
    for at in range(first, first + seconds * 1000, film.STRETCH):
        while (wait := begin + at / 1000 - loop.time()) > 0:
            await asyncio.sleep(wait)
        speaker.send(made.stretch(at))
        if at % film.FRAME == 0:
            screen.send(made.frame(at))


def run(seconds: int) -> None:
    """Print a line for each scene."""
    print("flash later than click, ms: least, median, most; without the first and the last")
    scenes = {name: scene(seconds, **values) for name, values in SCENES.items()}
    for name, made in (scenes | {"the reference server's guest flash": program(seconds)}).items():
        found = asyncio.run(made)
        print(f"{min(found):6.1f} {statistics.median(found):6.1f} {max(found):6.1f}   {name}", flush=True)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
