"""spicy-screenshot: connects, waits for the first picture, writes it, and ends with status 0.

Seen to work with spice-gtk 0.42: TCP, TLS, Unix sockets, tickets. It opens main and display channels only.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from conformance.adapters.client import Answer
from conformance.adapters.process import missing_programs, program, version_of
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient

__all__ = ["SpicyScreenshot"]

_PROGRAM: Final = "spicy-screenshot"
_PICTURE: Final = "picture.ppm"


class SpicyScreenshot(StartedClient):
    """``picture`` gives what it wrote, once it has."""

    scheme = "spicy-screenshot"
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset({"picture"})

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
        if self.process is None or self.process.ended != 0 or not picture.exists():
            return Answer("error", "there is no picture yet")
        shutil.copyfile(picture, values["path"])
        return Answer("ok")
