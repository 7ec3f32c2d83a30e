"""What reports say of the link stage."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spiceproto.command import main
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import Step
from spiceproto.messages.link import LinkMess, LinkReply, LinkResult, SaslChallenge, SaslMechanismList, SaslStart
from spiceproto.public_key import public_key
from spiceproto.report import link_stage
from spiceproto.tests.recorded import recording

CAPTURE = str(Path(__file__).parent / "captures" / "monitors-config-size.pcap")
KEY = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100") + b"\xc1" + bytes(127) + b"\2\3\1\0\1"
MAIN: Any = SimpleNamespace(channel="main")


def _message(**changes: Any) -> LinkMess:
    fields: dict[str, Any] = {"connection_id": 0, "channel_type": ChannelType.MAIN, "channel_id": 0, "num_common_caps": 1}
    fields |= {"num_channel_caps": 1, "caps_offset": 18, "caps": b"\x09\0\0\0\x04\0\x01\0"}
    return LinkMess(**fields | changes)


def _said(value: Any, kind: str = "step") -> str:
    return link_stage.text(MAIN, Step(sender="server", kind=kind, start=0, end=4, value=value)).split("  ")[-1]


def test_capabilities_by_name() -> None:
    assert _said(_message()) == (
        "connection_id=0 channel_type=MAIN channel_id=0 common_caps=PROTOCOL_AUTH_SELECTION|MINI_HEADER "
        "channel_caps=AGENT_CONNECTED_TOKENS|16"
    )
    assert _said(_message(num_common_caps=0, num_channel_caps=0, caps=b"")).endswith("common_caps=none channel_caps=none")


@pytest.mark.parametrize(
    "changes", [{"caps_offset": 400}, {"num_common_caps": 9}, {"caps_offset": 4}, {"num_common_caps": 1025}]
)
def test_capabilities_that_are_elsewhere(changes: dict[str, int]) -> None:
    """The numbers are shown, for they are what is wrong."""
    text = _said(_message(**changes))
    assert "common_caps=1 " in text or "common_caps=9 " in text or "common_caps=1025 " in text
    assert text.endswith("caps=8 bytes")


def test_a_reply() -> None:
    reply = LinkReply(error=LinkErr.OK, pub_key=KEY, num_common_caps=0, num_channel_caps=0, caps_offset=178, caps=b"")
    assert _said(reply) == "error=OK pub_key=RSA 1024 bits common_caps=none channel_caps=none"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (KEY, "RSA 1024 bits"),
        (bytes(162), "none"),
        (b"\1" * 162, "162 bytes that are no RSA key"),
        (KEY[:-1], "161 bytes that are no RSA key"),
        (KEY[:12] + b"\2" + KEY[13:], "162 bytes that are no RSA key"),
    ],
)
def test_keys(key: bytes, text: str) -> None:
    assert public_key(key) == text


def test_every_start_of_a_key_is_no_key() -> None:
    assert {public_key(KEY[:size]).partition(" ")[2] for size in range(1, len(KEY))} == {"bytes that are no RSA key"}


def test_results_and_sasl() -> None:
    assert _said(LinkResult(error=LinkErr.PERMISSION_DENIED)) == "error=PERMISSION_DENIED"
    assert _said(SaslMechanismList(b"DIGEST-MD5,PLAIN")) == "mechanisms='DIGEST-MD5,PLAIN'"
    assert _said(SaslStart(b"PLAIN", b"\0me\0secret\0")) == "mechanism='PLAIN' data=11 bytes"
    assert _said(SaslChallenge(b"", 1)) == "data=0 bytes complete=1"


def test_steps_as_trees(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", CAPTURE, "--verbose"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("    [0:4]      magic: REDQ                                52 45 44 51") == 2
    for line in (
        "    [4:5]      channel_type: MAIN (1)                     01",
        "    [4:166]    pub_key: RSA 1024 bits",
        "    common capabilities: PROTOCOL_AUTH_SELECTION AUTH_SPICE MINI_HEADER",
        "    [0:4]      auth_mechanism: SPICE (1)                  01 00 00 00",
        "    [0:4]      error: OK (0)                              00 00 00 00",
    ):
        assert line in lines


def test_steps_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", CAPTURE, "--format", "jsonl"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = {item["step"]: item for item in records if item["record"] == "link"}
    assert steps["link-header"]["shown"] == {"magic": "REDQ"}
    assert steps["link-reply"]["shown"] == {"pub_key": "RSA 1024 bits"}
    assert steps["link-message"]["capabilities"]["common"] == ["PROTOCOL_AUTH_SELECTION", "AUTH_SPICE", "MINI_HEADER"]
    assert steps["link-result"]["fields"] == {"error": "OK"}


def test_steps_of_a_sasl_login(capsys: pytest.CaptureFixture[str]) -> None:
    main(["decode", str(recording("qemu-sasl-digest")), "--verbose"])
    out = capsys.readouterr().out
    assert "mechanism='DIGEST-MD5'" in out
    assert "    [4:14]     mechanism: 'DIGEST-MD5'" in out
    assert "complete: 1 " in out
