"""The vocabulary of the schemas: a small closed set of constructs.

A schema is a tree of the classes below and of nothing else, so that :mod:`spiceproto.walk` can read every one of them:

    Integer         a little- or big-endian number, and ``fixed28_4``
    Enumeration     an Integer with a name for some of its values; others stay numbers
    FlagSet         an Integer with a name for some of its bits; a value with other bits stays a number
    Data            bytes
    Sequence        elements of one kind
    Pointer         an offset from the first byte of the message to something else in it
    When            a field that is there only if an earlier field says so
    Descriptor      a file descriptor that travels beside the bytes and takes none of them
    Record          fields in order; becomes an instance of a value class

How many bytes or elements there are is a :class:`Count`: a constant, an earlier field, a product of earlier fields, the
size of a packed picture, the rest of the message, or up to a zero byte. A field that only counts another one is not part
of the value: it is made from the value's length when bytes are built, and it is a property of the value class.

No lambdas and no expressions: what a count or a condition refers to is a name, or a dotted name, of an earlier field.

The words are in :mod:`~spiceproto.wire.words`, the classes in :mod:`~spiceproto.wire.counts`,
:mod:`~spiceproto.wire.leaves` and :mod:`~spiceproto.wire.composition`; what values a field may have is said with
:mod:`spiceproto.domain`. All names are to be had here.

Everything here is plain construct: ``parse`` and ``build`` below run the interpreter of that library, slowly and
plainly. They are the oracle that the generated parsers and builders are compared with, value for value and error for
error. Two rules hold for both:

* Fields are read in order; a pointer is followed where it stands. Offsets are absolute in the message, never negative,
  and what they lead to may overlap or be shared. Because a Pointer never stands inside a Sequence (:class:`Record`
  refuses that), a message reaches at most (number of its pointer fields + 1) times its own size: that is the
  amplification budget, and it is fixed by the schema and not by the peer.
* A count is compared with the bytes left before anything is allocated.
"""

from __future__ import annotations

from spiceproto.wire.composition import Field, Pointer, Record, Sequence, When, holds_pointer, parts, smallest_size
from spiceproto.wire.counts import (
    REST,
    ZERO_TERMINATED,
    By,
    Count,
    Fixed,
    PackedRows,
    Product,
    Rest,
    ZeroTerminated,
)
from spiceproto.wire.leaves import (
    Data,
    Descriptor,
    Enumeration,
    FlagSet,
    Integer,
    fixed28_4,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint16be,
    uint32,
    uint32be,
    uint64,
    uint64be,
)
from spiceproto.wire.oracle import build, parse
from spiceproto.wire.words import (
    array,
    data,
    descriptor,
    enum,
    field,
    flags,
    pointer,
    record,
    text,
    when,
    when_not,
)

__all__ = [
    "REST",
    "ZERO_TERMINATED",
    "By",
    "Count",
    "Data",
    "Descriptor",
    "Enumeration",
    "Field",
    "Fixed",
    "FlagSet",
    "Integer",
    "PackedRows",
    "Pointer",
    "Product",
    "Record",
    "Rest",
    "Sequence",
    "When",
    "ZeroTerminated",
    "array",
    "build",
    "data",
    "descriptor",
    "enum",
    "field",
    "fixed28_4",
    "flags",
    "holds_pointer",
    "int8",
    "int16",
    "int32",
    "int64",
    "parse",
    "parts",
    "pointer",
    "record",
    "smallest_size",
    "text",
    "uint8",
    "uint16",
    "uint16be",
    "uint32",
    "uint32be",
    "uint64",
    "uint64be",
    "when",
    "when_not",
]
