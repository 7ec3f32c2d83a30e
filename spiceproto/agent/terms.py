"""What the two ends have announced to each other, and what follows from it.

ANNOUNCE_CAPABILITIES comes first, in both directions; one with ``request`` 1 is answered with one with ``request`` 0, once. An
end that has announced nothing has no capability: words that are absent are 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto.agent.layout import table
from spiceproto.enums.agent import AgentCapability, ClipboardSelection
from spiceproto.messages.agent import AnnounceCapabilities

__all__ = ["Terms", "bits_of", "mask", "words_of"]


def mask(capabilities: Iterable[int]) -> int:
    """Capability numbers as bits."""
    bits = 0
    for number in capabilities:
        bits |= 1 << number
    return bits


def bits_of(words: Iterable[int]) -> int:
    """Words of 32 bits, the first with the lowest capabilities, as one number."""
    bits = 0
    for place, word in enumerate(words):
        bits |= (word & 0xFFFFFFFF) << 32 * place
    return bits


def words_of(bits: int) -> tuple[int, ...]:
    """The same the other way round; at least one word."""
    found = [bits & 0xFFFFFFFF]
    while bits := bits >> 32:
        found.append(bits & 0xFFFFFFFF)
    return tuple(found)


class Terms:
    """One end's view. ``mine`` and ``peer`` are capability bits.

    * ``client``: whether this end is the client
    * ``said``: this end has announced
    * ``heard``: the peer has; before that ``peer`` is 0
    * ``max_clipboard``: bytes, or -1; what the client wishes, or what the agent was told by MAX_CLIPBOARD
    """

    __slots__ = ("client", "heard", "max_clipboard", "mine", "peer", "said")

    def __init__(self, mine: int, *, client: bool) -> None:
        self.mine = mine
        self.client = client
        self.peer = 0
        self.said = self.heard = False
        self.max_clipboard = -1

    def reset(self) -> None:
        """A new agent, or a new client: nothing is announced, and the agent knows no limit of the clipboard."""
        self.peer = 0
        self.said = self.heard = False
        if not self.client:
            self.max_clipboard = -1

    # -- announcing

    def announce(self, *, request: bool = True) -> AnnounceCapabilities:
        """The first message of this end."""
        self.said = True
        return AnnounceCapabilities(int(request), words_of(self.mine))

    def receive(self, value: AnnounceCapabilities) -> AnnounceCapabilities | None:
        """The peer announced; the answer that is due, if it asked for one. Each announcement replaces the one before."""
        self.peer = bits_of(value.caps)
        self.heard = True
        return self.announce(request=False) if value.request else None

    # -- what follows

    def both(self, capability: int) -> bool:
        """Whether both ends have announced ``capability``."""
        return self.said and bool(self.mine & self.peer & 1 << capability)

    def peer_has(self, capability: int) -> bool:
        """Whether the peer has announced it."""
        return bool(self.peer & 1 << capability)

    @property
    def table(self) -> str:
        """The message table that holds now; see :func:`spiceproto.agent.layout.table`."""
        return table(self.mine if self.said else 0, self.peer)

    @property
    def by_demand(self) -> bool:
        """Whether there is a clipboard at all."""
        return self.both(AgentCapability.CLIPBOARD_BY_DEMAND)

    @property
    def selections(self) -> bool:
        """Whether clipboard messages begin with a selection."""
        return self.both(AgentCapability.CLIPBOARD_SELECTION)

    @property
    def grab_serial(self) -> bool:
        """Whether CLIPBOARD_GRAB has a serial."""
        return self.both(AgentCapability.CLIPBOARD_GRAB_SERIAL)

    def has_selection(self, selection: int) -> bool:
        """Whether ``selection`` can be spoken about: without ``selections``, only the clipboard itself."""
        return self.by_demand and (self.selections or selection == ClipboardSelection.CLIPBOARD)

    @property
    def guest(self) -> int:
        """Capability bits of the agent, whichever end this is."""
        return self.peer if self.client else self.mine

    @property
    def crlf(self) -> bool:
        """Whether text of the clipboard has CR LF at the ends of its lines: the guest says how it writes."""
        return bool(self.guest >> AgentCapability.GUEST_LINEEND_CRLF & 1)

    @property
    def positions(self) -> bool:
        """Whether MONITORS_CONFIG may say where monitors are."""
        return bool(self.guest >> AgentCapability.MONITORS_CONFIG_POSITION & 1)

    @property
    def physical_sizes(self) -> bool:
        """Whether MONITORS_CONFIG may say how large monitors are.

        No capability says that. spice-vdagentd 0.22.1 drops a message that has sizes, and does not announce positions; agents
        that do read the sizes or pass them over, so this goes with ``positions``.
        """
        return self.positions

    @property
    def sparse_monitors(self) -> bool:
        """Whether MONITORS_CONFIG may have monitors that are off, with a width and height of 0."""
        return bool(self.guest >> AgentCapability.SPARSE_MONITORS_CONFIG & 1)

    @property
    def files(self) -> bool:
        """Whether the guest takes files."""
        return (self.heard or not self.client) and not self.guest >> AgentCapability.FILE_XFER_DISABLED & 1

    @property
    def detailed_errors(self) -> bool:
        """Whether FILE_XFER_STATUS may have results above SUCCESS, and details: the client says so."""
        client = self.mine if self.client else self.peer
        return bool(client >> AgentCapability.FILE_XFER_DETAILED_ERRORS & 1)

    def fits_clipboard(self, size: int) -> bool:
        """Whether content of ``size`` bytes may be sent: MAX_CLIPBOARD of the client holds for both, -1 is no limit."""
        return self.max_clipboard < 0 or size <= self.max_clipboard
