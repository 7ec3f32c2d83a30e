"""libspice-server for ``bench_ports.py``: a port whose guest counts what it gets, and says a word when it has so many bytes.

python port_libspice.py PORT BYTES
"""

from __future__ import annotations

import sys
from typing import Any

from conformance.adapters import libspice_ports as ports


class Port(ports.Port):
    """Has ``taken`` so many bytes."""

    taken = 0

    def _take(self, instance: int, data: Any, size: int) -> int:
        self.taken += size
        if self.taken >= int(sys.argv[2]):
            self.taken = 0
            self.write(b".")
        return size


def main() -> None:
    program = ports.ProgramWithPorts()
    ports.Port = Port  # type: ignore[misc]
    program.start(int(sys.argv[1]))
    print("listening", flush=True)
    program.run()


main()
