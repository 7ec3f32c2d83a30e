"""Recordings whose images are decoded: nothing is wrong with those of real servers, and what was damaged is found."""

from __future__ import annotations

import pytest

from conformance.lint import Lint
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.tests.recorded import names, recording

_DRAW_COPY = 304
_SENTENCES = ("SPICE-CODEC-049", "SPICE-DISPLAY-077")


class Damaged(Lint):
    """Tells every image with other bytes in its middle."""

    def __init__(self, filling: int) -> None:
        super().__init__(images=True)
        self.filling = filling

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        emit = super().lane(conversation, sender)

        def changed(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            if (conversation.table, sender, number) == ("display", "server", _DRAW_COPY) and len(body) > 400:
                body = body[:200] + bytes([self.filling]) * 64 + body[264:]
            emit(number, body, serial, time_ns, frames)

        return changed


def verdicts(lint: Lint) -> dict[str, str]:
    return {item.requirement: item.verdict for item in lint.rulings() if item.requirement in _SENTENCES}


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_what_servers_send_can_be_decoded(name: str) -> None:
    lint = Lint(images=True)
    Decoder(recording(name), lint).run()
    assert [str(item) for item in lint.findings if item.requirement in _SENTENCES] == []


@pytest.mark.parametrize(("name", "filling"), [("qemu-draw-lz", 0xFF), ("qemu-draw-auto_glz", 0xFF), ("qemu-draw-lz4", 0)])
def test_damaged_images_are_found(name: str, filling: int) -> None:
    lint = Damaged(filling)
    Decoder(recording(name), lint).run()
    assert "broken" in verdicts(lint).values()


def test_images_are_decoded_when_somebody_asks() -> None:
    lint = Lint()
    Decoder(recording("qemu-draw-lz"), lint).run()
    assert verdicts(lint) == {}
    lint = Lint(images=True)
    Decoder(recording("qemu-draw-lz"), lint).run()
    assert verdicts(lint) == {"SPICE-DISPLAY-077": "kept"}
