"""Who may log in by SASL at a server that uses Cyrus SASL: a configuration, and a database of users beside it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from conformance.adapters.process import TargetUnusable, program

__all__ = ["SASL_PROGRAM", "write_users"]

SASL_PROGRAM: Final = "saslpasswd2"
"""What writes the database."""

_MECHANISMS: Final = "plain scram-sha-1 scram-sha-256"
_PATIENCE: Final = 30.0


def write_users(folder: Path, server: str, username: str, password: str) -> None:
    """One user, for the server that calls itself so and finds ``SASL_CONF_PATH`` to be this folder. Raises TargetUnusable."""
    database = folder / "sasldb"
    (folder / f"{server}.conf").write_text(
        f"mech_list: {_MECHANISMS}\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\n"
    )
    command = [program(SASL_PROGRAM), "-p", "-c", "-f", str(database), "-a", server, username]
    done = subprocess.run(command, input=password.encode(), capture_output=True, timeout=_PATIENCE, check=False)
    if done.returncode:
        raise TargetUnusable(f"{SASL_PROGRAM}: {done.stderr.decode(errors='replace').strip()}")
