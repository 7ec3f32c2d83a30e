"""spice-gtk, as the suite drives it, and a guest agent behind QEMU's virtio port: every verb of theirs."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.tests.looks import need_adapters
from conformance.adapters.tests.played_guest import played_guest
from spiceproto.enums.agent import ClipboardType

TEXT, PNG = int(ClipboardType.UTF8_TEXT), int(ClipboardType.IMAGE_PNG)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100


def test_spice_gtk_does_what_it_is_told_with_an_agent(tmp_path: Path) -> None:
    need_adapters(Qemu, SpiceGtk)
    (tmp_path / "picture").write_bytes(PICTURE)
    content = os.urandom(300_000)
    (tmp_path / "letter.bin").write_bytes(content)
    with played_guest(tmp_path) as guest, SpiceGtk() as gtk:
        assert gtk.do("copy", text="x").text == "there is no agent"
        gtk.connect(ServerAddress(unix_path=str(tmp_path / "spice")))
        guest.until(lambda: guest.terms.heard, "it has announced what it can do")
        guest.until(lambda: gtk.do("copy", text="one\ntwo").kind == "ok", "it knows of the agent")
        guest.until(lambda: guest.clipboards.types(0) == (TEXT,), "the guest knows of the text")
        guest.paste(TEXT)
        guest.until(lambda: guest.pasted == [b"one\r\ntwo"], "the text is pasted in the guest")
        assert gtk.do("release-clipboard").kind == "ok"
        guest.until(lambda: not guest.clipboards.types(0), "the guest knows that it is gone")
        assert gtk.do("copy", path=str(tmp_path / "picture"), selection="primary").kind == "ok"
        guest.until(lambda: guest.clipboards.types(1) == (PNG,), "the guest knows of the picture")
        assert gtk.do("paste", path=str(tmp_path / "pasted")).text == "nothing was copied in the guest"
        guest.copy(b"from\r\nthere", TEXT)
        pasted = tmp_path / "pasted"
        guest.until(lambda: gtk.do("paste", path=str(pasted), format="text").kind == "ok", "it knows of the guest's text")
        guest.until(pasted.exists, "it is pasted here")
        assert pasted.read_bytes() == b"from\nthere"
        assert gtk.do("send-file", path=str(tmp_path / "letter.bin"), name="other.bin").values == {"file": 1}
        guest.until(lambda: guest.files, "the guest has the file")
        assert guest.files == {"other.bin": content}
        assert gtk.do("cancel-file", file=99).text == "no such file is under way"
        assert gtk.do("monitors", monitors="2x800x600").kind == "ok"
        guest.until(lambda: guest.monitors[:2] == [(800, 600), (800, 600)], "the guest has the monitors")
