"""``python -m fuzz_targets``: fuzz targets of the library, with atheris or without.

    python -m fuzz_targets list
    python -m fuzz_targets plain --seconds 30 picture-lz link-server      all targets if none is named
    python -m fuzz_targets guided picture-lz --corpus corpus -- -max_total_time=30
    python -m fuzz_targets seeds --corpus corpus
    python -m fuzz_targets again picture-lz crash-0123

Exit status of ``plain`` and ``again``: 0 if every promise holds, 1 if one is broken. A corpus is a folder with a folder for
each target in it, as libFuzzer has them; both ways of running begin with it, and ``guided`` adds to it.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_SECONDS: Final = 10.0


def _parser() -> argparse.ArgumentParser:
    description, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m fuzz_targets",
        description=description,
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    corpus = argparse.ArgumentParser(add_help=False)
    corpus.add_argument("--corpus", metavar="DIR", type=Path, help="a folder with a folder for each target")
    verbs.add_parser("list", help="all targets, and what holds")
    plain = verbs.add_parser("plain", help="damaged seeds, and those of the corpus", parents=[corpus])
    plain.add_argument("names", metavar="TARGET", nargs="*")
    plain.add_argument("--seconds", metavar="S", type=float, default=0.0, help=f"for each target; {_SECONDS:g} without --count")
    plain.add_argument("--count", metavar="N", type=int, default=0, help="inputs for each target, its seeds among them")
    plain.add_argument("--seed", metavar="N", type=int, default=0, help="seed of the damage")
    plain.add_argument("--crashes", metavar="DIR", type=Path, help="write the inputs that break a promise")
    guided = verbs.add_parser("guided", help="with atheris, until its options end it", parents=[corpus])
    guided.add_argument("name", metavar="TARGET")
    guided.epilog = "What stands behind -- is for libFuzzer: -max_total_time=30, -jobs=2, -minimize_crash=1, -help=1."
    verbs.add_parser("seeds", help="write the seeds of all targets", parents=[corpus])
    again = verbs.add_parser("again", help="inputs from files once more")
    again.add_argument("name", metavar="TARGET")
    again.add_argument("files", metavar="FILE", nargs="+", type=Path)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 2 for what makes no sense."""
    parser = _parser()
    given = list(sys.argv[1:] if arguments is None else arguments)
    at = given.index("--") if "--" in given else len(given)
    options = parser.parse_args(given[:at])
    if options.verb == "guided":
        return _guided(parser, options, given[at + 1 :])
    from fuzz_targets.target import targets

    known = targets()
    for name in getattr(options, "names", []) or [getattr(options, "name", None)]:
        if name is not None and name not in known:
            parser.error(f"no such target: {name}; `list` names them")
    if options.verb == "list":
        for target in known.values():
            print(f"{target.name:<28} {target.title}")
        return 0
    return {"plain": _plain, "seeds": _seeds, "again": _again}[options.verb](parser, options)


def _plain(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from fuzz_targets import plain
    from fuzz_targets.target import targets

    if options.seconds < 0 or options.count < 0:
        parser.error("--seconds and --count are 0 or more")
    broken = 0
    for name in options.names or targets():
        target = targets()[name]
        campaign = plain.run(
            target,
            plain.inputs(target, options.corpus),
            count=options.count,
            seconds=options.seconds or (0.0 if options.count else _SECONDS),
            seed=options.seed,
            tell=lambda crash, name=name: _print(name, crash, options.crashes),  # type: ignore[misc]
        )
        broken += len(campaign.crashes)
        rate = campaign.count / campaign.seconds if campaign.seconds else 0.0
        said = f"{campaign.count} inputs, {rate:,.0f} a second, the slowest {1000 * campaign.slowest:.0f} ms"
        print(f"{name:<28} {said}; {len(campaign.crashes)} broken", flush=True)
    return int(broken > 0)


def _print(name: str, crash: object, folder: Path | None) -> None:
    from fuzz_targets.plain import Crash, write

    assert isinstance(crash, Crash)
    print(f"BROKEN {name}: {crash.where}: {str(crash.error)[:400]}")
    print(f"  {write(folder / name, crash.data) if folder else crash.data.hex()[:400]}")


def _guided(parser: argparse.ArgumentParser, options: argparse.Namespace, behind: list[str]) -> int:
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed: pip install 'spiceproto[fuzz]'")
    if options.corpus is None:
        parser.error("what is found is kept in --corpus DIR")
    from fuzz_targets import guided

    try:
        guided.main(options.name, behind, corpus=options.corpus)
    except LookupError as error:
        parser.error(str(error.args[0]))
    return 0


def _seeds(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from fuzz_targets.plain import write
    from fuzz_targets.target import targets

    if options.corpus is None:
        parser.error("seeds are written to --corpus DIR")
    for target in targets().values():
        count = len({write(options.corpus / target.name, seed) for seed in target.seeds()})
        print(f"{target.name:<28} {count} seeds")
    return 0


def _again(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from fuzz_targets.target import targets

    broken = 0
    for path in options.files:
        try:
            data = path.read_bytes()
        except OSError as error:
            parser.error(f"{path}: {error.strerror}")
        try:
            targets()[options.name].once(data)
        except Exception:
            traceback.print_exc()
            broken += 1
            print(f"{path}: broken")
        else:
            print(f"{path}: holds")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
