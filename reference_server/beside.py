"""What of a guest is in other programs: devices behind sockets, a real agent, browsers of the folder that a client shares.

It is made from the options of the command before the server is, which lists channels for what the guest has.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from typing import Any

from reference_server.agent_socket import AgentSocket
from reference_server.card_socket import CardSocket
from reference_server.disc_file import DiscFile
from reference_server.guest import AttachedReader, Guest
from reference_server.port_bridge import PortBridge, add_port
from reference_server.shell import Shell
from reference_server.usb_bridge import UsbBridge
from reference_server.webdav_listener import WebdavListener
from spiceproto.webdav import NAME

__all__ = ["Beside"]

Log = Callable[[str, dict[str, Any]], None]


class Beside:
    """``log`` is told of an agent that breaks off."""

    def __init__(self, guest: Guest, options: argparse.Namespace, log: Log) -> None:
        self._guest = guest
        self._options = options
        self._log = log
        self._open = contextlib.AsyncExitStack()
        self._reader = AttachedReader() if options.smartcard_socket else None
        if self._reader is not None:
            guest.readers.append(self._reader)
        self._ports = [(add_port(guest, wish), wish.path) for wish in options.guest_port]
        self._folder = guest.ports.add(NAME.decode()) if options.webdav_listen is not None else None

    async def listen(self, shell: Shell) -> dict[str, Any]:
        """Begin; fields of the line that says where the server listens. Raises OSError, whose ``filename`` is the place."""
        options = self._options
        place: dict[str, Any] = {}
        for port, path in self._ports:
            if path:
                bridge = PortBridge(shell, port)
                self._open.callback(bridge.close)
                await bridge.listen(path)
        await self._listen_for_usb(shell)
        if self._reader is not None:
            await self._open.enter_async_context(CardSocket.listening(shell, self._reader, options.smartcard_socket, shell.log))
        if self._folder is not None:
            browsers = WebdavListener(shell, self._folder)
            self._open.callback(browsers.close)
            place["webdav_port"] = await browsers.listen(*options.webdav_listen)
        if options.agent_socket is not None:
            agent = AgentSocket(self._guest.agent, shell.flush, self._note_agent)
            self._open.callback(agent.close)
            await agent.listen(options.agent_socket)
            place["agent"] = options.agent_socket
        return place

    async def close(self) -> None:
        """End all of it, the last first; sockets are removed."""
        await self._open.aclose()

    async def _listen_for_usb(self, shell: Shell) -> None:
        """What is behind the USB sockets of the guest: the guest itself, then who connects to sockets."""
        options, usb = self._options, self._guest.usb
        inside = options.usb or 0
        for number in range(inside):
            usb[number].filter = options.usb_filter
            if options.usb_copy is not None and number == 0:
                usb[number].copy = DiscFile(options.usb_copy).write
        for number, path in enumerate(options.usb_socket, inside):
            bridge = usb[number].bridge = UsbBridge(path)
            bridge.flush = shell.flush
            self._open.callback(bridge.close)
            await bridge.listen()

    def _note_agent(self, text: str) -> None:
        self._log("agent", {"present": False, "text": text})
