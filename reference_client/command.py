"""``spice-reference-client ADDRESS``: the client as a program.

Exit status: 0 for a session that ended in order, 1 for one that could not be had or broke, with the reason on standard error,
2 for wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from reference_client import Client, make_client
from reference_client.control import LINE, Control
from reference_client.display import Display
from reference_client.events import ChannelRefused, Ended, Event, Marked, as_json
from reference_client.picture import write_png
from reference_client.plan import Wish, plan
from reference_client.shell import Shell, Way
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, SpiceError

__all__ = ["main"]

_STANDS_STILL: Final = 0.3
"""Seconds without a message after which a picture is taken for whole."""

_LOOKS: Final = 5
"""How often that is looked for."""

_PICTURE_TIME: Final = 30.0
"""Seconds after which no picture is waited for any more."""

_FAILED, _USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list_faults:
        from reference_client.faults import FAULTS

        for fault in FAULTS.values():
            print(f"{fault.name:32} {fault.requirement:18} {fault.title}")
        return 0
    if not options.address and not options.control:
        parser.error("an address, a connection file or --control is needed")
    try:
        wish = _wish(options)
        if options.fault:
            from reference_client.faults import find_fault

            find_fault(options.fault)
        if options.control and wish.target == "-":
            raise LocalError("standard input is taken by questions")
        way, client_options = plan(wish) if wish.target else (None, None)
        client = None if way is None else make_client(client_options, fault=options.fault)
    except (SpiceError, OSError, ValueError) as error:
        return _fail(error, _USAGE)
    try:
        if options.control or way is None or client is None:
            return asyncio.run(_run_control(wish, options))
        return asyncio.run(_run(way, client, options))
    except KeyboardInterrupt:
        return 0
    except (SpiceError, OSError) as error:
        return _fail(error, _FAILED)


def _fail(error: object, status: int) -> int:
    print(f"spice-reference-client: {error}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spice-reference-client",
        description="A SPICE client for trying servers: links the channels, keeps the rules, shows what happens.",
    )
    add = parser.add_argument
    add("address", nargs="?", default="", metavar="URI|FILE.vv|-",
        help="spice://, spice+tls://, spice+unix://, ws:// or wss://, or connection file, - for standard input")  # fmt: skip
    add("--password", metavar="TEXT", help="the password; other users of the machine can see it in the list of processes")
    add("--password-file", metavar="FILE", help="a file whose first line is the password")
    add("--username", metavar="NAME", help="log in by SASL under this name where the server offers it")
    add("--ca-file", "--spice-ca-file", metavar="FILE", default="", help="certificates of the authorities to trust (PEM)")
    add("--host-subject", "--spice-host-subject", metavar="SUBJECT", default="",
        help="what the subject of the server's certificate must be")  # fmt: skip
    add("--secure-channels", "--spice-secure-channels", metavar="NAMES", default="",
        help="channels that are linked with TLS only, or all")  # fmt: skip
    add("--disable-channels", metavar="NAMES", default="", help="channels that are not linked")
    add("--channels", metavar="NAMES", help="channels that are linked; otherwise main,display,inputs,cursor")
    add("--server-mouse", action="store_true", help="do not ask for mouse mode client")
    add("--delete-file", action="store_true", help="delete a connection file that asks for it")
    add("--duration", type=float, metavar="SECONDS", help="leave after so long")
    add("--screenshot", metavar="FILE.png", help="write what the first display shows, and leave")
    add("--log", action="store_true", help="print what happens as JSON lines")
    add("--control", action="store_true", help="take questions as JSON lines on standard input, and answer them")
    add("--fault", metavar="NAME", help="do one thing wrong")
    add("--list-faults", action="store_true", help="print the faults there are")
    return parser


def _wish(options: argparse.Namespace) -> Wish:
    password = options.password
    if options.password_file:
        password = Path(options.password_file).read_text().partition("\n")[0]
    return Wish(
        target=options.address,
        password=password,
        username=options.username,
        ca_file=options.ca_file,
        host_subject=options.host_subject,
        secure_channels=options.secure_channels,
        disable_channels=options.disable_channels or os.environ.get("SPICE_DISABLE_CHANNELS", ""),
        channels=options.channels,
        proxy=os.environ.get("SPICE_PROXY", ""),
        delete=options.delete_file,
        canvas=bool(options.screenshot or options.control),
        prefer_client_mode=not options.server_mouse,
    )


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


async def _run(way: Way, client: Client, options: argparse.Namespace) -> int:
    """One session, until it ends or was long enough."""
    marked = asyncio.Event()
    refusals: list[ChannelRefused] = []

    def on_event(event: Event) -> None:
        if options.log:
            _print(as_json(event))
        if isinstance(event, Marked) and event.display == 0:
            marked.set()
        elif isinstance(event, ChannelRefused):
            refusals.append(event)

    shell = Shell(client, way, on_event)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, shell.disconnect)
    shell.start()
    status = 0
    try:
        if options.screenshot:
            status = await _screenshot(shell, marked, options)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(options.duration):
                    await shell.ended.wait()
    finally:
        await shell.stop()
    return status or _verdict(client.ended, refusals)


def _verdict(ended: Ended | None, refusals: list[ChannelRefused]) -> int:
    for refusal in refusals:
        _fail(f"{refusal.channel}:{refusal.id} refused ({refusal.stage}): {refusal.text}", _FAILED)
    if ended is None or not ended.orderly:
        return _fail(ended.text if ended is not None else "nothing happened", _FAILED)
    return 0


async def _screenshot(shell: Shell, marked: asyncio.Event, options: argparse.Namespace) -> int:
    """Wait until there is a picture that stands still, and write it."""
    try:
        async with asyncio.timeout(options.duration or _PICTURE_TIME):
            waiting = [asyncio.create_task(marked.wait()), asyncio.create_task(shell.ended.wait())]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            display = shell.client.part(ChannelType.DISPLAY)
            if not isinstance(display, Display):
                return 0 if shell.client.ended is not None else _fail("there is no display", _FAILED)
            # A text cursor blinks for ever; then any moment is as good as another.
            for _ in range(_LOOKS):
                seen = display.handled
                await asyncio.sleep(_STANDS_STILL)
                if seen == display.handled or shell.client.ended is not None:
                    break
    except TimeoutError:
        return _fail("there was no picture in time", _FAILED)
    try:
        write_png(options.screenshot, shell.client.picture())
    except (SpiceError, OSError) as error:
        return _fail(error, _FAILED)
    return 0


async def _run_control(wish: Wish, options: argparse.Namespace) -> int:
    """Sessions as they are asked for, until standard input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    control = Control(wish, _print, fault=options.fault)
    if wish.target:
        control.begin(wish)
    try:
        async with asyncio.timeout(options.duration):
            while not control.done:
                try:
                    line = await reader.readline()
                except ValueError:
                    return _fail(f"a question of more than {LINE} bytes", _FAILED)
                if not line:
                    break
                if line.strip():
                    await control.answer(line)
    except TimeoutError:
        pass
    finally:
        await control.stop()
    return 0
