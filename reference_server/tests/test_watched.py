"""Who is told what, and in which order."""

from __future__ import annotations

from reference_server.watched import Watched


def test_watchers_are_told_what_they_want_in_order() -> None:
    told: list[tuple[str, object]] = []

    def last(news: object) -> None:
        told.append(("last", news))

    def numbers(news: object) -> None:
        told.append(("numbers", news))

    def everything(news: object) -> None:
        told.append(("everything", news))

    watched = Watched()
    watched.watch(last, last=True)
    watched.watch(numbers, int, float)
    watched.watch(everything)
    watched.tell(1)
    assert told == [("numbers", 1), ("everything", 1), ("last", 1)]
    watched.tell("a")
    assert told[3:] == [("everything", "a"), ("last", "a")]
    watched.unwatch(everything)
    watched.unwatch(last)
    watched.unwatch(last)
    watched.tell(2.5)
    assert told[5:] == [("numbers", 2.5)]


def test_a_watcher_may_leave_while_it_is_told() -> None:
    told: list[object] = []

    def once(news: object) -> None:
        told.append(news)
        watched.unwatch(once)

    watched = Watched()
    watched.watch(once)
    watched.watch(told.append)
    watched.tell(1)
    watched.tell(2)
    assert told == [1, 1, 2]
