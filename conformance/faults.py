"""The named faults of the references, as the suite sees them: what each breaks, and whether it is caught.

The references are reached by name; each has a mapping ``FAULTS`` of names to :class:`spiceproto.fault.Fault`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conformance.results import CaseResult
from conformance.run import Options, Run
from spiceproto.fault import Fault
from spiceproto.siblings import package

__all__ = ["Caught", "caught", "faults", "held_against"]


def faults() -> Iterator[tuple[str, str, Fault]]:
    """Role, name and fault, for every fault of the references."""
    for role in ("server", "client"):
        for name, fault in package(f"reference_{role}").FAULTS.items():
            yield role, name, fault


class Caught(msgspec.Struct, frozen=True):
    """What the suite says of a faulty reference.

    * ``requirement``: the sentence that the fault breaks; ``breaks``: all that it cannot help breaking
    * ``failed``: cases that failed, and errors of the suite
    """

    role: str
    name: str
    requirement: str
    breaks: tuple[str, ...]
    failed: tuple[CaseResult, ...]

    @property
    def verdicts(self) -> frozenset[str]:
        """Sentences of which the suite says that they are broken."""
        return frozenset(result.requirement for result in self.failed)

    @property
    def missed(self) -> bool:
        """Whether the sentence was not reported."""
        return self.requirement not in self.verdicts

    @property
    def unrelated(self) -> frozenset[str]:
        """Sentences that were reported and are not broken."""
        return self.verdicts - set(self.breaks)


def held_against(role: str, fault: str = "", select: str = "") -> tuple[dict[str, CaseResult], Run]:
    """Every case against a reference, without pytest around it."""
    run = Run(Options(f"ref:{role}" + (f"?fault={fault}" if fault else ""), select=select))
    run.start()
    results = {case.id: run.runner.run(case) for case in run.cases}
    run.stop()
    run.finish(results)
    return run.finished, run


def caught(role: str, name: str, fault: Fault, select: str = "") -> Caught:
    """The suite against one fault; ``select`` are the cases, all of them if it is empty."""
    results, _ = held_against(role, name, select)
    failed = tuple([result for result in results.values() if result.outcome in ("fail", "error")])
    return Caught(role, name, fault.requirement, tuple(fault.breaks), failed)
