"""``spiceconf corpus import CAPTURE DIR``, ``spiceconf corpus minimise DIR TARGET``: conversations for ``spiceconf fuzz``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.naming import counted

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("import", help="write the sessions of a recording as conversations").add_argument
    add("capture", metavar="CAPTURE", type=Path, help="a capture file, as of `spiceproto decode`")
    add("folder", metavar="DIR", type=Path, help="of the corpus")
    add("--role", choices=("server", "client"), default="server", help="of the targets that it is for (server)")
    add("--keylog", metavar="FILE", type=Path, help="TLS secrets (NSS format)")
    add = verbs.add_parser("minimise", help="remove what reaches nothing that others do not reach").add_argument
    add("folder", metavar="DIR", type=Path, help="of the corpus")
    add("--steps", action="store_true", help="leave out steps of what is left that are not needed either")
    add("target", metavar="TARGET", nargs="?", default="ref:server", help="who answers (ref:server)")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    if options.verb == "import":
        return _import(options)
    return _minimise(options)


def _import(options: argparse.Namespace) -> int:
    from conformance.fuzz.corpus import Corpus, name_for
    from conformance.fuzz.imported import imported

    corpus = Corpus(options.folder)
    found = imported(options.capture, options.role, keylog=options.keylog)
    for steps in found:
        path = corpus.write(name_for(steps, f"{options.capture.stem}-"), steps, f"from {options.capture.name}")
        print(f"{path}: {counted(len(steps), 'step')}")
    print(f"{counted(len(found), 'session')} with anything to say to a {options.role}")
    return 0


def _minimise(options: argparse.Namespace) -> int:
    from conformance.address import open_target
    from conformance.conclusion import UNUSABLE
    from conformance.fuzz.corpus import SUFFIX, Corpus, minimised
    from conformance.fuzz.stage import Stage
    from conformance.outcome import TargetUnusable
    from spiceproto.errors import LocalError

    corpus = Corpus(options.folder)
    stage = Stage(open_target(options.target))
    conversations = corpus.read(stage.role)
    if not conversations:
        raise LocalError("no corpus", expected=f"a folder with files *{SUFFIX}", where=str(options.folder))
    try:
        stage.start()
        kept, reached = minimised(stage, conversations, shorter=options.steps)
    except TargetUnusable as error:
        print(f"spiceconf: the target cannot be tested: {error}; the corpus is as it was", file=sys.stderr)
        return UNUSABLE
    finally:
        stage.stop()
    corpus.remove(set(conversations) - set(kept))
    for name, steps in kept.items():
        if steps != conversations[name]:
            corpus.write(name, steps, corpus.comment(name))
    left = f"{len(kept)} of {counted(len(conversations), 'conversation')} are left"
    print(f"{left}; they reach {reached} rows, and messages in a state")
    return 0
