"""``spice-reference-client ADDRESS``: the client as a program.

Exit status: 0 for a session that ended in order, 1 for one that could not be had or broke, with the reason on standard error,
2 for wrong usage, 4 for a mistake of the client itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import traceback
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from reference_client import Client, make_client
from reference_client.channels import WANTED
from reference_client.control import LINE, Control
from reference_client.errands import Errands
from reference_client.events import ChannelRefused, Ended, Event, NotDrawn, as_json
from reference_client.line import error_name
from reference_client.link_order import LINK_ORDERS
from reference_client.options import COMPRESSIONS
from reference_client.output_files import ENDINGS, check, words
from reference_client.plan import Wish, plan
from reference_client.screenshot import Screenshot
from reference_client.shell import Shell, Way
from reference_client.system_clipboard import SystemClipboard
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, SpiceError
from spiceproto.signals import when_asked_to_end
from spiceproto.sound_modes import WISHES

if TYPE_CHECKING:
    from reference_client.audio import Audio
    from reference_client.recording import Recording

__all__ = ["main"]

_FAILED, _USAGE, _MISTAKE = 1, 2, 4

_ADVICE: Final = {
    "refuses the login": "--password-file FILE has the password",
    "wants SASL": "--username NAME logs in by it",
    "is not trusted": "--ca-file FILE names who signed it",
}
"""What can be done where these words are in a refusal."""


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
    audio: Audio | None = None
    recording: Recording | None = None
    try:
        wish = _wish(options)
        for option, path in zip(ENDINGS, (options.screenshot, options.record_video, options.record_wav), strict=True):
            if path:
                check(option, path)
        if options.sound_device and not (options.speaker or options.microphone):
            raise LocalError("--sound-device names the device of --speaker and --microphone, and neither is asked for")
        if options.record_wav or options.play_wav or options.speaker or options.microphone:
            from reference_client.audio import Audio  # who has no sound needs no numpy

            audio = Audio(options)
            wish = msgspec.structs.replace(wish, play=audio.play, say=audio.say)
        if options.record_video and options.control:
            raise LocalError("--record-video records one session, and with --control there are several")
        if options.record_video:
            from reference_client.recording import Recording  # who keeps no pictures needs no numpy

            recording = Recording(options.record_video, cursor=options.cursor)
        errands = _errands(options)
        clipboard = SystemClipboard() if options.clipboard else None
        if options.fault:
            from reference_client.faults import FAULTS

            FAULTS.make(options.fault)
        if options.control and wish.target == "-":
            raise LocalError("standard input is taken by questions")
        way, client_options = plan(wish) if wish.target else (None, None)
        if client_options is not None and client_options.channels is not None:
            _check_sound(options, client_options.channels)
        client = None if way is None else make_client(client_options, fault=options.fault)
    except (SpiceError, OSError, ValueError) as error:
        return _fail(error, _USAGE)
    try:
        if options.control or way is None or client is None:
            return asyncio.run(_run_control(wish, options, audio))
        return asyncio.run(_run(way, client, options, audio, recording, errands, clipboard))
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
        if audio is not None:
            audio.close()
            for failure in audio.failures:
                _fail(failure, 0)


def _fail(error: object, status: int) -> int:
    print(f"spice-reference-client: {words(error)}", file=sys.stderr)
    return status


def _check_sound(options: argparse.Namespace, channels: Collection[int]) -> None:
    """Raises LocalError for sound in a direction whose channel is not linked."""
    for name, kind in (
        ("--play-wav", ChannelType.RECORD),
        ("--microphone", ChannelType.RECORD),
        ("--record-wav", ChannelType.PLAYBACK),
        ("--speaker", ChannelType.PLAYBACK),
    ):
        if getattr(options, name[2:].replace("-", "_")) and kind not in channels:
            asked = "--channels and --disable-channels" if options.channels is not None else "--disable-channels"
            raise LocalError(f"{name} needs the channel {channel_name(kind)}, which is not to be linked: see {asked}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spice-reference-client",
        description="A SPICE client for trying servers: links the channels, keeps the rules, shows what happens.",
    )
    add = parser.add_argument
    add(
        "address",
        nargs="?",
        default="",
        metavar="URI|FILE.vv|-",
        help="spice://, spice+tls://, spice+unix://, ws:// or wss://, or connection file, - for standard input",
    )
    add("--password", metavar="TEXT", help="the password; other users of the machine can see it in the list of processes")
    add("--password-file", metavar="FILE", help="a file whose first line is the password")
    add("--username", metavar="NAME", help="log in by SASL under this name where the server offers it")
    add("--ca-file", "--spice-ca-file", metavar="FILE", default="", help="certificates of the authorities to trust (PEM)")
    add(
        "--host-subject",
        "--spice-host-subject",
        metavar="SUBJECT",
        default="",
        help="what the subject of the server's certificate must be",
    )
    add(
        "--secure-channels",
        "--spice-secure-channels",
        metavar="NAMES",
        default="",
        help="channels that are linked with TLS only, or all",
    )
    add("--disable-channels", metavar="NAMES", default="", help="channels that are not linked")
    add("--channels", metavar="NAMES", help=f"channels that are linked; otherwise {','.join(map(channel_name, WANTED))}")
    add("--link-order", choices=LINK_ORDERS, default="parallel", help="in which order the channels of a list are linked")
    add("--server-mouse", action="store_true", help="do not ask for mouse mode client")
    add("--delete-file", action="store_true", help="delete a connection file that asks for it")
    add("--duration", type=float, metavar="SECONDS", help="leave after so long")
    add(
        "--screenshot",
        metavar="FILE.png",
        help="write what the first display shows, and leave; a name with {display} is one for each, with {head} for each head",
    )
    add("--record-video", metavar="FILE.mp4", help="write what the first display shows, as a film (needs the extra video)")
    add("--cursor", action="store_true", help="draw the pointer into screenshots and films too")
    add("--preferred-compression", choices=COMPRESSIONS, default="", help="ask for this compression of images")
    add(
        "--preferred-codecs",
        "--preferred-video-codec",
        metavar="NAMES",
        default="",
        help="ask for these codecs of video, best first: mjpeg, vp8, vp9, h264, h265",
    )
    add("--sound-mode", choices=WISHES, default="auto", help="announce and use this codec of sound alone, or none")
    add("--record-wav", metavar="FILE.wav", help="write what the guest plays")
    add("--play-wav", metavar="FILE.wav", help="let the guest hear this, again and again, when it listens")
    add("--speaker", action="store_true", help="play what the guest plays (needs the extra sound)")
    add("--microphone", action="store_true", help="let the guest hear the microphone while it listens")
    add("--sound-device", metavar="NAME", default="", help="a part of the device's name, or its number: python -m sounddevice")
    add(
        "--clipboard", action="store_true", help="the desktop's clipboard and the guest's are one (needs xclip or wl-clipboard)"
    )
    add("--copy", metavar="FILE|-", default="", help="text or a picture to be on the guest's clipboard")
    add("--paste", metavar="FILE|-", default="", help="write what is copied in the guest next, and leave")
    add("--max-clipboard", metavar="BYTES", type=int, default=-1, help="copy and paste no more than this; -1 for no limit")
    add(
        "--send-file",
        metavar="FILE",
        action="append",
        default=[],
        help="send a file to the guest, and leave; may be said again",
    )
    add(
        "--monitors",
        metavar="SIZES",
        default="",
        help="monitors of the guest: 1920x1080, 2x1920x1080, 800x600+0+0,640x480+800+0",
    )
    add(
        "--disable-effects",
        "--spice-disable-effects",
        metavar="NAMES",
        default="",
        help="have the guest do without wallpaper, font-smooth, animation, or all",
    )
    add("--color-depth", "--spice-color-depth", metavar="BITS", type=int, choices=(16, 32), default=0, help="of the guest")
    add("--no-agent", action="store_true", help="do not talk to the guest agent")
    add("--log", action="store_true", help="print what happens as JSON lines")
    add("--control", action="store_true", help="take questions as JSON lines on standard input, and answer them")
    add("--verbose", action="store_true", help="print where in the client a mistake of its own has happened")
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
        canvas=bool(options.screenshot or options.control or options.log or options.record_video),
        damage=bool(options.record_video),
        prefer_client_mode=not options.server_mouse,
        link_order=options.link_order,
        preferred_compression=options.preferred_compression,
        preferred_codecs=options.preferred_codecs,
        sound_mode=options.sound_mode,
        agent=not options.no_agent,
        max_clipboard=options.max_clipboard,
        monitors=options.monitors,
        disable_effects=options.disable_effects,
        color_depth=options.color_depth,
    )


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def _errands(options: argparse.Namespace) -> Errands | None:
    if options.control and (options.copy or options.paste or options.send_file or options.clipboard):
        raise LocalError("with --control there are questions for this", expected="copy, paste and send-file")
    if options.paste == "-" and options.log:
        raise LocalError("standard output is taken by --log")
    if options.copy == "-" and options.address == "-":
        raise LocalError("standard input is taken by the connection file")
    if not (options.copy or options.paste or options.send_file):
        return None
    return Errands(copy=options.copy, paste=options.paste, files=options.send_file)


async def _run(
    way: Way,
    client: Client,
    options: argparse.Namespace,
    audio: Audio | None,
    recording: Recording | None,
    errands: Errands | None,
    clipboard: SystemClipboard | None,
) -> int:
    """One session, until it ends or was long enough."""
    refusals: list[ChannelRefused] = []
    holes: list[NotDrawn] = []
    wanted = Screenshot(options.screenshot, cursor=options.cursor) if options.screenshot else None

    def on_event(event: Event) -> None:
        if options.log:
            _print(as_json(event))
        if audio is not None:
            audio.on_event(event)
        for follower in (recording, errands, clipboard):
            if follower is not None:
                follower.on_event(event)
        if isinstance(event, ChannelRefused):
            refusals.append(event)
        if isinstance(event, NotDrawn):
            holes.append(event)

    shell = Shell(client, way, on_event)
    when_asked_to_end(shell.disconnect)
    for follower in (recording, errands, clipboard):
        if follower is not None:
            follower.begin(shell)
    shell.start()
    status = 0
    try:
        if wanted is not None:
            failure = await wanted.take(shell, options.duration)
            status = _fail(failure, _FAILED) if failure else 0
        elif errands is not None and errands.waits:
            failure = await errands.wait(shell, options.duration)
            status = _fail(failure, _FAILED) if failure else 0
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(options.duration):
                    await shell.ended.wait()
    finally:
        if clipboard is not None:
            await clipboard.stop()
        await shell.stop()
        if recording is not None and (failure := recording.close()):
            status = _fail(failure, _FAILED)
    if holes and not options.log:
        first = f"{holes[0].channel}:{holes[0].display}: {holes[0].text}"
        _fail(f"messages that could not be drawn: {len(holes)}, the first on {first} (--log prints each)", 0)
    if shell.failure is not None:
        raise shell.failure
    return status or _verdict(client.ended, refusals)


def _verdict(ended: Ended | None, refusals: list[ChannelRefused]) -> int:
    for refusal in refusals:
        said = "" if refusal.error is None else f": {error_name(refusal.error)}"
        advice = "".join([f"; {advice}" for words, advice in _ADVICE.items() if words in refusal.text])
        _fail(f"{refusal.channel}:{refusal.id} refused ({refusal.stage}): {refusal.text}{said}{advice}", _FAILED)
    if ended is None:
        return _fail("nothing happened", _FAILED)
    if not ended.orderly and "main" not in [refusal.channel for refusal in refusals]:
        return _fail(ended.text, _FAILED)
    return 0 if ended.orderly else _FAILED


async def _run_control(wish: Wish, options: argparse.Namespace, audio: Audio | None) -> int:
    """Sessions as they are asked for, until standard input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    asking = asyncio.current_task()
    assert asking is not None
    failures: list[Exception] = []
    stopping = False

    def on_failure(error: Exception) -> None:
        failures.append(error)
        if not stopping:
            asking.cancel()

    on_event = None if audio is None else audio.on_event
    control = Control(wish, _print, fault=options.fault, on_failure=on_failure, on_event=on_event)
    when_asked_to_end(asking.cancel)
    try:
        if wish.target:
            control.begin(wish)
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
    except (TimeoutError, asyncio.CancelledError):
        pass
    finally:
        stopping = True
        when_asked_to_end(lambda: None)  # who asks twice is not gone any sooner
        await control.stop()
    if failures:
        raise failures[0]
    return 0
