"""Where a server is and how to log in: what a client is told, as values, as a URI, as a connection file."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

__all__ = ["ServerAddress"]

_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class ServerAddress(msgspec.Struct, frozen=True):
    """``port`` and ``tls_port`` are 0 where there is none; with ``unix_path`` neither matters.

    * ``ca_pem``: the certificate authority that clients are to trust
    * ``host_subject``: what the server's certificate says, for clients that compare it instead of the host name
    * ``shared_folder``: what the client is to share with the guest; "" for nothing. It is not the server's, but told with it
    """

    host: str = ""
    port: int = 0
    tls_port: int = 0
    unix_path: str = ""
    password: str = ""
    username: str = ""
    ca_pem: str = ""
    host_subject: str = ""
    shared_folder: str = ""

    def uri(self) -> str:
        """As spice-gtk reads it; without the password, which does not belong into a list of processes."""
        if self.unix_path:
            return f"spice+unix://{quote(self.unix_path)}"
        ports = [("port", self.port), ("tls-port", self.tls_port)]
        query = "&".join(f"{name}={value}" for name, value in ports if value)
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{quote(self.username, safe='')}@" if self.username else ""
        return f"spice://{user}{host}?{query}"

    def connection_file(self) -> str:
        """The text of a ``.vv`` file."""
        rows = {
            "type": "spice",
            "host": self.host,
            "port": str(self.port or ""),
            "tls-port": str(self.tls_port or ""),
            "unix-path": self.unix_path,
            "username": self.username,
            "password": self.password,
            "ca": self.ca_pem,
            "host-subject": self.host_subject,
            "delete-this-file": "0",
        }
        lines = [f"{name}={''.join(_ESCAPES.get(letter, letter) for letter in value)}" for name, value in rows.items() if value]
        return "\n".join(["[virt-viewer]", *lines, ""])

    def write_connection_file(self, path: Path) -> Path:
        """The file at ``path``, for nobody else to read."""
        path.touch(mode=0o600)
        path.write_text(self.connection_file())
        return path

    def write_ca(self, path: Path) -> Path:
        """The certificate authority at ``path``."""
        path.write_text(self.ca_pem)
        return path
