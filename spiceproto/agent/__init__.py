"""Client and guest agent: their messages inside AGENT_DATA, and what both ends have to know of each other.

Everything here is sans-IO, and for either end: bytes or values come in, values go out.

    pieces         AgentReader; a message in pieces of at most 2048 bytes, and whole again
    device         the chunk headers between server and guest
    layout         which of four layouts the clipboard's messages have
    tokens         accounts of AGENT_DATA
    outbox         messages that wait for tokens
    terms          Terms: what both announced, and what follows from it
    talk           messages as values, under the terms
    line_ends      text as the guest writes it
    monitors       MONITORS_CONFIG as this agent takes it
    clipboard      Clipboards: who owns which selection, and who waits for it
    file_start     name and size of a file that is offered; a name that is no path
    file_status    results of a transfer, and their details
    file_sending   FileSender and FileSendings: files that go to the guest
    file_receiving FileReceiver: files that come

Who reads captures needs ``pieces`` and ``layout`` only; the others are imported by their names.
"""

from __future__ import annotations

from spiceproto.agent.layout import JOINED, table
from spiceproto.agent.pieces import HEADER_SIZE, AgentReader, begins_message, chunks

__all__ = ["HEADER_SIZE", "JOINED", "AgentReader", "begins_message", "chunks", "table"]
