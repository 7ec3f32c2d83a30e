"""``spice-reference-client ADDRESS``: the client as a program.

Exit status: 0 for a session that ended in order, 1 for one that could not be had or broke, with the reason on standard error,
2 for wrong usage, 4 for a mistake of the client itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from reference_client import Client, make_client
from reference_client.arguments import check_sound, check_together, make_parser, wish_of
from reference_client.beside import Beside
from reference_client.control import Control
from reference_client.events import ChannelRefused, Event, NotDrawn, as_json
from reference_client.line import error_name
from reference_client.notices import Notices
from reference_client.output_files import words
from reference_client.plan import Wish, plan
from reference_client.shell import Shell
from spiceproto.capture_file import CaptureFile
from spiceproto.control_socket import Answer, ControlSocket, converse_on_standard_input
from spiceproto.controls.audience import Audience, Listener
from spiceproto.enums.link import LinkErr
from spiceproto.errors import SpiceError
from spiceproto.log_lines import in_text
from spiceproto.signals import when_asked_to_end
from spiceproto.way import Way

__all__ = ["main"]

_FAILED, _USAGE, _MISTAKE = 1, 2, 4

_ADVICE: Final = {
    "wants SASL": "--username NAME logs in by it",
    "is not trusted": "--ca-file FILE names who signed it",
}
"""What can be done where these words are in a refusal."""

_NO_PASSWORD: Final = "--password-file FILE has the password"
_WRONG: Final = "the password is wrong, or no longer good; with SASL it may be the name"
_GONE: Final = "its guest may have left for another server, or not have come yet"
"""What may be behind a refused login."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.list_faults:
        from reference_client.faults import FAULTS

        for fault in FAULTS.values():
            print(f"{fault.name:32} {fault.requirement:18} {fault.title}")
        return 0
    if not options.address and not options.control and not options.control_socket:
        parser.error("an address, a connection file or --control is needed")
    try:
        wish = wish_of(options)
        check_together(options)
        beside = Beside(options)
        wish = beside.wish(wish)
        if options.fault:
            from reference_client.faults import FAULTS

            FAULTS.make(options.fault)
        noted: list[Event] = []
        # With questions a session of its own reads the file, and obeys it.
        first = msgspec.structs.replace(wish, tell=noted.append, delete=wish.delete and not options.control)
        if beside.view is not None:
            first = beside.view.wish(first)
        way, client_options = plan(first) if wish.target else (None, None)
        if client_options is not None and client_options.channels is not None:
            check_sound(options, client_options.channels)
        client = None if way is None else make_client(client_options, fault=options.fault)
        capture = None if options.capture is None else CaptureFile(options.capture, application=parser.prog, tell=_complain)
    except (SpiceError, OSError, ValueError) as error:
        return _fail(error, _USAGE)
    try:
        if options.control or options.control_socket or way is None or client is None:
            return _written(capture, asyncio.run(_run_control(wish, options, beside, capture)))
        return _written(capture, asyncio.run(_run(way, client, options, beside, capture, noted)))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:  # nobody reads what is printed any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SpiceError, OSError) as error:
        return _fail(error, _FAILED)
    except Exception as error:
        if options.verbose:
            traceback.print_exc()
        more = "" if options.verbose else " (--verbose prints where)"
        return _fail(f"a mistake of the client itself: {type(error).__name__}: {error}{more}", _MISTAKE)
    finally:
        _written(capture, 0)
        if beside.audio is not None:
            beside.audio.close()
            for failure in beside.audio.failures:
                _fail(failure, 0)


def _fail(error: object, status: int) -> int:
    print(f"spice-reference-client: {words(error)}", file=sys.stderr)
    return status


def _written(capture: CaptureFile | None, status: int) -> int:
    """The status, when the capture is whole; another one where it is not."""
    if capture is None:
        return status
    capture.close()
    return status or (_FAILED if capture.failure else 0)


def _complain(text: str) -> None:
    _fail(text, 0)


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def _print_text(line: dict[str, Any]) -> None:
    print(in_text(line), flush=True)


async def _run(
    way: Way,
    client: Client,
    options: argparse.Namespace,
    beside: Beside,
    capture: CaptureFile | None,
    noted: Sequence[Event],
) -> int:
    """One session, until it ends or was long enough; ``noted`` happened before it."""
    refusals: list[ChannelRefused] = []
    holes: list[NotDrawn] = []
    notices = Notices(_complain)

    def on_event(event: Event) -> None:
        if options.log == "text":
            _print_text(as_json(event))
        elif options.log:
            _print(as_json(event))
        else:
            notices.on_event(event)
        beside.on_event(event)
        if isinstance(event, ChannelRefused):
            refusals.append(event)
        if isinstance(event, NotDrawn):
            holes.append(event)

    for event in noted:
        on_event(event)
    shell = Shell(client, way, on_event, capture=capture)
    when_asked_to_end(shell.disconnect)
    await beside.begin(shell)
    shell.start()
    status = 0
    try:
        failure = await beside.wait(shell, options.duration)
        status = _fail(failure, _FAILED) if failure else 0
    finally:
        await beside.stop()
        await shell.stop()
        for failure in beside.close():
            status = _fail(failure, _FAILED)
    if holes and not options.log:
        first = f"{holes[0].channel}:{holes[0].display}: {holes[0].text}"
        _fail(f"messages that could not be drawn: {len(holes)}, the first on {first} (--log prints each)", 0)
    if shell.failure is not None:
        raise shell.failure
    if shell.silent and client.ended is not None and not client.ended.orderly:
        status = _fail(shell.silent, _FAILED)
    return status or _verdict(client, refusals)


def _verdict(client: Client, refusals: list[ChannelRefused]) -> int:
    """The exit status; whatever ended the session but the user is told."""
    ended, left = client.ended, client.leaving is not None
    for refusal in refusals:
        said = "" if refusal.error is None else f": {error_name(refusal.error)}"
        advice = "".join([f"; {advice}" for words, advice in _ADVICE.items() if words in refusal.text])
        if "refuses the login" in refusal.text:
            # No password helps where the guest is not there.
            gone = refusal.error == LinkErr.ERROR
            advice = f"; {_GONE if gone else _WRONG if client.options.password else _NO_PASSWORD}"
        _fail(f"{refusal.channel}:{refusal.id} refused ({refusal.stage}): {refusal.text}{said}{advice}", _FAILED)
    if ended is None:
        return _fail("nothing happened", _FAILED)
    status = 0 if ended.orderly else _FAILED
    if (status or not left) and "main" not in [refusal.channel for refusal in refusals]:
        _fail(ended.text, status)
    return status


async def _converse(owner: Listener, answer: Answer, control: Control) -> None:
    """Until standard input ends, or somebody says ``quit``."""
    talk = asyncio.create_task(converse_on_standard_input(owner, answer, over=control.quitted.is_set))
    quitted = asyncio.create_task(control.quitted.wait())
    try:
        await asyncio.wait({talk, quitted}, return_when=asyncio.FIRST_COMPLETED)
        if talk.done():
            talk.result()
    finally:
        talk.cancel()
        quitted.cancel()


async def _run_control(wish: Wish, options: argparse.Namespace, beside: Beside, capture: CaptureFile | None) -> int:
    """Sessions as they are asked for, until standard input ends; with a socket alone, until ``quit``."""
    asking = asyncio.current_task()
    assert asking is not None
    failures: list[Exception] = []
    stopping = False

    def on_failure(error: Exception) -> None:
        failures.append(error)
        if not stopping:
            asking.cancel()

    owner = Listener(_print_text if options.log == "text" else _print, listens=options.control or bool(options.log))
    audience = Audience()
    audience.join(owner)
    control = Control(
        wish, audience, fault=options.fault, on_failure=on_failure, on_event=beside.on_event, capture=capture, view=beside.view
    )

    async def answer(line: bytes | None, listener: Listener) -> dict[str, Any]:
        try:
            return await control.answer(line, listener)
        except Exception as error:
            on_failure(error)
            return {"answer": "error", "text": f"a mistake of the client itself: {type(error).__name__}: {error}"}

    socket = ControlSocket("client", answer, audience) if options.control_socket else None
    when_asked_to_end(asking.cancel)
    try:
        if socket is not None:
            await socket.listen(options.control_socket)
        await beside.listen()
        if wish.target:
            control.begin(wish)
        async with asyncio.timeout(options.duration):
            if options.control:
                await _converse(owner, answer, control)
            else:
                await control.quitted.wait()
    except (TimeoutError, asyncio.CancelledError):
        pass
    finally:
        stopping = True
        when_asked_to_end(lambda: None)  # who asks twice is not gone any sooner
        await control.stop()
        await beside.stop()
        if socket is not None:
            await socket.close()
    if failures:
        raise failures[0]
    return 0
