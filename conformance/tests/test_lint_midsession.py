"""What lint says of recordings that begin in the middle: nothing that only the beginning could tell."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from conformance.command import main
from conformance.lint import Lint, lint
from spiceproto.capture.decode import Decoder
from spiceproto.tests.cut_recordings import Blocks, Recording, lost_in_link
from spiceproto.tests.recorded import recording


def broken(data: bytes) -> set[str]:
    """Sentences that a capture is said to break."""
    found = Lint()
    Decoder(io.BytesIO(data), found).run()
    return {item.requirement for item in found.rulings() if item.verdict == "broken"}


@pytest.mark.parametrize("name", ["spicy-basic", "qemu-agent-clipboard", "qemu-draw-lz", "andris-xev", "spicy-webdav"])
def test_what_was_not_seen_is_not_judged(name: str) -> None:
    """Neither a cut nor a lost packet of a link stage makes a sentence broken that the whole recording keeps."""
    whole = Recording(recording(name))
    known = broken(whole.blocks.without(()))
    for cut in whole.cuts(6):
        assert broken(whole.blocks.cut(cut)) <= known, f"cut at {cut}"
    for _, frame, _ in lost_in_link(whole):
        assert broken(whole.blocks.without([frame])) <= known, f"packet {frame}"


def test_channel_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--decode-as is there for lint as it is for decode."""
    blocks = Blocks(recording("spicy-basic").read_bytes())
    path = tmp_path / "late.pcapng"
    path.write_bytes(blocks.cut(blocks.packets // 2))
    assert main(["lint", str(path), "--decode-as", "127.0.0.1:5931=inputs"]) == 0
    assert "0 broken" in capsys.readouterr().out


def test_messages_behind_a_lost_link_stage_are_said_not_to_be_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are decoded; what is about their channel has no verdict, and the report names the connection."""
    whole = Recording(recording("spicy-basic"))
    truth, frame, decoded = next(
        (truth, frame, decoded)
        for truth, frame, decoded in lost_in_link(whole)
        if truth.conversation.channel == "inputs" and decoded and decoded.conversation.client_capabilities is None
    )
    assert len(decoded.messages) == len(truth.messages)
    path = tmp_path / "lossy.pcapng"
    path.write_bytes(whole.blocks.without([frame]))
    assert main(["lint", str(path)]) == 0
    number = decoded.conversation.connection.number
    said = f"not judged: messages of connection {number} (inputs:0), whose link stage is not whole in the capture"
    assert said in capsys.readouterr().out
    found = lint(path)
    verdicts = {item.requirement: item.verdict for item in found.rulings()}
    assert verdicts["SPICE-INPUTS-001"] == "not judged"
    assert {verdicts["SPICE-LINK-001"], verdicts["SPICE-MAIN-006"]} == {"kept"}
