"""Programs of other people, started, driven and stopped: the targets that the suite can bring up by itself.

    qemu:             QEMU with libspice-server      ?ticket=sesame&tls=1&unix=1&sasl=1&guest=pointer&...
    andris:           andris, in Rust                ?ticket=sesame&tls=1
    spice-gtk:        spice-gtk without a window
    spicy-screenshot: one picture, then the end
    remote-viewer:    with a window, on a display of its own
    ryll:             ryll without a window, in Rust
    client:COMMAND    any program

Each class is made from a dictionary of options (``client:`` has its command under ``command``) and says with ``missing()``
which programs are not installed. :mod:`conformance.adapters.server` and :mod:`conformance.adapters.client` have what
servers and clients have in common. Everything here is plain blocking Python, and knows nothing of cases.
"""

from typing import Final

from conformance.adapters.andris import Andris
from conformance.adapters.client import Answer, Client, ClientProgram, ServerAddress
from conformance.adapters.command import Command
from conformance.adapters.process import Process, TargetUnusable
from conformance.adapters.qemu import Qemu
from conformance.adapters.remote_viewer import RemoteViewer
from conformance.adapters.ryll import Ryll
from conformance.adapters.server import ServerProgram
from conformance.adapters.spice_gtk import SpiceGtk
from conformance.adapters.spicy_screenshot import SpicyScreenshot

__all__ = [
    "CATALOGUE", "Andris", "Answer", "Client", "ClientProgram", "Command", "Process", "Qemu", "RemoteViewer", "Ryll",
    "ServerAddress", "ServerProgram", "SpiceGtk", "SpicyScreenshot", "TargetUnusable",
]  # fmt: skip

CATALOGUE: Final[dict[str, type[ServerProgram] | type[ClientProgram]]] = {
    made.scheme: made for made in (Qemu, Andris, SpiceGtk, SpicyScreenshot, RemoteViewer, Ryll, Command)
}
"""Scheme of an address to the class that serves it."""
