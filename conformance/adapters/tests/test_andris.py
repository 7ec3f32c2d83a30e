"""andris starts, lets clients in, and ends."""

from __future__ import annotations

import pytest

from conformance.adapters.programs.andris import Andris
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import check_gone, in_session, link_reply, need_adapters
from spiceproto.tests.peers import until

NEED_SECURED = 5


@pytest.mark.parametrize("options", [{}, {"tls": "1", "ticket": "other", "size": "320x240"}], ids=["plain", "tls"])
def test_starts_and_lets_clients_in(options: dict[str, str]) -> None:
    need_adapters(Andris, SpiceGtk)
    andris, gtk = Andris(options), SpiceGtk()
    with andris, gtk:
        assert andris.version.startswith("andris ")
        assert link_reply(andris.address) == (b"REDQ", NEED_SECURED if "tls" in options else 0)
        if andris.tls_port:
            assert link_reply(andris.address, secure=True) == (b"REDQ", 0)
        gtk.connect(andris.address)
        until(lambda: in_session(gtk))
        picture = until(lambda: gtk.do("state").values["pictures"])[0]
        assert (picture["width"], picture["height"]) == ((320, 240) if "size" in options else (640, 480))
    check_gone(andris.process)
