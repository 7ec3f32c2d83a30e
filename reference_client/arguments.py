"""The options of ``spice-reference-client``: which there are, what goes with what, and what they mean for a client."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from reference_client.channels import WANTED
from reference_client.link_order import LINK_ORDERS
from reference_client.options import COMPRESSIONS, MIGRATIONS
from reference_client.plan import Wish
from reference_client.usb.disc import Disc
from reference_client.usb.redirected import Attached, SharedCd
from reference_client.usb_bridge import UsbBridge
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.log_lines import LogParser
from spiceproto.page_access import ANYWHERE
from spiceproto.scan_codes import typed
from spiceproto.sound_modes import WISHES

__all__ = ["check_sound", "check_together", "make_parser", "wish_of"]


class _Parser(LogParser):
    """Takes an address behind ``--view`` alone for what it is."""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = list(sys.argv[1:] if args is None else args)
        for number, (word, behind) in enumerate(zip(words, [*words, ""][1:], strict=True)):
            if word == "--":
                break
            if word == "--view" and ("://" in behind or behind.endswith(".vv")):
                words[number] = f"--view={ANYWHERE}"
        return super().parse_known_args(words, namespace)


def make_parser() -> argparse.ArgumentParser:
    """The options, and what each may be."""
    parser = _Parser(
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
    add(
        "--migration",
        choices=MIGRATIONS,
        default="seamless",
        help="how far to go with a guest that moves to another server; with none the client never goes where a server leads it",
    )
    add("--link-order", choices=LINK_ORDERS, default="parallel", help="in which order the channels of a list are linked")
    add("--server-mouse", action="store_true", help="do not ask for mouse mode client")
    add("--type", metavar="TEXT", default="", help="type this on an American keyboard, once there is an inputs channel")
    add("--delete-file", action="store_true", help="delete a connection file that asks for it")
    add("--duration", type=float, metavar="SECONDS", help="leave after so long")
    add(
        "--screenshot",
        metavar="FILE.png",
        help="write what the first display shows, and leave; a name with {display} is one for each, with {head} for each head",
    )
    add("--record-video", metavar="FILE.mp4", help="write what the first display shows, as a film (needs the extra video)")
    add("--cursor", action="store_true", help="draw the pointer into screenshots and films too")
    add(
        "--view",
        nargs="?",
        const=ANYWHERE,
        metavar="[HOST:]PORT",
        help="show the session in a browser, at an address that is printed; a free port of this machine unless one is given",
    )
    add("--view-tls", metavar="DIR", default="", help="give the view TLS, with the server-cert.pem and server-key.pem there")
    add("--view-plain", action="store_true", help="let other machines reach the view without TLS")
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
    add("--smartcard", metavar="FILE", default="", help="let the guest have a card reader, with the card of this script (TOML)")
    add(
        "--port",
        action="append",
        default=[],
        metavar="NAME=stdio|file:PATH|unix:PATH",
        help="who has a port of the guest here; may be given several times",
    )
    add("--share-folder", metavar="DIR", help="let the guest read this folder (needs the extra webdav)")
    add("--share-folder-writable", action="store_true", help="let it write there too")
    add("--share-cd", metavar="FILE.iso", action="append", help="a USB CD drive for the guest, with this disc in it")
    add("--usbredir", metavar="unix:PATH|HOST:PORT", action="append", help="a usbredir channel for who listens there")
    add(
        "--clipboard", action="store_true", help="the desktop's clipboard and the guest's are one (needs xclip or wl-clipboard)"
    )
    add("--copy", metavar="FILE|-", default="", help="text or a picture to be on the guest's clipboard")
    add("--paste", metavar="FILE|-", default="", help="write what is copied in the guest next, and leave")
    add(
        "--max-clipboard",
        metavar="BYTES",
        type=int,
        default=-1,
        help="copy and paste no more than this at once (default: 100 MiB, the largest agent message)",
    )
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
    add(
        "--capture",
        metavar="FILE.pcapng",
        help="write what is said and heard, without TLS and WebSocket, for Wireshark and others",
    )
    parser.add_log()
    add("--control", action="store_true", help="take questions as JSON lines on standard input, and answer them")
    add("--control-socket", type=_path, metavar="PATH", help="the same on a Unix socket: see spice-reference-ctl")
    add("--verbose", action="store_true", help="print where in the client a mistake of its own has happened")
    add("--fault", metavar="NAME", help="do one thing wrong")
    add("--list-faults", action="store_true", help="print the faults there are")
    return parser


def check_together(options: argparse.Namespace) -> None:
    """Raises LocalError for options that do not go together, and for a text that is on no keyboard."""
    if options.sound_device and not (options.speaker or options.microphone):
        raise LocalError("--sound-device names the device of --speaker and --microphone, and neither is asked for")
    for character in options.type:
        typed(character)  # raises for what is on no key
    if options.share_folder_writable and not options.share_folder:
        raise LocalError("--share-folder-writable needs --share-folder")
    if (options.view_tls or options.view_plain) and not options.view:
        raise LocalError("--view-tls and --view-plain are about --view, which is not there")
    if options.view and options.clipboard:
        raise LocalError("the guest has one clipboard", expected="the desktop's (--clipboard) or the page's (--view)")
    if options.control or options.control_socket:
        _check_control(options)
    if options.paste == "-" and options.log:
        raise LocalError("standard output is taken by --log")
    if options.copy == "-" and options.address == "-":
        raise LocalError("standard input is taken by the connection file")


def _path(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a path is needed, and not nothing")
    return text


def _check_control(options: argparse.Namespace) -> None:
    """What is for one session is a question where there may be several."""
    if options.control and options.log == "text":
        raise LocalError("with --control all lines are JSON: it does not go with --log text")
    if options.type:
        raise LocalError("--type is for one session; with --control there is the verb type")
    if options.port:
        raise LocalError("with --control ports are read and written by questions")
    if options.record_video:
        raise LocalError("--record-video records one session, and with --control there are several")
    if options.copy or options.paste or options.send_file or options.clipboard:
        raise LocalError("with --control there are questions for this", expected="copy, paste and send-file")
    if options.address == "-" and options.control:
        raise LocalError("standard input is taken by questions")


def check_sound(options: argparse.Namespace, channels: Collection[int]) -> None:
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


def wish_of(options: argparse.Namespace) -> Wish:
    """What of them makes a client. Raises LocalError, and OSError for files that cannot be read."""
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
        canvas=bool(
            options.screenshot
            or options.control
            or options.control_socket
            or options.log
            or options.record_video
            or options.view
        ),
        damage=bool(options.record_video or options.view),
        prefer_client_mode=not options.server_mouse,
        link_order=options.link_order,
        migration=options.migration,
        preferred_compression=options.preferred_compression,
        preferred_codecs=options.preferred_codecs,
        sound_mode=options.sound_mode,
        card=options.smartcard,
        usb=_usb(options),
        agent=not options.no_agent,
        max_clipboard=options.max_clipboard,
        monitors=options.monitors,
        disable_effects=options.disable_effects,
        color_depth=options.color_depth,
    )


def _usb(options: argparse.Namespace) -> tuple[Attached, ...]:
    """What usbredir channels carry: drives first. Raises LocalError, and OSError for files."""
    return (
        *[SharedCd(Disc(path)) for path in options.share_cd or ()],
        *[UsbBridge(place) for place in options.usbredir or ()],
    )
