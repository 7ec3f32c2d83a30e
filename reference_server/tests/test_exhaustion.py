"""Errors that asyncio meets when there are no descriptors: those are kept from it, and no others."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

from reference_server.exhaustion import Exhaustion


class Heard:
    """A loop with an exhaustion before its handler; what each was told."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.said: list[str] = []
        self.passed_on: list[Any] = []
        self.handler = lambda loop, context: self.passed_on.append(context.get("exception"))
        self.loop.set_exception_handler(self.handler)
        self.room = 0
        self.exhaustion = Exhaustion(self.loop, self.said.append, self.make_room)

    def make_room(self) -> None:
        self.room += 1

    def meets(self, error: Exception, **more: Any) -> list[Any]:
        """What is passed on of an error."""
        self.passed_on.clear()
        self.loop.call_exception_handler({"message": "", "exception": error, **more})
        return self.passed_on

    def accepts_again(self) -> list[Any]:
        """The same of what asyncio does a second later, when the listener is closed by then."""
        self.passed_on.clear()
        listener = socket.socket()
        listener.close()
        self.loop.call_soon(self.loop._start_serving, None, listener)  # type: ignore[attr-defined]
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()
        return self.passed_on


def no_descriptors() -> OSError:
    return OSError(errno.EMFILE, "Too many open files")


def test_it_is_said_once() -> None:
    heard = Heard()
    assert heard.meets(no_descriptors(), socket=1) == heard.meets(no_descriptors(), socket=1) == []
    assert len(heard.said) == 1 and "Too many open files" in heard.said[0]
    heard.loop.close()


def test_all_else_is_whose_it_was() -> None:
    heard = Heard()
    for error, more in ((no_descriptors(), {}), (OSError(errno.EPIPE, ""), {"socket": 1}), (ValueError("a mistake"), {})):
        assert heard.meets(error, **more) == [error]
    assert not heard.said
    heard.loop.close()


def test_once_nobody_listens_a_listener_that_is_closed_is_no_news() -> None:
    heard = Heard()
    (error,) = heard.accepts_again()
    assert isinstance(error, ValueError)
    heard.meets(no_descriptors(), socket=1)
    heard.exhaustion.stopping = True
    assert heard.accepts_again() == []
    heard.exhaustion.end()
    assert heard.accepts_again() == []
    mistake = ValueError("a mistake of ours, on the way out")
    assert heard.meets(mistake) == [mistake]
    heard.loop.close()


def test_the_loop_is_left_as_it_was() -> None:
    heard = Heard()
    heard.exhaustion.stopping = True
    heard.exhaustion.end()
    assert heard.loop.get_exception_handler() is heard.handler
    heard.loop.close()
