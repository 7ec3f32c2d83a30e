"""SASL seen from outside, between the choice of this mechanism and the link result.

Whatever the mechanism, the frames are the same: a list, a name with a first response, then challenges and responses by
turns until the server says that this was the last. Then its result; and the link result, which a security layer may hide.
"""

from __future__ import annotations

from collections.abc import Callable

from spiceproto import limits
from spiceproto.enums.link import LinkErr
from spiceproto.link import sasl as frames
from spiceproto.link.structures import MAGIC, parse_result
from spiceproto.link.watch import Then, Watch
from spiceproto.messages.link import SaslChallenge, SaslMechanismList, SaslResponse, SaslStart
from spiceproto.sizes import LINK_RESULT_SIZE

__all__ = ["SaslObserver"]


class SaslObserver:
    """Walks one SASL exchange.

    ``announced`` says whether the server had announced it. ``result`` takes the link result; ``hidden`` is called instead,
    with the name of the mechanism, when its security layer hides that.
    """

    __slots__ = (
        "_announced",
        "_hidden",
        "_mechanisms",
        "_name",
        "_name_bytes",
        "_result",
        "_rounds",
        "_start",
        "_watch",
    )

    def __init__(self, watch: Watch, *, announced: bool, result: Then, hidden: Callable[[str], None]) -> None:
        self._watch = watch
        self._announced = announced
        self._result = result
        self._hidden = hidden
        self._mechanisms: tuple[str, ...] = ()
        self._name = ""
        self._name_bytes = b""
        self._start = 0
        self._rounds = 0

    def begin(self) -> None:
        """The mechanism is SASL; a list of its mechanisms is due."""
        self._watch.expect("sasl", "server", 4, self._list_or_result)

    def _list_or_result(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if size == MAGIC:
            self._result(data)
        elif size > limits.SASL_MECHANISM_LIST:
            self._bad_size("server", self._watch.at("server", 4), limits.SASL_MECHANISM_LIST, size)
        else:
            # The same number may be the length of "PLAIN" or an error, behind which nothing comes.
            self._watch.expect("sasl", "server", size, self._mechanism_list, lambda: self._no_list(data))

    def _no_list(self, data: bytes) -> None:
        if any(data) and not self._watch.inboxes["server"]:
            self._watch.stage = "mechanism"
            self._result(data)
        else:
            self._watch.truncated()

    def _bad_size(self, sender: str, offset: int, most: int, size: int) -> None:
        self._watch.problem("error", "sasl-size", sender, offset, f"at most {most} bytes", str(size))
        self._watch.fail(None, "SASL cannot be followed")

    def _mechanism_list(self, data: bytes) -> None:
        self._mechanisms = frames.split_mechanisms(data)
        self._watch.step("sasl-mechanism-list", 4 + len(data), SaslMechanismList(data))
        if not self._announced:
            at = self._watch.at("server", 4 + len(data))
            self._watch.problem("error", "unannounced-sasl", "server", at, "a link result", "a mechanism list")
        self._watch.expect("sasl", "client", 4, self._name_length)

    def _name_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        self._start = self._watch.at("client", 4)
        if not 1 <= size <= frames.MECHANISM_NAME:
            self._bad_size("client", self._start, frames.MECHANISM_NAME, size)
            return
        self._watch.expect("sasl", "client", size, self._chosen)

    def _chosen(self, data: bytes) -> None:
        self._name_bytes = data
        self._name = data.decode("ascii", "backslashreplace")
        if self._name not in self._mechanisms:
            at = self._start + 4
            self._watch.problem("error", "sasl-mechanism", "client", at, ", ".join(self._mechanisms), self._name)
        self._watch.expect("sasl", "client", 4, lambda size: self._data_length("client", size, self._first_response))

    def _data_length(self, sender: str, data: bytes, then: Then, more: int = 0) -> None:
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            self._bad_size(sender, self._watch.at(sender, 4), limits.SASL_DATA, size)
            return
        self._watch.expect("sasl", sender, size + more, then)

    def _terminator(self, sender: str, data: bytes, offset: int) -> None:
        if data and data[-1]:
            self._watch.problem("warning", "sasl-terminator", sender, offset, "0", str(data[-1]))

    def _first_response(self, data: bytes) -> None:
        end = self._watch.at("client")
        self._watch.step("sasl-start", end - self._start, SaslStart(self._name_bytes, data))
        self._terminator("client", data, end - 1)
        self._await_challenge()

    def _await_challenge(self) -> None:
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            at = self._watch.at("server")
            self._watch.problem("error", "sasl-endless", "server", at, f"at most {frames.ROUNDS} challenges")
            self._watch.fail(None, "SASL does not come to an end")
            return
        self._watch.expect("sasl", "server", 4, lambda size: self._data_length("server", size, self._challenge, 1))

    def _challenge(self, data: bytes) -> None:
        content, complete = data[:-1], data[-1]
        self._watch.step("sasl-challenge", 4 + len(data), SaslChallenge(content, complete))
        self._terminator("server", content, self._watch.at("server", 2))
        if complete:
            self._watch.expect("sasl", "server", LINK_RESULT_SIZE, self._sasl_result)
        else:
            self._watch.expect("sasl", "client", 4, lambda size: self._data_length("client", size, self._response))

    def _response(self, data: bytes) -> None:
        self._watch.step("sasl-response", 4 + len(data), SaslResponse(data))
        self._terminator("client", data, self._watch.at("client", 1))
        self._await_challenge()

    def _sasl_result(self, data: bytes) -> None:
        result = parse_result(data)
        self._watch.step("sasl-result", len(data), result)
        if result.error != LinkErr.OK:
            self._watch.fail(result.error, "the server refuses the login")
        else:
            self._watch.expect("result", "server", LINK_RESULT_SIZE, self._result_or_layer)

    def _result_or_layer(self, data: bytes) -> None:
        """The link result; or the big-endian length of the packet in which a security layer hides it."""
        may_hide = self._name not in frames.WITHOUT_LAYER and not self._name.startswith("SCRAM-")
        if not may_hide or int.from_bytes(data, "little") <= max(LinkErr):
            self._result(data)
            return
        self._watch.inboxes["server"].give_back(data)
        self._hidden(self._name)
