"""The way to the server: TCP, perhaps through an HTTP proxy, or a Unix socket; TLS; a WebSocket."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from typing import Final

from spiceproto.address import port_number
from spiceproto.errors import LocalError, RemoteError, SpiceError
from spiceproto.http_proxy import ANSWER_SIZE, connect_request, refusal
from spiceproto.proxy.arrival import receive_head
from spiceproto.proxy.stream import Stream, Visited
from spiceproto.trust import check_subject, make_context, server_name
from spiceproto.way import Way

__all__ = ["dial", "reason"]

PATIENCE: Final = 30.0
"""Seconds for the connection, with all that lies around it."""


async def dial(way: Way, secure: bool) -> Stream:
    """Reach the server, with TLS if the client has it, as far as the server has both ways. The stream does not read yet.

    Raises SpiceError and OSError.
    """
    async with asyncio.timeout(PATIENCE):
        secure = way.tls and (secure or not way.plain)
        return await _dial(way, secure)


async def _dial(way: Way, secure: bool) -> Stream:
    address, loop = way.address, asyncio.get_running_loop()
    if address.unix_path is not None:
        if not hasattr(socket, "AF_UNIX"):
            raise LocalError("this system has no Unix sockets")
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.setblocking(False)
        return await _stream(way, found, address.unix_path, secure=False)
    port = port_number((address.tls_port if secure else address.port) or "")
    if way.proxy is None:
        places = await loop.getaddrinfo(address.plain_host, port, type=socket.SOCK_STREAM)
    else:
        if way.proxy.secure:
            raise LocalError("TLS to an HTTP proxy is not spoken here", expected="http://...")
        places = await loop.getaddrinfo(way.proxy.host, way.proxy.port, type=socket.SOCK_STREAM)
    failed: OSError | None = None
    for family, kind, number, _, place in places:
        found = socket.socket(family, kind, number)
        found.setblocking(False)
        try:
            return await _stream(way, found, place, secure=secure, port=port)
        except (ssl.SSLError, ConnectionResetError):
            raise
        except OSError as error:
            failed = error
    if failed is not None and way.proxy is not None:
        raise RemoteError(f"the proxy {way.proxy.place} can not be reached: {reason(failed)}")
    raise failed or OSError("the host has no address")


async def _stream(way: Way, found: socket.socket, place: object, *, secure: bool, port: int = 0) -> Stream:
    loop, address = asyncio.get_running_loop(), way.address
    try:
        await loop.sock_connect(found, place)  # type: ignore[arg-type]
        if way.proxy is not None and address.unix_path is None:
            await loop.sock_sendall(found, connect_request(way.proxy, address.host, port))
            wrong = refusal(await receive_head(found, ANSWER_SIZE), way.proxy)
            if wrong:
                raise RemoteError(wrong)
        stream = Stream(Visited(_uri(way, secure)) if address.websocket else None)
        layers = ["unix" if address.unix_path is not None else "tcp"]
        if not secure:
            await loop.create_connection(lambda: stream, sock=found)
        else:
            context = make_context(ca_pem=way.ca_pem, host_subject=way.host_subject, ciphers=way.tls_ciphers)
            name = server_name(address.plain_host, compared=context.check_hostname)
            await loop.create_connection(lambda: stream, sock=found, ssl=context, server_hostname=name or "")
            tls = stream.transport.get_extra_info("ssl_object")
            layers.append(tls.version().lower().removesuffix(".0").replace("v", ""))
            wrong = check_subject(tls.getpeercert(binary_form=True) or b"", way.host_subject) if way.host_subject else ""
            if wrong:
                stream.abort()
                raise RemoteError(wrong)
        if address.websocket:
            layers.append("websocket")
        stream.layers = tuple(layers)
        return stream
    except BaseException:
        found.close()
        raise


def _uri(way: Way, secure: bool) -> str:
    address = way.address
    scheme, port = ("wss", address.tls_port) if secure else ("ws", address.port)
    return f"{scheme}://{address.host}:{port}{address.websocket}"


def reason(error: Exception) -> str:
    """Why there is no way, in words."""
    if isinstance(error, TimeoutError) and not error.errno:
        return "it takes too long"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return f"not the name of a host: {error}"
    if isinstance(error, OSError) and not isinstance(error, (socket.gaierror, ssl.SSLError)) and error.errno:
        return os.strerror(error.errno)
    if isinstance(error, SpiceError):
        return str(error)
    return str(getattr(error, "strerror", None) or error)
