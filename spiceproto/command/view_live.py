"""``spiceproto view CAPTURE --live``: the page of a capture that is still being written, served until somebody ends it."""

from __future__ import annotations

import argparse
import asyncio
import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spiceproto.command import fail
from spiceproto.command.filtering import selection
from spiceproto.command.judging import lint_of_the_suite
from spiceproto.errors import LocalError, SpiceError
from spiceproto.page_access import ANYWHERE, Place, place_of
from spiceproto.shown import file_name

if TYPE_CHECKING:
    from spiceproto.capture.live import Live
    from spiceproto.filters import Selection
    from spiceproto.view.watch import Watch

__all__ = ["run_live"]

_REST: Final = 10.0
"""Seconds for what is there to be read when the command is asked to end."""


def run_live(options: argparse.Namespace) -> int:
    """Serve; exit status as the command says."""
    from spiceproto.capture.live import Live

    if not hasattr(select, "poll"):
        return fail("this system can not wait for what is added to a file: --live needs poll")
    if options.output:
        return fail("--live serves the page; -o writes one of a capture that is whole")
    name = file_name(options.title or ("standard input" if options.capture == "-" else Path(options.capture).name))
    try:
        place = place_of(options.listen or ANYWHERE, "--listen")
        wanted = selection(options)
        serving = _Serving(options, name)
        capture = Live(options.capture, follow=True, tell=lambda fate: serving.become(fate))
    except LocalError as error:
        return fail(error)
    if not place.loopback:
        print("spiceproto: whoever is on the way to the page can listen in: it has no TLS", file=sys.stderr, flush=True)
    try:
        return asyncio.run(serving.run(capture, place, wanted))
    except OSError as error:
        return fail(f"{place.host}:{place.port}: {os.strerror(error.errno) if error.errno else error}")
    finally:
        capture.close()


class _Serving:
    """One run of the command. ``become`` is called with what becomes of the file."""

    def __init__(self, options: argparse.Namespace, name: str) -> None:
        self.options = options
        self.name = name
        self.become: Callable[[str], object] = str

    async def run(self, capture: Live, place: Place, wanted: Selection | None) -> int:
        from spiceproto.capture.decode import Decoder
        from spiceproto.signals import when_asked_to_end
        from spiceproto.view.document import live_about, live_page
        from spiceproto.view.feed import Feed
        from spiceproto.view.latest_displays import LatestDisplays
        from spiceproto.view.live_recorder import LiveRecorder
        from spiceproto.view.page_server import PageServer
        from spiceproto.view.watch import Watch

        options = self.options
        lint = None if options.no_rules else lint_of_the_suite()
        recorder = LiveRecorder(lint)
        recorder.selection = wanted
        if options.pictures is not False:
            recorder.displays = LatestDisplays(lambda: len(recorder.rows) - 1, time.monotonic)
        loop = asyncio.get_running_loop()
        asked, over = asyncio.Event(), asyncio.Event()

        def news() -> None:
            loop.call_soon_threadsafe(server.tell)

        watch = Watch(
            capture,
            Feed(recorder, _sentences),
            lambda file: Decoder(file, recorder, keylog=options.keylog, decode_as=dict(options.decode_as), live=True),
            judge=lint,
            news=news,
            over=lambda: loop.call_soon_threadsafe(over.set),
        )
        server = PageServer(place, live_page(self.name), live_about(self.name, judged=lint is not None), watch.next)
        self.become = lambda fate: watch.tell(f"the file {fate}")
        address = await server.listen()
        when_asked_to_end(asked.set)
        print(f"{self.name}: {address}", flush=True)
        watch.start()
        waits = [asyncio.ensure_future(event.wait()) for event in (asked, over)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if over.is_set() and not watch.hopeless and not options.until_end:
            self._tell(watch)
            await waits[0]
        capture.stop()
        await asyncio.to_thread(watch.join, _REST)
        await server.stop()
        for wait in waits:
            wait.cancel()
        if watch.failure is not None:
            return fail(watch.failure)
        return 1 if recorder.problems["error"] else 0

    def _tell(self, watch: Watch) -> None:
        """The capture is over, and the page is still there."""
        print(f"spiceproto: {self.name}: {watch.feed.state}; its page is served until interrupted", file=sys.stderr, flush=True)


@cache
def _all_sentences() -> Mapping[str, Mapping[str, str]]:
    from spiceproto.derive.sentences import read
    from spiceproto.siblings import PLACE
    from spiceproto.view.broken import sentences

    return sentences(set(read(PLACE / "spec")), PLACE / "spec")


def _sentences(wanted: set[str]) -> Mapping[str, Mapping[str, str]]:
    """Texts by id; none where the specification is not installed."""
    try:
        known = _all_sentences()
    except (OSError, SpiceError):
        return {}
    return {id: known[id] for id in wanted if id in known}
