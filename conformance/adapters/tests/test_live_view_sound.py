"""Sound of the live view: the guest's tones in the page, and the browser's beeping microphone in the guest.

Nothing is heard where nobody listens: what a page plays is taken from its own graph of sound, and counted there.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.sound_card import FREQUENCY
from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.looks import left_by_clients, need_adapters
from conformance.adapters.tests.reference_pair import Reference, ReferencePair
from conformance.adapters.tests.test_qemu_sound import tone
from spiceproto.tests.peers import end, until

SECONDS = 3

_TAP = """
globalThis.taps = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (this instanceof AudioWorkletNode && this.numberOfInputs === 0) {
    const sides = new ChannelSplitterNode(this.context, { numberOfOutputs: 2 });
    connect.call(this, sides);
    for (const side of [0, 1]) {
      taps[side] = new AnalyserNode(this.context, { fftSize: 32768 });
      connect.call(sides, taps[side], side);
    }
  }
  return connect.call(this, to, ...more);
};
"""

_HERTZ = """taps.map((tap) => {
  const sound = new Float32Array(tap.fftSize);
  tap.getFloatTimeDomainData(sound);
  const middle = sound.reduce((sum, one) => sum + one) / sound.length, rises = [];
  sound.forEach((one, place) => place && sound[place - 1] < middle && one >= middle && rises.push(place));
  return (rises.length - 1) * tap.context.sampleRate / (rises.at(-1) - rises[0]);
})"""

_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def uri(server: Reference) -> str:
    return f"spice://127.0.0.1:{server.place['port']}"


def counts(view: LiveView) -> dict[str, int]:
    found: dict[str, int] = json.loads(view.js("document.getElementById('sound').dataset.player ?? '{}'"))
    return found


def words(view: LiveView) -> str:
    return str(view.js("document.querySelector('#sound-words').textContent"))


def settled(view: LiveView) -> None:
    """Wait until some seconds, counted in what is played, pass without a hole."""
    begun: dict[str, int] = {"underruns": -1}

    def passed() -> bool:
        nonlocal begun
        now = counts(view)
        if now.get("underruns") != begun["underruns"]:
            begun = now if now else begun
            return False
        return now["played"] >= begun["played"] + SECONDS * 48000

    until(passed, what=f"{SECONDS} seconds without a hole")


def test_the_guest_is_heard_without_holes_once_the_page_is_touched(tmp_path: Path) -> None:
    server = Reference(tmp_path / "server", "--disable-ticketing", "--guest", "tone", "--pointer", "absolute")
    try:
        with live_view(tmp_path, uri(server), first=_TAP) as view:
            until(lambda: words(view) == "sound begins when the page is touched", what="the page waits for a touch")
            assert not counts(view).get("heard")
            view.click(9, 9)
            settled(view)
            found = view.js(_HERTZ)
            assert found == [pytest.approx(440, abs=1), pytest.approx(660, abs=1)]
            assert counts(view)["held"] < 48000 and counts(view)["dropped"] == 0
            view.press("#sound button")
            until(lambda: not counts(view), what="sound is off")
            view.press("#sound button")
            until(lambda: counts(view).get("played", 0) > 4800, what="sound is on again")
    finally:
        end(server.process)


def test_the_microphone_is_heard_while_the_guest_listens_and_the_user_wants_it(tmp_path: Path) -> None:
    server = Reference(tmp_path / "server", "--disable-ticketing", "--guest", "meter")
    path = tmp_path / "heard.wav"

    def heard() -> np.ndarray[Any, Any]:
        """Samples that the guest has heard since the last time."""
        path.unlink(missing_ok=True)
        server.ask("heard", path=str(path))
        if not path.exists():
            return np.zeros(0, np.int16)
        with wave.open(str(path)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")

    try:
        # As samples: silence in Opus is not quite still.
        with live_view(tmp_path, uri(server), "--sound-mode", "raw", browser=_MICROPHONE) as view:
            until(lambda: len(heard()) > 0, what="the guest listens")
            assert not heard().any()
            view.press("#sound button:nth-of-type(2)")
            until(lambda: "the guest hears the microphone" in words(view), what="the microphone is open")
            until(lambda: np.abs(heard().astype(int)).max(initial=0) > 1000, what="the beep")
            view.press("#sound button:nth-of-type(2)")
            until(lambda: "microphone" not in words(view), what="the microphone is closed")
            until(lambda: len(found := heard()) > 0 and not found.any(), what="silence")
    finally:
        end(server.process)


def test_a_microphone_that_is_not_there_is_told(tmp_path: Path) -> None:
    server = Reference(tmp_path / "server", "--disable-ticketing", "--guest", "meter")
    try:
        with live_view(tmp_path, uri(server)) as view:
            view.press("#sound button:nth-of-type(2)")
            until(lambda: "no microphone: Not" in words(view), what="the page says that there is none")
    finally:
        end(server.process)


@pytest.mark.parametrize("kind", ["seamless", "switch-host"])
def test_sound_and_messages_go_on_where_the_guest_goes(tmp_path: Path, kind: str) -> None:
    options = ("--disable-ticketing", "--guest", "tone", "--pointer", "absolute")
    with (
        ReferencePair(tmp_path, *options) as pair,
        live_view(tmp_path, f"spice://127.0.0.1:{pair.address.port}", first=_TAP) as view,
    ):
        view.press("#open-messages")
        until(lambda: counts(view).get("played", 0) > 4800, what="it plays")
        assert pair.migrate(kind) == [kind]
        view.press("#messages .tools button:last-of-type")
        view.until("document.querySelector('#messages .list').textContent.includes('playback:0')")
        settled(view)
        assert view.js(_HERTZ) == [pytest.approx(440, abs=1), pytest.approx(660, abs=1)]


def test_the_sound_card_of_a_guest_is_heard_once_it_is_not_mute(tmp_path: Path) -> None:
    need_adapters(Qemu)
    qemu = left_by_clients()
    with (
        qemu,
        live_view(tmp_path, f"spice://{qemu.host}:{qemu.port}", first=_TAP) as view,
        qemu.sound_card() as card,
    ):
        card.play(tone(440, 660).tobytes())
        until(lambda: words(view) == "the guest is muted", what="the guest is muted")
        view.press("#title")
        until(lambda: counts(view).get("played", 0) > 4800, what="it plays, and is not heard")
        assert view.js(_HERTZ) == [None, None]
        card.be_loud()
        card.play(tone(440, 660).tobytes())
        until(lambda: view.js(_HERTZ) == [pytest.approx(440, abs=1), pytest.approx(660, abs=1)], what="both tones")


def test_the_sound_card_of_a_guest_hears_the_microphone(tmp_path: Path) -> None:
    need_adapters(Qemu)
    qemu = left_by_clients()
    with qemu, live_view(tmp_path, f"spice://{qemu.host}:{qemu.port}", browser=_MICROPHONE) as view:
        view.press("#sound button:nth-of-type(2)")
        with qemu.sound_card() as card:

            def loudest() -> int:
                """Of what the card hears in two seconds: a browser may be late behind START."""
                card.listen(2 * FREQUENCY)
                until(lambda: not card.listens)
                return int(np.abs(np.frombuffer(card.heard(2 * FREQUENCY), "<i2").astype(int)).max())

            until(lambda: loudest() > 1000, what="the beep")
