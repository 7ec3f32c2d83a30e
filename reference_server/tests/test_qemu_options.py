"""QEMU's -spice: every option that QEMU has is one here, or is refused with a reason; and what they mean is the same."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from reference_server.arguments import complete, make_parser, server_options
from reference_server.qemu_options import KNOWN, words_of
from spiceproto.errors import LocalError
from spiceproto.tests.peers import PATIENCE, program


def options(*words: str) -> Any:
    parser = make_parser()
    found = parser.parse_args(words)
    complete(parser, found)
    return found


def test_every_option_of_qemu_is_known() -> None:
    command = [program("qemu-system-x86_64"), "-spice", "help"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    names = re.findall(r"^  ([a-z0-9-]+)=<(\w+)", said.stdout + said.stderr, re.MULTILINE)
    assert len(names) > 25
    for name, kind in names:
        try:
            words = words_of(f"{name}={'off' if kind == 'bool' else '1'}")
        except LocalError as error:
            assert "is not to be had" in str(error), name
        else:
            assert kind == "bool" or (name in KNOWN and words)


def test_a_line_of_qemu_s() -> None:
    found = options(
        "--spice",
        "port=5900,addr=127.0.0.1,disable-ticketing=on,image-compression=auto_glz,jpeg-wan-compression=never,"
        "zlib-glz-wan-compression=always,streaming-video=filter,agent-mouse=off,playback-compression=off,"
        "seamless-migration=off,disable-copy-paste,disable-agent-file-xfer=yes,gl=off,ipv4=on,sasl=off",
    )
    assert (found.port, found.addr, found.ipv4, found.unix) == (5900, "127.0.0.1", True, None)
    made = server_options(found)
    assert made.image_compression == "auto_glz" and made.zlib_glz and not made.jpeg and made.streaming_video == "filter"
    switches = (made.agent_mouse, made.playback_compression, made.seamless, made.copy_paste, made.file_transfer, made.sasl)
    assert switches == (False,) * 6


def test_they_are_the_same_as_options_and_later_ones_count() -> None:
    assert options("--spice", "port=1,password=a,,b", "--port", "2").port == 2
    assert options("--port", "2", "--spice", "port=1").port == 1
    assert options("--spice", "password=a,,b,,").password == "a,b,"
    assert options("--spice", "unix=on,addr=/run/x.sock").unix == "/run/x.sock"
    assert options("--spice", "tls-channel=main,tls-channel=inputs,plaintext-channel=display").tls_channel == ["main", "inputs"]
    both = options("--ipv4", "--ipv6")
    assert (both.ipv4, both.ipv6) == (False, False)


def test_default_stands_for_channels_that_are_not_named() -> None:
    made = server_options(options("--spice", "tls-channel=default,plaintext-channel=cursor"))
    assert made.unsecured == ("cursor",) and "cursor" not in made.secured and {"main", "display"} <= set(made.secured)


@pytest.mark.parametrize(
    ("text", "said"),
    (
        ("prot=5900", "no option of -spice: 'prot'; expected port"),
        ("zzzzzzzz=1", "expected addr, agent-mouse"),
        ("sasl=perhaps", "sasl is not what it should be; expected on or off; found 'perhaps'"),
        ("gl=on", "gl is not to be had: the guest has no OpenGL"),
        ("video-codecs=spice:mjpeg", "codecs are those that the client prefers"),
        ("password-secret=s0", "see --password-file"),
        ("unix=on", "unix=on wants the path of the socket; expected addr=PATH"),
        ("port", "argument --port: invalid int value: 'on'"),
        ("image-compression=best", "argument --image-compression: invalid choice: 'best'"),
        ("tls-channel=no", "no such channel type"),
        ("tls-port=1", "--tls-port needs --x509-dir"),
    ),
)
def test_what_can_not_be_is_said(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        options("--spice", text)
    assert caught.value.code == 2 and said in capsys.readouterr().err
