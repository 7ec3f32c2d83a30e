"""A Unix socket that speaks the device side of the agent's port, so that a real agent can be the guest's.

    spice-vdagentd -s PATH

connects to such a socket in place of a virtio port. Each chunk has a header of eight bytes (:mod:`spiceproto.agent.device`).
There is one agent at a time: one that comes while another is there is turned away. What an agent does not read waits in the
guest, and a token goes back to the client when the system has taken it; an agent that says more than clients take is not read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reference_server.guest import Agent, AgentChanged, AgentChunk, AgentSlowed
from spiceproto.agent.device import ChunkReader, wrap
from spiceproto.errors import RemoteError
from spiceproto.unix_socket import UnixSocket

__all__ = ["AgentSocket"]

_HIGH: Final = 1 << 16
"""Bytes that wait for the agent above which it gets nothing more: a token means that it has nearly read."""


class AgentSocket:
    """Listens at ``path`` for an agent of ``agent``. ``flush`` is called when something has happened, ``note`` with words."""

    def __init__(self, agent: Agent, flush: Callable[[], None], note: Callable[[str], None]) -> None:
        self.agent = agent
        self.flush = flush
        self.note = note
        self.stream: _Stream | None = None
        self._socket: UnixSocket | None = None

    async def listen(self, path: str | Path) -> None:
        """Begin. Raises OSError, whose ``filename`` is the path, among others where something is that is no socket."""
        self._socket = await UnixSocket.listening(path, lambda: _Stream(self))

    def close(self) -> None:
        """End it; the socket is removed."""
        if self._socket is not None:
            self._socket.close()
        if self.stream is not None:
            self.stream.close()


class _Stream(asyncio.Protocol):
    """One agent."""

    def __init__(self, owner: AgentSocket) -> None:
        self._owner = owner
        self._agent = owner.agent
        self._chunks = ChunkReader()
        self._transport: asyncio.Transport | None = None
        self._here = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._agent.present:
            self._owner.note("another agent is there")
            transport.close()
            return
        transport.set_write_buffer_limits(high=_HIGH)
        self._owner.stream = self
        self._here = True
        self._agent.watch(self._write, AgentChunk)
        self._agent.watch(self._slowed, AgentSlowed)
        self._agent.watch(self._changed, AgentChanged)
        self._agent.outside = True
        self._agent.set_present(True)
        self._owner.flush()

    def data_received(self, data: bytes) -> None:
        if not self._here:
            return
        try:
            for port, part in self._chunks.receive(data):
                self._agent.say(port, part)
        except RemoteError as error:
            self._owner.note(str(error))
            self.close()
        self._owner.flush()

    def pause_writing(self) -> None:
        self._agent.hold()

    def resume_writing(self) -> None:
        if self._here:
            self._agent.go_on()
            self._owner.flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()
        self._owner.flush()

    def close(self) -> None:
        """The agent is to go."""
        self._leave()
        if self._transport is not None:
            self._transport.close()

    def _leave(self) -> None:
        if self._forget():
            self._agent.outside = False
            self._agent.set_present(False)

    def _forget(self) -> bool:
        """Watch no more; whether this was the agent."""
        was, self._here = self._here, False
        if was:
            self._owner.stream = None
            for told in (self._write, self._slowed, self._changed):
                self._agent.unwatch(told)
        return was

    # -- what the port tells

    def _write(self, news: AgentChunk) -> None:
        assert self._transport is not None
        self._transport.write(wrap(news.port, news.data))

    def _slowed(self, news: AgentSlowed) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if news.slow:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _changed(self, news: AgentChanged) -> None:
        if not news.present and self._forget() and self._transport is not None:
            self._transport.close()  # the server has had enough of it
