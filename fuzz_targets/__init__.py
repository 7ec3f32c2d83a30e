"""Fuzz targets: functions that take any bytes, each with what must hold whatever they are.

    target.py      what a target is, and all that there are
    targets/       a file for each part of the library; a new file belongs to them
    parts.py       bytes cut in parts, and what comes out of a reader that is given them so
    plain.py       damaged seeds, without anything that has to be installed
    guided.py      atheris: mutations that are led by the lines that were reached
    __main__.py    the program

Nothing but RemoteError may leave the library for bytes of a peer; the other promises stand in the targets.
"""
