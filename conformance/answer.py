"""How a server answered a link: the link reply, the link result, or what came instead of them."""

from __future__ import annotations

import msgspec

from conformance.naming import error_name
from conformance.outcome import Failure
from spiceproto.enums.link import LinkErr

__all__ = ["Answer"]


class Answer(msgspec.Struct, frozen=True):
    """How a link was answered.

    * ``kind``: "reply" (a link reply), "result" (a link result), "second-reply" (a link reply in place of the result),
      "closed", "silence", "bytes" (something else)
    * ``error``: the number in it
    * ``stage``: "link" before the login, "login" after
    * ``data``: how something else begins
    """

    kind: str
    error: int | None = None
    stage: str = "link"
    data: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it is a link reply or a link result without an error."""
        return self.kind in ("reply", "result") and self.error == LinkErr.OK

    @property
    def expected(self) -> str:
        """What should have come in its place."""
        return "link result OK (0)" if self.stage == "login" or self.kind == "result" else "a link reply without an error"

    def is_error(self, *errors: int) -> bool:
        """Whether it is a link reply or a link result with one of these errors."""
        return self.kind in ("reply", "result") and self.error in errors

    def expect_error(self, *errors: int, kind: str = "") -> None:
        """It is a link reply or a link result, or the one that ``kind`` names, with one of these errors. Raises Failure."""
        if not self.is_error(*errors) or (kind and self.kind != kind):
            wanted = " or ".join([error_name(error) for error in errors])
            raise Failure(f"link {kind or 'reply or link result'} {wanted}", str(self))

    def expect_refused(self, kind: str) -> None:
        """It is a link reply or a link result, as ``kind`` says, with any error but OK. Raises Failure."""
        if self.kind != kind or not self.error:
            raise Failure(f"link {kind} other than {error_name(LinkErr.OK)}", str(self))

    def expect_logged_in(self) -> None:
        """It is the link result OK. Raises Failure."""
        if self.kind != "result" or not self.ok:
            raise Failure(self.expected, str(self))

    def __str__(self) -> str:
        if self.kind in ("reply", "result"):
            return f"link {self.kind} {error_name(self.error)}"
        if self.kind == "bytes":
            return f"bytes that are no answer{f': {self.data[:16].hex()}' if self.data else ''}"
        if self.kind == "second-reply":
            return "a second link reply"
        return {"closed": "closed without an answer", "silence": "no answer, and not closed"}.get(self.kind, self.kind)
