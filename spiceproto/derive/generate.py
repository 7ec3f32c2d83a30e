"""All generated modules as text: which files there are, and what each holds.

    spiceproto/messages/NAME.py          value classes, for people and type checkers
    spiceproto/generated/parse_NAME.py   parsers
    spiceproto/generated/build_NAME.py   builders
    spiceproto/generated/summary_NAME.py one-line texts
    spiceproto/generated/domain_NAME.py  checks of domains
    spiceproto/generated/catalogue.py    number -> name and place, for every table
    spiceproto/generated/images.py       where messages have images, and the numbers around their pixels
    spiceproto/generated/sizes.py        sizes of the structures of the link stage

They are part of the package so that programs start without construct; a test holds them against the schemas.
"""

from __future__ import annotations

from spiceproto import schema
from spiceproto.derive import builder, domains, images, parser, summaries, value_classes
from spiceproto.derive.source import readers
from spiceproto.schema import codec, link
from spiceproto.walk import Structure, structures, walk

__all__ = ["files"]


def files() -> dict[str, str]:
    """Path below the package ``spiceproto`` -> text."""
    everything = [walk(record) for record in schema.records().values()]
    rows = [row for name in schema.channels() for side in ("server", "client") for row in schema.rows(name, side).values()]
    bodies = {walk(row.body).name for row in rows}
    bodies |= {record.name for record in (*link.RECORDS, *codec.RECORDS)}
    bodies |= {f"{item.module}.{item.class_name}" for item in everything if item.module in ("usbredir", "webdav")}
    bodies |= {
        "agent.ChunkHeader",
        "agent.MessageHeader",
        "agent.FileXferStatusNotEnoughSpace",
        "agent.FileXferStatusError",
        "migration.MigrateDataHeader",
    }
    inner = set().union(*(readers(item) for item in everything))
    judged = {item.name for row in rows for item in structures(walk(row.body))}
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
        checked = [item for item in found if item.name in judged and domains.has_domain(item)]
        if checked:
            out[f"generated/domain_{module}.py"] = domains.module_source(module, checked)
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
    out["generated/images.py"] = images.module_source()
    out["generated/sizes.py"] = _sizes()
    return out


def _sizes() -> str:
    lines = [
        '"""Fewest bytes of each structure of the link stage, and sizes of those of its fields that have one. Made from',
        "spiceproto/schema/link.py by ``python -m spiceproto.derive``; do not edit.",
        '"""',
        "",
        "SIZES = {",
    ]
    for record in link.RECORDS:
        item = walk(record)
        lines.append(f'    "{item.class_name}": {item.smallest},')
        lines += [
            f'    "{item.class_name}.{member.name}": {member.node.size},'
            for member in item.members
            if member.node.size is not None
        ]
    return "\n".join([*lines, "}"]) + "\n"


def _catalogue() -> str:
    lines = [
        '"""Which number is which message. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit.',
        "",
        "Table and sender -> lines of number, name, prefix of the wire constant (- for none), module, value class, and",
        "``values`` if the message has a domain, otherwise ``any``.",
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
                values = "values" if domains.has_domain(item) else "any"
                lines.append(f"{number} {row.name} {prefix} {item.module} {item.class_name} {values}")
            lines.append('""",')
        lines.append("    },")
    sentences = ", ".join(map(repr, domains.sentences()))
    lines += ["}", "", f"SENTENCES = frozenset(({sentences},))", '"""Sentences that the domains of all messages name."""']
    return "\n".join(lines) + "\n"
