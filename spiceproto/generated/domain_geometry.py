"""Domains of geometry. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside


def outside_Rect(v):
    o = ()
    x = v.bottom
    if x < v.top:
        o += (Outside('bottom', f'at least top, which is {v.top}', str(int(x))),)
    x = v.right
    if x < v.left:
        o += (Outside('right', f'at least left, which is {v.left}', str(int(x))),)
    return o
