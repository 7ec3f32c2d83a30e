"""The folder that a client shares: a WebDAV server in front of it, which HTTP reaches without a socket.

WsgiDAV, of the extra ``webdav``, is the server, as an application of WSGI; h11 reads and writes HTTP. What lies between
stands here: one connection, bytes in and bytes out. A request goes to the application when its body is whole, which waits in
a file of the system if it is large; an answer is taken out piece by piece, as fast as whoever asked wants it.

Symbolic links are refused, and so is whatever lies outside of the folder once links are followed (SPICE-VMC-033); so are pipes
and devices, which would hold up the client. All that a guest can have kept is bounded, and PROPFIND looks no deeper than one
level: a whole tree would be walked through in one go (RFC 4918 lets a server refuse that).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol
from urllib.parse import unquote_to_bytes

from spiceproto import extras
from spiceproto.errors import LocalError

__all__ = ["Folder", "HttpConnection", "Visit"]

HEAD: Final = 1 << 16
"""Bytes of the first line and the fields of a request."""

BODY: Final = 4 << 30
"""Bytes of a file that a guest may store."""

QUESTION: Final = 1 << 16
"""Bytes of the body of any other request: XML of 8 MiB was seen to take 2 GiB."""

AHEAD: Final = 1 << 20
"""Bytes that a guest may send before it has the answer to a request; with more the connection ends behind that answer."""

LOCKS: Final = 256
"""Locks that a guest may have."""

_FINITE: Final = b'<?xml version="1.0"?><D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>'

_IN_MEMORY: Final = 1 << 20
"""Bytes of a body above which it waits in a file."""

_ERRORS: Final = 400
"""The least status of an error."""

_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Visit(Protocol):
    """One connection of the guest, as a channel sees it. ``over`` says that nothing more will come of it."""

    @property
    def over(self) -> bool: ...

    def receive(self, data: bytes) -> None:
        """Bytes of the guest. Raises nothing."""

    def pull(self, most: int) -> bytes:
        """The next bytes for the guest, at most so many; none if there are none now. Raises nothing."""

    def close(self) -> None:
        """It is over."""


class Folder:
    """A folder, shared; ``root`` is its path. Raises LocalError if it is none, MissingExtraError without WsgiDAV."""

    def __init__(self, path: str | Path, *, writable: bool = False) -> None:
        root = Path(path)
        if not root.is_dir():
            raise LocalError("not a folder", expected="a folder to share", actual=repr(str(path)))
        application = extras.load("wsgidav.wsgidav_app", "a shared folder")
        provider = _plain_files(extras.load("wsgidav.fs_dav_provider", "a shared folder").FilesystemProvider)
        extras.load("h11", "a shared folder")
        # Its warnings are about networks: there is none between a guest and this.
        logging.getLogger("wsgidav").propagate = False
        logging.getLogger("wsgidav").addHandler(logging.NullHandler())
        self.root = root.resolve()
        self.writable = writable
        found = provider(str(self.root), readonly=not writable, fs_opts={"follow_symlinks": False})
        self.application: _Application = application.WsgiDAVApp(
            {
                "provider_mapping": {"/": found},
                "lock_storage": _bounded_locks() if writable else False,
                "simple_dc": {"user_mapping": {"*": True}},
                "logging": {"enable": False, "enable_loggers": []},
                "verbose": 0,
            }
        )

    def visit(self) -> HttpConnection:
        """A connection of the guest begins."""
        return HttpConnection(self.application, writable=self.writable)


def _plain_files(kind: Any) -> Any:
    """A provider of WsgiDAV in whose folder there is nothing but files and folders."""
    errors = extras.load("wsgidav.dav_error", "a shared folder")

    class PlainFiles(kind):  # type: ignore[misc]
        def get_resource_inst(self, path: str, environ: dict[str, Any]) -> Any:
            found = super().get_resource_inst(path, environ)
            place = Path(self._loc_to_file_path(path, environ))
            if found is not None and not (place.is_file() or place.is_dir()):
                raise errors.DAVError(errors.HTTP_FORBIDDEN)
            return found

    return PlainFiles


def _bounded_locks() -> Any:
    """Locks of WsgiDAV, of which there are no more than ``LOCKS``."""
    kind = extras.load("wsgidav.lock_man.lock_storage", "a shared folder").LockStorageDict
    errors = extras.load("wsgidav.dav_error", "a shared folder")

    class Locks(kind):  # type: ignore[misc, valid-type]
        def create(self, path: str, lock: dict[str, Any]) -> Any:
            tokens = [token for token in self._dict if not token.startswith("URL2TOKEN:")]
            if len([token for token in tokens if self.get(token) is not None]) >= LOCKS:
                raise errors.DAVError(errors.HTTP_SERVICE_UNAVAILABLE)
            return super().create(path, lock)

    return Locks()


class HttpConnection:
    """HTTP/1.1 on one connection, in front of an application of WSGI, which lets nobody store anything unless ``writable``.

    * ``over``: the connection ends; nothing more will come
    """

    def __init__(self, application: _Application, *, writable: bool = True) -> None:
        self._h11: Any = extras.load("h11", "a shared folder")
        self._http = self._h11.Connection(self._h11.SERVER, max_incomplete_event_size=HEAD)
        self._application = application
        self._request: Any = None
        self._body: Any = None
        self._size = 0
        self._pieces: Iterator[bytes] | None = None
        self._answer: Any = None
        self._out = bytearray()
        self._ends = False
        self._writable = writable
        self._ahead = 0
        self._late = False

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self._ends and not self._out and self._pieces is None

    def receive(self, data: bytes) -> None:
        """Bytes of the guest."""
        if self._pieces is not None:
            self._ahead += len(data)
            self._late = self._late or self._ahead > AHEAD
        if self._ends or self._late:
            return
        try:
            self._http.receive_data(data)
            self._read()
        except self._h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint or 400)
        except OSError:  # there is no room for the body
            self._refuse(507)

    def pull(self, most: int) -> bytes:
        """The next bytes for the guest."""
        while len(self._out) < most and self._pieces is not None:
            self._advance(self._pieces)
        found = bytes(self._out[:most])
        del self._out[:most]
        return found

    def close(self) -> None:
        """It is over."""
        self._ends = True
        self._out.clear()
        self._drop()

    # -- requests

    def _read(self) -> None:
        """Take in what has come, up to the end of a request."""
        h11 = self._h11
        while self._pieces is None and not self._ends:
            event = self._http.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                if self._http.they_are_waiting_for_100_continue:
                    self._out += self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
                return
            if isinstance(event, h11.Request):
                self._request, self._size = event, 0
                self._body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the answer
            elif isinstance(event, h11.Data):
                self._size += len(event.data)
                if self._size > self._most:
                    self._refuse(403 if self._request.method == b"PUT" and not self._writable else 413)
                    return
                self._body.write(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._body.seek(0)
                self._ask()
            elif isinstance(event, h11.ConnectionClosed):
                self._ends = True

    @property
    def _most(self) -> int:
        """Bytes that the body of the request may have."""
        return BODY if self._request.method == b"PUT" and self._writable else QUESTION

    @property
    def _endless(self) -> bool:
        """Whether the request asks for everything below a folder."""
        depth = dict(self._request.headers).get(b"depth", b"infinity")
        return bool(self._request.method == b"PROPFIND" and depth.lower() == b"infinity")

    def _ask(self) -> None:
        """A request is whole."""
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], trouble: Any = None) -> Callable[[bytes], None]:
            said.append((status, headers))
            return self._write

        if self._endless:
            fields = [("Content-Type", "application/xml; charset=utf-8"), ("Content-Length", str(len(_FINITE)))]
            self._pieces = self._begun(iter([_FINITE]), [("403 Forbidden", fields)])
            return
        try:
            self._answer = self._application(self._environment(), start_response)
            self._pieces = self._begun(iter(self._answer), said)
        except Exception:  # whatever the application or the disk does, it is this request's matter alone
            self._refuse(500)

    def _begun(self, pieces: Iterator[bytes], said: list[tuple[str, list[tuple[str, str]]]]) -> Iterator[bytes]:
        """The pieces of an answer, its head before the first."""
        first = next(pieces, b"")
        status, headers = said[-1]
        code, _, reason = status.partition(" ")
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers if name.lower() != "date"]
        if int(code) >= _ERRORS and self._request.method != b"HEAD":
            # WsgiDAV 4.4 was seen to promise a page for an error, and to send none.
            first = b"".join([first, *pieces])
            fields = [field for field in fields if field[0].lower() != b"content-length"]
            fields.append((b"Content-Length", str(len(first)).encode()))
        self._out += self._http.send(self._h11.Response(status_code=int(code), reason=reason.encode("latin-1"), headers=fields))
        yield first
        yield from pieces

    def _write(self, data: bytes) -> None:
        raise NotImplementedError("the old way of WSGI to write an answer")

    def _advance(self, pieces: Iterator[bytes]) -> None:
        """One piece more of the answer."""
        h11 = self._h11
        try:
            piece = next(pieces, None)
            if piece and self._request.method != b"HEAD":
                self._out += self._http.send(h11.Data(data=piece))
            if piece is not None:
                return
            self._out += self._http.send(h11.EndOfMessage())
            self._drop()
            if self._http.our_state is h11.MUST_CLOSE or self._late:
                self._ends = True
                return
            self._http.start_next_cycle()
            self._read()
            self._ahead = len(self._http.trailing_data[0])
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint or 400)
        except Exception:  # a disk that fails, or an application that breaks its word: the connection ends where it is
            self._refuse(500)

    def _refuse(self, status: int) -> None:
        """Say so, if nothing was said yet, and end."""
        h11 = self._h11
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            fields = [(b"Content-Length", b"0"), (b"Connection", b"close")]
            self._out += self._http.send(h11.Response(status_code=status, headers=fields))
            self._out += self._http.send(h11.EndOfMessage())
        self._ends = True
        self._drop()

    def _drop(self) -> None:
        answer, self._answer, self._pieces = self._answer, None, None
        if hasattr(answer, "close"):
            answer.close()
        if self._body is not None:
            self._body.close()
            self._body = None

    def _environment(self) -> dict[str, Any]:
        """What WSGI wants to know of a request (PEP 3333)."""
        request = self._request
        target = bytes(request.target)
        if not target.startswith(b"/"):  # a whole address, as for a proxy
            target = b"/" + target.partition(b"//")[2].partition(b"/")[2]
        path, _, query = target.partition(b"?")
        found: dict[str, Any] = {
            "REQUEST_METHOD": request.method.decode("latin-1"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": self._body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers:
            key = name.decode("latin-1").upper().replace("-", "_")
            found[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.decode("latin-1")
        # A body in chunks has a length by now, too.
        if "HTTP_TRANSFER_ENCODING" in found:
            del found["HTTP_TRANSFER_ENCODING"]
            found["CONTENT_LENGTH"] = str(self._size)
        return found
