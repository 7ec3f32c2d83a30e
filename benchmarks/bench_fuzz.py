"""Conversations a minute of ``spiceconf fuzz``, and how long it takes to find faults. Nothing here can fail.

Prints, for each reference, conversations a minute of processor time; the same by the clock for QEMU and andris where they are
installed. Conversations that find something new do not count: it is played again until it is small, which takes seconds.
With ``--planted``: for each of some 30 faults of the references, of which no ordinary case is played, the median of
the seconds of processor time until it was found, over several seeds, and the steps of the smallest and largest conversation;
at the end how many have more than two steps above the smallest of their fault.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

from conformance.adapters.programs import CATALOGUE
from conformance.address import open_target
from conformance.faults import faults
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.corpus import own
from conformance.fuzz.stage import Stage

COUNT = 1500
OVER_SOCKETS = 300

_NEAR = 2
"""Steps above the smallest conversation of a fault that are as good."""

PLANTED = {
    "server": (
        "unknown-message-kills-session",
        "grants-any-mode",
        "list-only-once",
        "closes-for-the-wrong-movement",
        "motion-ack-every-five",
        "channels-outlive-main",
        "any-channel-ends-the-session",
        "no-agent-start-without-agent",
        "no-agent-token-without-agent",
        "unknown-preference-fatal",
        "refuses-longer-bodies",
        "closes-for-a-pong-it-did-not-ask-for",
        "closes-for-an-early-ack",
        "closes-for-no-key",
        "closes-for-other-locks",
        "closes-for-a-bad-mode",
        "any-magic",
        "any-major-version",
        "unknown-event-fatal",
        "unasked-report-fatal",
        "forgets-half-a-message",
    ),
    "client": (
        "unknown-type-fatal",
        "trailing-bytes-fatal",
        "no-ack",
        "no-ack-sync",
        "no-pong-on-inputs",
        "pong-with-other-timestamp",
        "outlives-main",
        "dies-with-any-channel",
        "notify-fatal",
        "other-locks-fatal",
        "clip-of-no-stream-fatal",
        "second-port-init-fatal",
        "unknown-port-event-fatal",
        "odd-latency-fatal",
        "no-levels-while-it-plays",
    ),
}
"""Faults that need something said twice, too early, wrong, or in pieces, and some that any conversation shows."""


def rate(address: str, count: int, *, clock: bool = False) -> None:
    now = time.perf_counter if clock else time.process_time
    stage = Stage(open_target(address))
    stage.start()
    try:
        campaign = Campaign(stage, small=False, corpus=list(own(stage.role).read().values()))
        campaign.run(count=20)
        seconds, steps, held = 0.0, 0, 0
        for _ in range(count):
            known, began = campaign.replayed, now()
            shown = campaign.once()
            if campaign.replayed == known:
                seconds, steps, held = seconds + now() - began, steps + len(shown.steps), held + 1
    finally:
        stage.stop()
    by = "the clock" if clock else "processor time"
    print(f"{address:<12} {60 * held / seconds:8,.0f} conversations a minute of {by}, {steps / held:.1f} steps each")


def search(role: str, name: str, sentences: set[str], seed: int, most: float) -> tuple[float, int]:
    """Seconds until one of the sentences is found, and steps then; infinity and 0 if it was not."""
    stage = Stage(open_target(f"ref:{role}?fault={name}", seed=seed))
    began = time.process_time()
    stage.start()
    campaign = Campaign(stage, seed=seed, corpus=list(own(role).read().values()))
    campaign.warm()

    def found() -> bool:
        return any(item.finding.sentence in sentences for item in campaign.found)

    campaign.run(until=lambda: found() or time.process_time() - began > most)
    for item in campaign.found:
        if item.finding.sentence in sentences:
            return time.process_time() - began, len(item.steps)
    return float("inf"), 0


def planted(seeds: int, most: float) -> None:
    known = {(role, name): fault for role, name, fault in faults()}
    medians, sizes, long = [], 0, 0
    for role, names in PLANTED.items():
        for name in names:
            fault = known[role, name]
            sentences = {fault.requirement, *fault.breaks}
            runs = [search(role, name, sentences, seed, most) for seed in range(seeds)]
            times = [seconds for seconds, _ in runs]
            medians.append(median(times))
            found = [(seconds, steps) for seconds, steps in runs if seconds < float("inf")]
            steps = [number for _, number in found] or [0]
            sizes += len(found)
            long += sum(number > min(steps) + _NEAR for number in steps)
            said = f"{len(found)} of {seeds}  {medians[-1]:6.2f} s  {min(steps)} to {max(steps)} steps"
            print(f"{role} {name:<42} {fault.requirement:<18} {said}", flush=True)
    hits = sum(value < float("inf") for value in medians)
    print(f"{hits} of {len(medians)} faults; the median of them all {median(medians):.2f} s")
    print(f"{long} of {sizes} conversations end more than {_NEAR} steps above the smallest of their fault")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--most", type=float, default=60.0, help="seconds of processor time for one fault and seed")
    options = parser.parse_args()
    if options.planted:
        planted(options.seeds, options.most)
        return
    rate("ref:server", COUNT)
    rate("ref:client", COUNT)
    for scheme in ("qemu", "andris"):
        if not CATALOGUE[scheme].missing():
            rate(f"{scheme}:", OVER_SOCKETS, clock=True)


if __name__ == "__main__":
    main()
