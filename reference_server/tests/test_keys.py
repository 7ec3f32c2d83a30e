"""Keys that are made ahead, on a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from reference_server.keys import Keys

_PATIENCE = 60.0


class Maker:
    """Makes numbers instead of keys; on which threads, is kept."""

    def __init__(self) -> None:
        self.numbers: Iterator[int] = count()
        self.threads: set[int] = set()
        self.came = threading.Condition()

    def make(self) -> Any:
        self.threads.add(threading.get_ident())
        return next(self.numbers)

    def on_key(self) -> None:
        with self.came:
            self.came.notify()

    def until(self, keys: Keys, size: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(keys) == size, _PATIENCE)


@pytest.mark.parametrize("size", [1, 20])
def test_keys_are_made_ahead_and_handed_out_once(size: int) -> None:
    maker = Maker()
    keys = Keys(size, maker.make, maker.on_key)
    try:
        maker.until(keys, size)
        taken: list[Any] = [keys.take() for _ in range(size)]
        assert taken == list(range(size))
        maker.until(keys, size)
        assert threading.get_ident() not in maker.threads
    finally:
        keys.close()


def test_there_is_always_one_to_be_had() -> None:
    maker = Maker()
    keys = Keys(2, maker.make, maker.on_key)
    maker.until(keys, 2)
    keys.close()
    taken: list[Any] = [keys.take() for _ in range(4)]
    assert taken == [0, 1, 2, 3]
    time.sleep(0.05)
    assert len(keys) == 0


def test_what_cannot_be_made_now_is_made_later() -> None:
    maker = Maker()
    errors = [OSError(), ImportError()]

    def make() -> Any:
        if errors:
            raise errors.pop()
        return maker.make()

    keys = Keys(1, make, maker.on_key)
    try:
        maker.until(keys, 1)
    finally:
        keys.close()
