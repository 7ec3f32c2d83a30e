"""Structures outside message bodies, and what a server sends itself when it migrates: ``link.json``."""

from __future__ import annotations

from spiceproto import schema, wire
from spiceproto.tests.inventory.difference import Found, Pair, load, note
from spiceproto.tests.inventory.fields import compare_fields
from spiceproto.tests.inventory.sizes import extent

MIGRATION_STRUCTS = {
    "GlzEncDictRestoreData": "migration.GlzDictionary",
    "MigrateDisplaySurfacesAtClientLossless": "migration.SurfacesAtClient",
    "MigrateDisplaySurfacesAtClientLossy": "migration.SurfacesAtClient",
    "SpiceMigrateDataCharDevice": "migration.CharDevice",
    "SpiceMigrateDataDisplay": "migration.Display",
    "SpiceMigrateDataHeader": "migration.MigrateDataHeader",
    "SpiceMigrateDataInputs": "migration.Inputs",
    "SpiceMigrateDataMain": "migration.Main",
    "SpiceMigrateDataSmartcard": "migration.Smartcard",
    "SpiceMigrateDataSpiceVmc": "migration.Spicevmc",
    "VDIChunkHeader": "migration.ChunkHeader",
}
"""Structures of migration that have another name here."""

_NAMES = {name: full.removeprefix("migration.") for name, full in MIGRATION_STRUCTS.items()}


def compare_link() -> Found:
    """Headers and structures outside message bodies."""
    found: Found = {}
    listed = load("link")
    used = set()
    for name, struct in listed["structs"].items():
        full = f"link.{name.removeprefix('Spice')}"
        used.add(full)
        compare_fields(found, full, struct["fields"], schema.records()[full], header=True, prefix="Spice")
        note(found, f"{full}.size", struct["fixed_size"], extent(schema.records()[full])[0])
    for full in schema.records():
        if full.startswith("link.") and full not in used:
            found[full] = Pair(None, "there")
    expected = {item.name: item.expect for item in schema.records()["link.LinkHeader"].fields}
    note(found, "link.LinkHeader.magic.expect", listed["magic"]["u32le"], expected["magic"])
    note(found, "link.LinkHeader.major_version.expect", listed["version"]["major"], expected["major_version"])
    note(found, "link.LinkHeader.minor_version.expect", listed["version"]["minor"], expected["minor_version"])
    return found


def compare_migration() -> Found:
    """What a server sends itself."""
    found: Found = {}
    listed = load("link")["migration"]
    for name, struct in listed["structs"].items():
        if name not in MIGRATION_STRUCTS:
            found[f"migration.{name}"] = Pair("there", None)
            continue
        full = MIGRATION_STRUCTS[name]
        record = schema.records()[full]
        first = record.fields[0].subcon
        shift = extent(first)[0] if isinstance(first, wire.Record) and first.name == "migration.MigrateDataHeader" else 0
        fields = [{**item, "name": item["name"].replace(".", "_")} for item in struct["fields"]]
        compare_fields(found, full, fields, record, header=True, shift=shift, renamed=_NAMES)
        note(found, f"{full}.size", struct["fixed_size"], extent(record)[0] - shift)
    header = schema.records()["migration.MigrateDataHeader"]
    compare_fields(found, header.name, listed["data_header"]["fields"], header, header=True)
    magics = {name.upper(): int.from_bytes(magic.encode(), "little") for name, magic in listed["magics"].items()}
    ours = {row.name: row.number for row in schema.channel("migration").server.values()}
    note(found, "migration.magics", magics, ours)
    return found
