"""``python -m spiceproto.derive [--check]``: write the generated modules, or only say which are out of date."""

from __future__ import annotations

import sys
from pathlib import Path

from spiceproto.derive.generate import files


def main(arguments: list[str]) -> int:
    """Exit status 1 if ``--check`` found a difference."""
    root = Path(__file__).parents[1]
    stale = []
    for name, text in files().items():
        path = root / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text)
    print("\n".join(f"{'out of date' if '--check' in arguments else 'wrote'}: {name}" for name in stale) or "up to date")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
