"""Lip sync at a client: a flash is shown when its click is heard, whatever the network and the sound card do (chapter 12)."""

from __future__ import annotations

import pytest

from reference_client.clock import MultimediaClock
from reference_client.playout import LATENCY, MOST, Playout, Turn
from reference_client.tests.film import STRETCH, Card, Film
from spiceproto.messages import playback

TOGETHER = 20.0
"""Milliseconds: nobody sees less."""


def worst(film: Film) -> float:
    """Of all flashes but the first, by which the clock may not have settled."""
    return max(map(abs, film.apart[1:]))


@pytest.mark.parametrize(
    ("video", "audio"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.01, 0.15)], ids=("none", "video", "sound", "both")
)
@pytest.mark.parametrize("clock", [5000, 2**32 - 2300])
def test_a_flash_and_its_click(clock: int, video: float, audio: float) -> None:
    film = Film(clock=clock, video=video, audio=audio)
    film.run(5)
    assert len(film.apart) == 4 and worst(film) <= TOGETHER


@pytest.mark.parametrize("rate", [0.999, 1.001])
def test_a_sound_card_whose_clock_drifts(rate: float) -> None:
    film = Film(card=Card(rate))
    film.run(60)
    assert abs(film.card.clicks[-1] - film.card.clicks[0] - 58.0) > 2 * TOGETHER / 1000, "it drifts far"
    assert worst(film) <= TOGETHER


def test_a_guest_that_writes_sound_in_bursts() -> None:
    film = Film(burst=3)
    film.run(6)
    # Three stretches have one time: that of the middle one is 20 ms early, and by it the clock goes.
    assert worst(film) <= STRETCH + 2


def test_a_server_that_says_another_time_on_main_while_sound_plays() -> None:
    film = Film()
    film.run(5, (2.5, lambda: film.main(film.clock + 60_000)))
    assert worst(film) <= TOGETHER


def test_a_wait_that_the_server_asks_for() -> None:
    film = Film(latency=900)
    film.run(4)
    assert worst(film) <= TOGETHER
    assert all(0.89 <= click - second < 0.95 for second, click in enumerate(film.card.clicks, 1))


def test_a_longer_wait_while_sound_plays() -> None:
    film = Film()
    film.run(5, (2.5, lambda: film.line.send(playback.Latency(700))))
    waits = [round(click - second, 1) for second, click in enumerate(film.card.clicks, 1)]
    assert waits == [0.2, 0.2, 0.7, 0.7] and worst(film) <= TOGETHER


def test_a_network_that_holds_sound_up_for_longer_than_it_is_held() -> None:
    film = Film()

    def hold_up() -> None:
        film.until(3.0)

    film.run(6, (2.1, hold_up))
    assert max(map(abs, film.apart[3:])) <= TOGETHER, "it is together again"


def test_without_anybody_who_knows_what_is_held_it_is_reckoned() -> None:
    film = Film(held=False)
    film.run(4)
    # The card was given no silence, and plays at once; what is reckoned is the wait that was to be.
    shown = [round(flash - second, 2) for second, flash in enumerate(film.flashes, 1)]
    assert shown == [LATENCY] * 3


def test_the_clock_goes_on_behind_the_end_of_sound_until_main_sets_it() -> None:
    clock = MultimediaClock()
    clock.set(1000, 0.0)
    clock.sound_begins()
    clock.hears(61_000, 0.2, 1.0, anew=True)
    assert clock.time(1.0) == 60_800 and clock.sound_delay == 200
    clock.sound_ends(1.5)
    assert clock.time(2.5) == 62_300 and clock.sound_delay is None
    clock.set(7000, 3.0)
    assert clock.time(3.0) == 7000


def test_what_main_says_while_sound_plays_holds_behind_its_end() -> None:
    clock = MultimediaClock()
    clock.sound_begins()
    clock.set(500, 0.0)
    assert clock.time(0.0) == 500, "nothing was heard yet"
    clock.hears(61_000, 0.2, 1.0, anew=True)
    clock.set(9000, 1.1)
    assert clock.time(1.1) == 60_900
    clock.sound_ends(1.6)
    assert clock.time(1.6) == 9500
    clock.sound_begins()
    clock.hears(61_000, 0.2, 2.0, anew=True)
    clock.set(9000, 3.5)
    assert clock.time(3.5) == 9000, "nothing was heard for long"


def test_times_of_sound_around_zero_and_back() -> None:
    clock = MultimediaClock()
    clock.sound_begins()
    for number in range(100):
        time = 2**32 - 500 + 10 * number
        clock.hears(time & 0xFFFFFFFF, 0.2, 1 + number / 100, anew=number == 0)
        assert clock.time(1 + number / 100) == time - 200 & 0xFFFFFFFF
    clock.hears(0, 0.2, 2.0, anew=False)
    assert clock.time(2.0) == 2**32 - 200


def test_a_moved_clock_is_told() -> None:
    clock = MultimediaClock()
    told: list[float] = []
    clock.moved.append(told.append)
    clock.set(5, 1.0)
    clock.hears(9, 0.0, 2.0, anew=True)
    assert told == [1.0, 2.0]


def test_what_is_held() -> None:
    playout = Playout()
    assert playout.take(0.01, 5.0) == Turn(LATENCY, LATENCY, True)
    silence, delay, anew = playout.take(0.01, 5.005)
    assert silence == 0 and not anew and delay == pytest.approx(LATENCY + 0.005)
    playout.hold(500)
    silence, delay, anew = playout.take(0.01, 5.01)
    assert delay == pytest.approx(0.5) and not anew and silence == pytest.approx(0.5 - LATENCY - 0.01)
    playout.hold(100)
    assert playout.take(0.01, 5.01).silence == 0, "it is held already"
    assert playout.take(0.01, 9.0) == Turn(0.1, 0.1, True)
    playout.hold(0xFFFFFFFF)
    assert playout.latency == MOST
    playout.begin()
    assert playout.latency == LATENCY
