"""A conformance suite for SPICE servers and clients, held against the sentences of the specification.

Most people want the command (``spiceconf run ADDRESS``) or pytest (``pytest --spice-target=ADDRESS``). This page is for a
project that has its own target, its own cases, or its own report. Four things are to be known, and each knows the next:

**Case** (:mod:`conformance.case`). A conversation as a function, declared with :func:`server_case` or :func:`client_case`.
Its id begins with the sentence it decides. It gets the suite's end of the conversation, :class:`SuiteClient` or
:class:`SuiteServer`, says with their words what it does and expects, and returns, or raises :class:`Failure` or
:class:`NotApplicable`. It does not know whether it runs in memory or over sockets.

    @server_case("SPICE-MOUSE-005/in-turn", channel="main")
    def granted(client: SuiteClient) -> None:
        \"\"\"SERVER is asked for, and granted.\"\"\"
        talk, _ = client.session()
        talk.send(main.MouseModeRequest(MouseMode.SERVER))
        talk.expect("MOUSE_MODE", current_mode=MouseMode.SERVER)

**Target** (:mod:`conformance.target`). What is tested: it opens a network for each case, says which needs of cases it meets,
and has a method ``do_...`` for each verb that it can be told from outside (:mod:`spiceproto.controls`).

**Run** (:mod:`conformance.run`). A target, the cases that were chosen, and their results; it says how the command ends.

    run = Run(Options("tcp:127.0.0.1:5900", select="channel:main"))
    run.start()
    results = {case.id: run.runner.run(case) for case in run.cases}
    run.stop()
    footer = run.finish(results)

A target of a class of one's own takes the place of what its address would have opened: ``Run(options, target=MyTarget(...))``.

**Report** (:mod:`conformance.report`). A function of the records that a run leaves: one :class:`Header`, a
:class:`CaseResult` for each case, one :class:`Footer` (:mod:`conformance.results`). ``results.jsonl`` holds the same, and
:func:`read` gives them back. So a report that somebody else writes needs nothing of the suite that made the run.

What is named here is what such a project may rely on. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_HOMES: Final = {
    "case": ("Case", "client_case", "server_case"),
    "as_client": ("SuiteClient",),
    "as_server": ("SuiteServer",),
    "client_wire": ("Ask",),
    "expectation": ("check", "check_value", "says"),
    "outcome": ("Blocked", "Failure", "NotApplicable", "TargetUnusable"),
    "target": ("Target",),
    "run": ("Options", "Run"),
    "results": ("CaseResult", "Difference", "Entry", "Footer", "Header", "Seen"),
    "report.jsonl": ("read", "write"),
}
_HOME: Final = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
