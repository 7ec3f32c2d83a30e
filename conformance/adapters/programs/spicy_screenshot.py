"""spicy-screenshot: connects, waits for the first picture, writes it, and ends with status 0.

Seen to work with spice-gtk 0.42: TCP, TLS, Unix sockets, tickets. It opens main and display channels only. The first thing that
is drawn on the screen is its picture, which it writes of screens of 32 bits only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from conformance.adapters.client import Answer
from conformance.adapters.pixmap_file import as_png
from conformance.adapters.process import missing_programs, program, version_of
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient

__all__ = ["SpicyScreenshot"]

_PROGRAM: Final = "spicy-screenshot"
_PICTURE: Final = "picture.ppm"
_NOT_WRITTEN: Final = "unsupported spice surface format"
"""What it says where it writes none, in its own words."""

_WRITTEN: Final = 3.0
"""Seconds that it may take from what is drawn to its end."""


class SpicyScreenshot(StartedClient):
    """``picture`` gives what it wrote, once it has."""

    scheme = "spicy-screenshot"
    knows_sasl = True
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset({"picture"})
    one_picture = True

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM)

    def _start(self) -> None:
        self.version = version_of(_PROGRAM)

    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        picture = self.folder / _PICTURE
        picture.unlink(missing_ok=True)
        command = [program(_PROGRAM), "--uri", address.uri(), "--out-file", str(picture)]
        if address.password:
            command += ["--password", address.password]
        environment = {"HOME": str(self.folder)}
        if address.ca_pem:
            # It has no option for this, but OpenSSL looks here.
            environment["SSL_CERT_FILE"] = str(address.write_ca(self.folder / "ca.pem"))
        return command, environment

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        picture = self.folder / _PICTURE
        if self.process is None or self.process.wait(_WRITTEN) != 0 or not picture.exists():
            if _NOT_WRITTEN in self.said:
                return Answer("unsupported", f"{_NOT_WRITTEN}: it writes pictures of 32 bits only")
            return Answer("error", "there is no picture yet")
        as_png(picture, Path(values["path"]))
        return Answer("ok")
