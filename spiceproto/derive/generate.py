"""All generated modules as text: which files there are, and what each holds.

    spiceproto/messages/NAME.py          value classes, for people and type checkers
    spiceproto/generated/parse_NAME.py   parsers
    spiceproto/generated/build_NAME.py   builders
    spiceproto/generated/summary_NAME.py one-line texts
    spiceproto/generated/catalogue.py    number -> name and place, for every table

They are part of the package so that programs start without construct; a test holds them against the schemas.
"""

from __future__ import annotations

from spiceproto import schema
from spiceproto.derive import builder, parser, summaries, value_classes
from spiceproto.schema import codec, link
from spiceproto.walk import Structure, walk

__all__ = ["files"]


def files() -> dict[str, str]:
    """Path below the package ``spiceproto`` -> text."""
    everything = [walk(record) for record in schema.records().values()]
    bodies = {walk(row.body).name for name in schema.channels() for sender in ("server", "client")
              for row in schema.rows(name, sender).values()}  # fmt: skip
    bodies |= {record.name for record in (*link.RECORDS, *codec.RECORDS)}
    bodies |= {f"{item.module}.{item.class_name}" for item in everything if item.module in ("usbredir", "webdav")}
    bodies |= {"agent.ChunkHeader", "agent.MessageHeader", "agent.FileXferStatusNotEnoughSpace",
               "agent.FileXferStatusError", "migration.MigrateDataHeader"}  # fmt: skip
    inner = set().union(*(parser.readers(item) for item in everything))
    out: dict[str, str] = {}
    for module in schema.MODULES:
        found = [item for item in everything if item.module == module]
        if not found:
            continue
        out[f"messages/{module}.py"] = value_classes.module_source(module, found)
        messages = [item for item in found if item.name in bodies]
        parts = [item for item in found if item.name in inner]
        if messages or parts:
            out[f"generated/parse_{module}.py"] = parser.module_source(module, messages, parts)
            out[f"generated/build_{module}.py"] = builder.module_source(module, messages, parts)
    fields: dict[str, tuple[str, ...]] = {}
    for name in schema.channels():
        for sender in ("server", "client"):
            for row in schema.rows(name, sender).values():
                fields[row.body.name] = fields.get(row.body.name) or row.summary
    for module in schema.MODULES:
        lines = [(item, fields[item.name]) for item in everything if item.module == module and item.name in fields]
        if lines:
            out[f"generated/summary_{module}.py"] = summaries.module_source(module, lines)
    out["generated/catalogue.py"] = _catalogue()
    return out


def _catalogue() -> str:
    lines = [
        '"""Which number is which message. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit.',
        "",
        "Table and sender -> lines of number, name, prefix of the wire constant (- for none), module, value class.",
        "They are text because a program uses a few tables, and text costs nothing until it is read.",
        '"""',
        "",
        "TABLES = {",
    ]
    for name, table in schema.channels().items():
        lines.append(f"    {name!r}: {{")
        for sender in ("server", "client"):
            lines.append(f'        {sender!r}: """\\')
            own = table.rows(sender)
            for number, row in sorted(schema.rows(name, sender).items()):
                prefix = (row.prefix or table.prefix) if number in own else "-"
                item: Structure = walk(row.body)
                lines.append(f"{number} {row.name} {prefix} {item.module} {item.class_name}")
            lines.append('""",')
        lines.append("    },")
    lines.append("}")
    return "\n".join(lines) + "\n"
