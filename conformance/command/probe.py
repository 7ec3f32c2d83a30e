"""``spiceconf probe TARGET``: what a target announces."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("target", metavar="TARGET", help="as in `spiceconf run`")
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    parser.add_argument("--password-file", metavar="FILE", type=Path, help="its first line is the password of the target")
    parser.add_argument("--ca-file", metavar="FILE", type=Path, help="certificates (PEM) of who signed the target's")
    parser.add_argument("--wait", metavar="S", type=float, default=0.0, help="wait so long until the server listens")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    from conformance.address import Login, open_target, read_settings
    from conformance.advice import advice
    from conformance.conclusion import UNUSABLE
    from conformance.outcome import Failure, NotApplicable, TargetUnusable
    from conformance.probe import probe

    login = Login.read(options.password_file, options.ca_file, options.wait)
    target = open_target(options.target, read_settings(options.config), login=login)
    try:
        target.start()
        found = probe(target)
    except (TargetUnusable, Failure, NotApplicable) as error:
        print(f"spiceconf: the target cannot be tested: {error}", file=sys.stderr)
        print(advice(str(error), password=bool(target.password)), file=sys.stderr)
        return UNUSABLE
    finally:
        target.stop()
    found = {"target": target.address, "role": target.role, **target.identity, **found}
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)
    return 0


def _print(value: dict[str, Any], indent: str = "") -> None:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            print(f"{indent}{key}")
            _print(item, indent + "  ")
        else:
            text = ", ".join(map(str, item)) or "none" if isinstance(item, (list, dict)) else item
            print(f"{indent}{key:<20} {text}")
