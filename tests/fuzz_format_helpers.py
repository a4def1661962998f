"""Mutations that keep the outside of a format valid, so that its inside is reached."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
import zlib
from typing import Any

from fuzz_mutation_helpers import (
    Mutation,
    delete_chunk,
    flip_bits,
    number,
    overwrite,
    special,
    truncate,
)


def of_archive(data: bytes, chance: random.Random) -> bytes:
    """Change one file of a zip archive, or its name or its packing, and write a valid archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    name = chance.choice(
        sorted(parts, key=lambda n: ("sheet1" not in n, "shared" not in n, n))[:5]
        if chance.random() < 0.7
        else sorted(parts)
    )
    what = chance.random()
    if what < 0.85:
        parts[name] = chance.choice(XML)(parts[name] or b" ", chance)
    elif what < 0.9:
        del parts[name]
    else:
        content = parts.pop(name)
        parts[chance.choice((f"../{name}", f"/{name}", name.upper(), "x.zip", f"{name}x"))] = (
            content
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", chance.choice((0, 8))) as archive:
        for key, part in parts.items():
            archive.writestr(key, part)
    return content.getvalue()


XML_VALUES = (
    *(
        "",
        "0",
        "-1",
        "1.5",
        "1e9",
        "99999999999",
        "NaN",
        "2958466",
        "-700000",
        "1E+400",
        "true",
        "x",
    ),
    *("XFD1048576", "A0", "ZZZZ1", "A1:XFD1048576", "rId99", "#REF!", "&amp;", "&#0;", "&#xFFFF;"),
    *("s", "b", "e", "d", "n", "str", "inlineStr", "veryHidden", "\U0001f9ec" * 100),
)


def xml_value(data: bytes, chance: random.Random) -> bytes:
    """Put a strange value into an attribute or a text of XML."""
    text = data.decode("utf-8", "replace")
    places = list(re.finditer(r'"([^"]*)"|>([^<]+)<', text))
    if not places:
        return data
    place = chance.choice(places)
    at = 1 if place[1] is not None else 2
    text = text[: place.start(at)] + chance.choice(XML_VALUES) + text[place.end(at) :]
    return text.encode()


def xml_tag(data: bytes, chance: random.Random) -> bytes:
    """Remove, double or exchange tags of XML."""
    tags = list(re.finditer(rb"<[^>]+>", data))
    if len(tags) < 2:
        return data
    a, b = sorted(chance.sample(tags, 2), key=lambda m: m.start())
    what = chance.randrange(4)
    if what == 0:
        return data[: a.start()] + data[a.end() :]
    if what == 1:
        return data[: a.start()] + a[0] + data[a.start() :]
    if what == 2:
        return data[: a.start()] + data[b.start() :]
    return data[: a.start()] + b[0] + data[a.end() : b.start()] + a[0] + data[b.end() :]


XML: tuple[Mutation, ...] = (
    xml_value,
    xml_value,
    xml_value,
    xml_tag,
    xml_tag,
    special,
    flip_bits,
    truncate,
)


def of_footer(data: bytes, chance: random.Random) -> bytes:
    """Change the description at the end of a Parquet file, and state its right length."""
    length = int.from_bytes(data[-8:-4], "little")
    body, footer = data[: -8 - length], data[-8 - length : -8]
    footer = chance.choice((flip_bits, flip_bits, number, overwrite, delete_chunk))(footer, chance)
    return body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def of_pages(data: bytes, chance: random.Random) -> bytes:
    """Change the pages of a Parquet file; its description stays."""
    length = int.from_bytes(data[-8:-4], "little")
    body = data[4 : -8 - length]
    changed = chance.choice((flip_bits, number, overwrite))(body, chance)[: len(body)]
    return data[:4] + changed.ljust(len(body), b"\0") + data[-8 - length :]


def of_records(data: bytes, chance: random.Random) -> bytes:
    """Remove, double or exchange records of 80 bytes, as a transport file is made of."""
    records = [data[at : at + 80] for at in range(0, len(data), 80)]
    a, b = chance.randrange(len(records)), chance.randrange(len(records))
    what = chance.randrange(4)
    if what == 0:
        del records[a]
    elif what == 1:
        records.insert(a, records[b])
    elif what == 2:
        records[a], records[b] = records[b], records[a]
    else:
        records[a] = chance.choice((flip_bits, number, overwrite, digits))(records[a], chance)[:80]
    return b"".join(record.ljust(80) for record in records)


def digits(data: bytes, chance: random.Random) -> bytes:
    """Change a digit that is written as a letter, such as a number of variables."""
    places = [m.start() for m in re.finditer(rb"[0-9]", data)]
    if not places:
        return data
    at = chance.choice(places)
    return data[:at] + bytes([chance.choice(b"0123456789 -")]) + data[at + 1 :]


JSON_VALUES = (
    *(None, True, 0, -1, 1.5, 10**400, 10**20, 1e308, float("nan"), float("inf")),
    *("", "x", "1,5", "9" * 500, "٣", "-", "DATE9.", "integer", "boolean", [], {}, [[]], {"a": 1}),
)


def of_json(data: bytes, chance: random.Random) -> bytes:
    """Change one value or key anywhere in JSON, and write valid JSON."""
    lines = data.decode().split("\n") if data.count(b"\n") else [data.decode()]
    at = chance.randrange(len(lines))
    try:
        found = json.loads(lines[at])
    except ValueError:
        return special(data, chance)
    places: list[tuple[Any, Any]] = []

    def visit(value: Any) -> None:
        for key in value if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                visit(value[key])

    if isinstance(found, dict | list) and found:
        visit(found)
        holder, key = chance.choice(places[:40] if chance.random() < 0.5 else places)
        what = chance.random()
        if what < 0.6:
            holder[key] = chance.choice(JSON_VALUES)
        elif what < 0.8:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, holder[chance.randrange(len(holder))])
        else:
            holder[chance.choice(("", "rows", "name", "columns", "\ud800"))] = holder.pop(key)
    lines[at] = json.dumps(found)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def packed(mutation: Mutation) -> Mutation:
    """Change what a zlib stream holds."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        return zlib.compress(mutation(zlib.decompress(data), chance))

    return mutate
