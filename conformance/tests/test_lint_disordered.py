"""Whole recordings in another order, by other clocks, with packets twice: nobody is blamed, and what was not judged is said."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from conformance.lint import Lint
from conformance.tests.test_lint_incomplete import FAULTS, accusations, decoded, deserved, judged, parts, recorded
from spiceproto.capture import scout
from spiceproto.capture.decode import Decoder
from spiceproto.capture.glance import is_disordered
from spiceproto.capture.order import Order
from spiceproto.capture.segment import Segment
from spiceproto.rules import MACHINES
from spiceproto.tests import disordered
from spiceproto.tests.disordered import SYN
from spiceproto.tests.incomplete import Block, joined

NAMES = (
    "andris-synthetic",
    "drawall-auto_glz",
    "html5-debian",
    "qemu-agent-mouse",
    "qemu-link-probes",
    "qemu-migration-switch-host",
    "qemu-multi-qxl-4",
    "qemu-tls12-rsa",
    "qemu-tls13",
    "spicy-basic",
)
MILLISECOND = 1_000_000
SAID = {("decode", "disorder"), ("decode", "seen-twice"), ("decode", "copy")}

Change = Callable[[Sequence[Block]], list[Block]]


def changed(whole: Sequence[Block]) -> dict[str, list[Block]]:
    found = {}
    for client in (True, False):
        side = "client" if client else "server"
        for places in (1, 2, 5, 8, 20, 50, 100, 200):
            found[f"{side} {places} later"] = disordered.shifted(whole, places, client=client)
        for time in (1, 20, 300):
            found[f"{side} {time} ms ahead"] = disordered.skewed(whole, time * MILLISECOND, client=client)
    for window in (3, 10, 30, 100):
        for seed in range(2):
            found[f"shuffled in {window}, {seed}"] = disordered.shuffled(whole, window, seed)
    return found


def messages(data: bytes) -> int:
    return judged(data).messages


@pytest.mark.parametrize("name", NAMES)
def test_the_order_is_another(name: str) -> None:
    """Each way of it: nothing is found that was not there, and every message is judged that was judged before."""
    whole = parts(name)
    wrong = {}
    for what, other in changed(whole).items():
        data = joined(other)
        found = accusations(data) - deserved(name) - SAID
        if found or messages(data) != messages(joined(whole)):
            wrong[what] = found, messages(data)
    assert wrong == {}


@pytest.mark.parametrize("change", [disordered.twice, disordered.appended], ids=["twice", "appended"])
@pytest.mark.parametrize("name", NAMES)
def test_packets_twice(name: str, change: Change) -> None:
    data = joined(change(parts(name)))
    assert accusations(data) - deserved(name) == {("decode", "seen-twice")}
    found = judged(data)
    assert found.messages == messages(joined(parts(name)))
    assert sum(said.startswith("packets were seen twice, the first again in frame ") for said in found.said) == 1


@pytest.mark.parametrize("later", [3, 40])
@pytest.mark.parametrize("name", ["qemu-agent-mouse", "qemu-wrong-password"])
def test_packets_twice_and_the_second_late(name: str, later: int) -> None:
    """As at a mirror port; a connection may be over by then."""
    data = joined(disordered.twice(parts(name), later))
    assert accusations(data) - deserved(name) == {("decode", "seen-twice")}
    assert judged(data).connections == judged(joined(parts(name))).connections


@pytest.mark.parametrize(("every", "later"), [(1, 3), (3, 1), (5, 20), (50, 6)])
@pytest.mark.parametrize("name", NAMES)
def test_segments_that_are_sent_again(name: str, every: int, later: int) -> None:
    """They acknowledge what has come since; nothing is lost by that."""
    whole = parts(name)
    data = joined(disordered.sent_again(whole, every, later))
    assert accusations(data) - deserved(name) <= {("decode", "seen-twice")}
    found, single = judged(data), judged(joined(whole))
    assert found.messages == single.messages and not any("not captured" in said for said in found.said)
    assert [(item.requirement, item.verdict) for item in found.rulings()] == [
        (item.requirement, item.verdict) for item in single.rulings()
    ]


@pytest.mark.parametrize("later", [0, 5])
@pytest.mark.parametrize("name", ["andris-synthetic", "html5-debian", "qemu-sasl-digest", "qemu-tls13", "spicy-basic"])
def test_both_sides_of_a_translation(name: str, later: int) -> None:
    """A connection under two addresses is one connection."""
    whole = joined(parts(name))
    data = joined(disordered.translated(parts(name), later))
    assert accusations(data) - deserved(name) == {("decode", "copy")}
    found, single = judged(data), judged(whole)
    assert found.connections == 2 * single.connections and found.messages == single.messages
    assert sum("seen twice, under other addresses as connection " in said for said in found.said) == single.connections


def test_a_translated_session_is_not_taken_over_and_lacks_no_channel() -> None:
    data = joined(disordered.translated(parts("qemu-agent-mouse")))
    decoder = Decoder(io.BytesIO(data), Lint())
    decoder.run()
    assert (len(decoder.sessions), decoder.takeovers, decoder.unlinked) == (1, [], [])


def test_what_needs_the_order_of_connections_is_not_judged() -> None:
    """Where nothing tells it; and the reason is given."""
    joining = {id for machine in MACHINES.values() if machine.scope == "session" for id in machine.requirements()}
    whole = judged(joined(parts("qemu-vmmouse-modes")))
    assert any(item.verdict == "kept" for item in whole.rulings() if item.requirement in joining)
    ahead = disordered.skewed(parts("qemu-vmmouse-modes"), 300 * MILLISECOND, client=True)
    found = judged(joined(ahead))
    assert {item.verdict for item in found.rulings() if item.requirement in joining} == {"not judged"}
    (said,) = [said for said in found.said if said.startswith("packets are not in the order in which they were sent")]
    assert "with a time up to 300 ms later" in said and said.endswith(": what depends on that is not judged")


def test_a_little_disorder_takes_nothing_away() -> None:
    """Neighbours that changed places, as in every capture."""
    whole = disordered.shuffled(parts("qemu-vmmouse-modes"), 2, 0)
    assert not any(said.startswith("packets are not") for said in judged(joined(whole)).said)


@pytest.mark.parametrize(("role", "name"), FAULTS)
def test_faults_are_found_in_disorder(tmp_path_factory: pytest.TempPathFactory, role: str, name: str) -> None:
    sentence, whole = recorded(tmp_path_factory.mktemp("fault"), role, name)
    joining = {id for machine in MACHINES.values() if machine.scope == "session" for id in machine.requirements()}
    for other in (
        disordered.shifted(whole, 8, client=True),
        disordered.shifted(whole, 8, client=False),
        disordered.twice(whole),
    ):
        found = judged(joined(other))
        distrusted = any(said.startswith("packets are not") for said in found.said) and sentence in joining
        assert (sentence in {item.requirement for item in found.findings}) != distrusted


@pytest.mark.parametrize("name", ["qemu-link-probes", "qemu-no-password", "spicy-basic"])
def test_the_start_was_not_seen(name: str) -> None:
    """Without any SYN, an end is not taken for the other one, whatever size its header says."""
    data = joined([part for part in parts(name) if not disordered.flags(part) & SYN])
    assert accusations(data) - deserved(name) == set()
    if name == "qemu-link-probes":
        sizes = {item.actual for item in judged(data).findings if item.requirement == "SPICE-LINK-011"}
        assert sizes == {item.actual for item in judged(joined(parts(name))).findings if item.requirement == "SPICE-LINK-011"}


def test_a_file_in_order_is_read_the_short_way() -> None:
    whole = parts("qemu-agent-mouse")
    assert not is_disordered(io.BytesIO(joined(whole)))
    assert not is_disordered(io.BytesIO(joined(disordered.twice(whole))))
    assert is_disordered(io.BytesIO(joined(disordered.shuffled(whole, 30, 0))))
    assert not is_disordered(io.BytesIO(b"no capture"))


def test_a_glance_misses_nothing_that_a_scout_finds() -> None:
    whole = parts("spicy-basic")
    scouted = {}
    for what, found in {"whole": whole, "twice": disordered.twice(whole), **changed(whole)}.items():
        data = joined(found)
        scouted[what] = scout.is_disordered(io.BytesIO(data))
        assert is_disordered(io.BytesIO(data)) is scouted[what], what
    assert set(scouted.values()) == {True, False}


def test_decoding_in_another_order_finds_the_same_messages() -> None:
    def told(data: bytes) -> Counter[str]:
        return Counter(str(item["name"]) for item in decoded(data) if item["record"] == "message")

    for seed in range(3):
        assert told(joined(disordered.shuffled(parts("spicy-basic"), 100, seed))) == told(joined(parts("spicy-basic")))


class Recorder:
    """Takes segments of :class:`Order`."""

    def __init__(self) -> None:
        self.frames: list[int] = []

    def segment(self, segment: Segment) -> None:
        self.frames.append(segment.frame)

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        self.frames.append(-frame)


CLIENT = bytes([10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2])
SERVER = bytes([10, 0, 0, 2, 10, 0, 0, 1, 0, 2, 0, 1])


def ordered(*segments: tuple[bytes, int, int, int, bytes]) -> list[int]:
    """The frames in the order in which they leave, of (direction, sequence, acknowledgement, flags, payload)."""
    found = Recorder()
    order = Order(found)
    for frame, (key, seq, ack, flags, payload) in enumerate(segments, 1):
        time_ns = frame * MILLISECOND
        order.segment(Segment(key=key, seq=seq, ack=ack, flags=flags, payload=payload, time_ns=time_ns, frame=frame))
    order.finish()
    return found.frames


def test_what_is_in_order_stays() -> None:
    talk = ((CLIENT, 10, 0, 2, b""), (SERVER, 50, 11, 18, b""), (CLIENT, 11, 51, 16, b"ask"), (SERVER, 51, 14, 16, b"yes"))
    assert ordered(*talk) == [1, 2, 3, 4]


def test_an_answer_leaves_behind_its_question_and_what_that_rests_on() -> None:
    talk = ((SERVER, 51, 14, 16, b"yes"), (CLIENT, 11, 51, 16, b"ask"), (SERVER, 50, 11, 18, b""), (CLIENT, 10, 0, 2, b""))
    assert ordered(*talk) == [4, 3, 2, 1]


def test_numbers_wrap_around() -> None:
    talk = ((SERVER, 2, 5, 16, b"yes"), (CLIENT, 2, 2, 16, b"ask"), (SERVER, 0xFFFFFFFE, 2, 16, b"more"))
    assert ordered(*talk) == [3, 2, 1]


def test_an_rst_is_the_last() -> None:
    talk = ((CLIENT, 11, 51, 16, b"ask"), (CLIENT, 14, 0, 4, b""), (SERVER, 51, 14, 16, b"yes"))
    assert ordered(*talk) == [1, 3, 2]


def test_the_next_connection_of_a_port_does_not_mix_with_the_last() -> None:
    first = ((CLIENT, 10, 0, 2, b""), (SERVER, 50, 11, 18, b""), (CLIENT, 11, 51, 17, b""), (SERVER, 51, 12, 17, b""))
    again = ((CLIENT, 5, 0, 2, b""), (SERVER, 40, 6, 18, b""), (CLIENT, 6, 41, 16, b"ask"))
    assert ordered(*first, *again) == [1, 2, 3, 4, 5, 6, 7]


def test_segments_that_acknowledge_each_other_end_all_the_same() -> None:
    assert sorted(ordered((CLIENT, 10, 53, 16, b"one"), (SERVER, 50, 13, 16, b"two"))) == [1, 2]
