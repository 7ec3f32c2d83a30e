"""``spiceproto view`` of 50 MB against ``decode --format jsonl``, and how long its page takes to open. Nothing here can fail.

    python benchmarks/bench_capture_view.py [--rounds 3] [--folder CAPTURES] [--browser]

Processor time and peak memory are of whole processes, which take turns; medians are shown. ``many`` has small messages,
``large`` images. With ``--browser`` the pages are opened in headless Chromium: from the navigation until the first message
is shown, and until the plots, a search, and the last row are there.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))
import make_captures
from bench_decode import measure

_SIZE: Final = 50 << 20
_MANY: Final = 365_000

_COMMANDS: Final = {
    "decode --format jsonl": ("decode", "--format", "jsonl"),
    "view --no-rules": ("view", "--no-rules"),
    "view": ("view",),
}

_USED: Final = """
(() => {
  const times = [];
  for (const act of [() => view.open("plots"), () => view.find("size>10"), () => view.choose(view.length - 1)]) {
    const begun = performance.now();
    act();
    times.push(Math.round(performance.now() - begun));
  }
  return times;
})()
"""


def compare(path: Path, page: Path, rounds: int) -> None:
    """All commands in turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _COMMANDS}
    for _ in range(rounds):
        for name, (verb, *options) in _COMMANDS.items():
            output = ["-o", str(page)] if verb == "view" else []
            found[name].append(measure([sys.executable, "-m", "spiceproto", verb, str(path), *options, *output]))
    least = statistics.median(seconds for seconds, _ in found["decode --format jsonl"])
    for name, times in found.items():
        seconds = statistics.median(seconds for seconds, _ in times)
        print(
            f"{path.stem:6} {name:22} {seconds:7.2f} s  x{seconds / least:.1f}  {max(peak for _, peak in times):5.0f} MiB",
            flush=True,
        )
    print(f"{path.stem:6} page of {page.stat().st_size / 1e6:.1f} MB", flush=True)


def opened(pages: list[Path], folder: Path) -> None:
    """How long each takes until it shows its first message."""
    from conformance.adapters.chromium import Chromium, PageError

    browser = Chromium(folder, folder / "log")
    try:
        for page in pages:
            browser.load("about:blank")
            browser.loaded()
            begun = time.perf_counter()
            browser.load(page.as_uri())
            browser.loaded()
            while True:
                try:
                    if browser.evaluate("document.body?.dataset.row !== undefined"):
                        break
                except PageError:
                    pass
                time.sleep(0.01)
            seconds = time.perf_counter() - begun
            rows, (plots, search, last) = browser.evaluate("view.length"), browser.evaluate(_USED)
            print(
                f"{page.stem:6} {rows} rows open in {seconds:.2f} s; plots {plots} ms, search {search} ms, last row {last} ms"
            )
    finally:
        browser.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for name in ("many", "large"):
        path, page = folder / f"{name}.pcap", folder / f"{name}.html"
        if not path.exists():
            if name == "many":
                make_captures.many(path, _MANY)
            else:
                make_captures.large(path, _SIZE)
        compare(path, page, options.rounds)
        pages.append(page)
    if options.browser:
        opened(pages, folder)


if __name__ == "__main__":
    main()
