"""Conformance: public messages with known fields, decoded by the shipped dialects.

    python tools/conformance.py FILE

FILE is a list of entries: bytes of a message, the fields it has or the place where it must be refused, and the
layout that its collector decoded it with, in terms of pyiso8583. Each entry is tried in the shipped dialect that its
family maps to, or else in the one that fits its bytes best; where none fits, the layout of the entry itself is made
into one of ours, and the summary says so. Prints what failed and why, what passed by its own layout only and why, and a
summary by dialect. Exits 1 if any entry failed, 2 if the file is no such list.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from iso8583 import specs

from atmbench.errors import AtmbenchError
from atmbench.messages.codec import Codec
from atmbench.messages.compiled import MET_BEFORE_COMPILING
from atmbench.messages.dialect import Dialect, dialect_names, load_dialect
from atmbench.messages.failures import DecodeFailed, EncodeFailed
from atmbench.messages.guessing import ranked
from atmbench.messages.layout import CHECKS, Layout, Slot
from atmbench.messages.layout_file import Content, Encoding, Form, Header, LengthForm
from atmbench.messages.records import Message
from atmbench.messages.reference import ReferenceCodec
from atmbench.messages.shapes import subfields_of
from atmbench.messages.subfield_file import Tlv
from atmbench.messages.subfields import Subfield

Entry = Mapping[str, Any]

FAMILIES: dict[str, tuple[str, ...]] = {
    "as2805": ("as2805", "as2805-right-f"),
    "base24-bic-iso": ("base24-atm",),
    "cmf-2003": ("cmf",),
    "iso87-ascii": ("iso87-ascii",),
    "iso87-ascii, binary bitmap": ("iso87-ascii-bin",),
    "iso87-ascii, binary bitmap (SmartVista style)": ("iso87-ascii-bin",),
    "iso87-ascii, fixed 128-bit bitmap": ("iso87-fixed-128",),
    "iso87-bcd": ("iso87-bcd",),
    "iso87-bcd + TPDU": ("iso87-bcd-tpdu", "iso87-bcd"),
    "iso93-ascii": ("iso93-ascii",),
    "iso93-bcd": ("iso93-bcd",),
    "iso93-like ASCII, binary bitmap": ("iso93-ascii-bin",),
    "nibss-pos": ("nibss",),
    "postilion-post": ("postilion",),
    "postilion-termapp-iso": ("postilion-termapp-a", "postilion-termapp-b"),
}
"""What an entry calls its dialect, and the shipped ones that speak it."""
ALWAYS_TWO = "bitmap is always 32 hex characters and bit 1 stays 0"
"""The one flag of a layout that pyiso8583 cannot express."""
STRUCTURE = ("h", "t", "p", "1", "65")
SHIPPED, OWN, FAILED = "shipped", "own layout", "failed"


class Judged(NamedTuple):
    """How an entry came out: `how` is SHIPPED, OWN or FAILED, `by` the dialect, `why` what was found and meant."""

    how: str
    by: str
    why: str = ""


# --- one entry in one layout ------------------------------------------------------------------------


class Reader(NamedTuple):
    """One way to read and write messages."""

    name: str
    codec: Codec | ReferenceCodec
    slots: Mapping[int, Slot]
    dialect: Dialect | None = None


def fault(entry: Entry, reader: Reader) -> str:
    """What is wrong with an entry read this way; empty if it does what it says."""
    raw = bytes.fromhex(entry["hex"])
    try:
        message = reader.codec.decode(raw)
    except DecodeFailed as failed:
        return _fault_of_refusal(entry, failed)
    if entry["expect"] == "reject":
        return f"was read to its end; meant to be refused at field {entry.get('expect_error_field', 'unknown')}"
    return (
        _fault_of_fields(entry, message, reader)
        or _fault_of_tags(entry, message, reader)
        or _fault_of_bytes(entry, raw, message, reader)
        or _fault_of_compiled(raw, message, reader)
    )


def _fault_of_refusal(entry: Entry, failed: DecodeFailed) -> str:
    found = f"refused at field {failed.field}, byte {failed.position}"
    if entry["expect"] == "accept":
        return f"{found}: {failed}"
    meant = (str(entry.get("expect_error_field", failed.field)), entry.get("expect_error_pos", failed.position))
    if (failed.field, failed.position) != meant:
        return f"{found}; meant to be refused at field {meant[0]}, byte {meant[1]}"
    found_fields = {"t", *map(str, failed.partial.fields)} if failed.partial else set()
    missing = {key for key in entry.get("fields", {}) if key not in STRUCTURE} - found_fields
    return f"fields {', '.join(sorted(missing))} before the refusal were not read" if missing else ""


def _fault_of_fields(entry: Entry, message: Message, reader: Reader) -> str:
    upstream = entry.get("upstream_value", {})
    meant = {key: text for key, text in entry.get("fields", {}).items() if key not in ("p", "1", "65")}
    found = {"t": message.mti, **{str(number): text for number, text in message.fields.items()}}
    if message.header:
        found["h"] = message.header
    if found.keys() != meant.keys():
        differing = sorted(found.keys() ^ meant.keys(), key=lambda key: (len(key), key))
        return f"fields {', '.join(differing)} are on one side only"
    for key, text in meant.items():
        slot = reader.slots.get(int(key)) if key.isdigit() else None
        if found[key] != upstream.get(key) and not _is_same(slot, found[key], text):
            return f"field {key} was read as {len(found[key])} other characters than the {len(text)} meant"
    return ""


def _is_same(slot: Slot | None, found: str, meant: str) -> bool:
    """Whether the house and pyiso8583 mean the same by two texts that need not be the same."""
    if found == meant or found.encode("latin-1", "replace").hex().upper() == meant:
        return True
    if slot is None:
        return False
    if slot.content is Content.XN and slot.form is Form.BCD and len(meant) > 2:
        return found == chr(int(meant[:2], 16)) + meant[2:]
    if slot.content is Content.Z:
        return found.replace("=", "D") == meant.replace("=", "D")
    return slot.content is Content.B and found.upper() == meant.upper()


def _fault_of_tags(entry: Entry, message: Message, reader: Reader) -> str:
    tags = entry.get("de55")
    if not tags:
        return ""
    text = message.fields.get(55, "")
    inside = reader.dialect.subfields.get(55) if reader.dialect else None
    inside = inside or subfields_of(55, Tlv(), Content.B, reader.name)
    parts, failure = inside.read_leniently(text)
    if failure is not None:
        return str(failure)
    found = _tags_in(parts)
    wrong = [tag for tag, value in tags.items() if found.get(tag.partition(".")[2]) != value.upper()]
    return f"tags {', '.join(wrong)} were read otherwise than meant" if wrong else ""


def _tags_in(parts: tuple[Subfield, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        found |= {part.key: part.text, **_tags_in(part.parts)}
    return found


def _fault_of_bytes(entry: Entry, raw: bytes, message: Message, reader: Reader) -> str:
    if not entry.get("roundtrip"):
        return ""
    try:
        again = reader.codec.encode(message)
    except EncodeFailed as failed:
        return f"cannot be encoded again: {failed}"
    if again == raw:
        return ""
    place = next((at for at, both in enumerate(zip(again, raw, strict=False)) if both[0] != both[1]), len(raw))
    return f"encodes to other bytes from byte {place} on"


def _fault_of_compiled(raw: bytes, message: Message, reader: Reader) -> str:
    """Whether the codec of a fleet says the same, also when it has compiled itself for such a message."""
    if reader.dialect is None:
        return ""
    strict = Codec(reader.dialect)
    try:
        read = [strict.decode(raw) for _ in range(MET_BEFORE_COMPILING + 1)]
    except (
        DecodeFailed
    ):  # a field holds what its type does not allow: read by whoever does not look, refused by a fleet
        return ""
    return "" if read == [message] * len(read) else "the compiled codec reads it otherwise"


# --- the layout of an entry -------------------------------------------------------------------------

LENGTHS = {"ascii": LengthForm.TEXT, "bcd": LengthForm.BCD, "b": LengthForm.BINARY}


def own_layout(entry: Entry) -> Layout:
    """The layout that an entry states, as one of ours. Raises ValueError for what ours cannot say."""
    stated = entry["spec"]
    flag = stated.get("dialect_flag", "")
    if flag not in ("", ALWAYS_TWO):
        raise ValueError(f"its layout says {flag!r}, which ours cannot")
    spec = {**getattr(specs, stated["base"]), **stated.get("override", {})}
    mti, bitmap, header = spec["t"], spec["p"], spec["h"]
    texts = [each["data_enc"] for each in (mti, bitmap, header, *stated.get("override", {}).values())]
    codec = next((text for text in texts if text not in ("b", "ascii")), "ascii")
    encoding = Encoding(
        text="ascii",
        binary="raw",
        bitmap="raw" if bitmap["data_enc"] == "b" else "hex",
        length=LengthForm.TEXT,
        mti="bcd" if mti["data_enc"] == "b" else "text",
        bitmaps="always_two" if flag else "as_needed",
    )
    slots = {int(key): _slot(int(key), each, codec) for key, each in spec.items() if key not in STRUCTURE}
    return Layout("its own layout", codec, encoding, _header(header), slots)


def _header(spec: Mapping[str, Any]) -> Header | None:
    if not spec["max_len"]:
        return None
    if spec["len_type"]:
        raise ValueError("its header has no fixed length")
    form = "raw" if spec["data_enc"] == "b" else "text"
    return Header(size=spec["max_len"], form=form, value="0" * spec["max_len"] * (2 if form == "raw" else 1))  # type: ignore[arg-type]


def _slot(number: int, spec: Mapping[str, Any], codec: str) -> Slot:
    data, digits = spec["data_enc"], spec.get("len_count") == "nibbles"
    if data == "b":
        content, form = (Content.N, Form.BCD) if digits else (Content.B, Form.RAW)
    else:
        content, form = Content.ANS, Form.TEXT
    length = LENGTHS.get(spec["len_enc"], LengthForm.TEXT)
    pad = f"left {spec['left_pad']}" if spec.get("left_pad") else f"right {spec.get('right_pad') or '0'}"
    if pad not in ("left 0", "right 0", "right F"):
        raise ValueError(f"field {number} is filled up with {pad}, which ours cannot")
    prefix = spec["len_type"] if length is LengthForm.TEXT else 2 * spec["len_type"]
    return Slot(
        number=number,
        key=str(number),
        name=spec.get("desc", ""),
        content=content,
        form=form,
        size=spec["max_len"],
        prefix_digits=prefix,
        length_form=length,
        pad=pad,
        check=CHECKS[content],
    )


# --- the file ---------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, Dialect]:
    """All shipped dialects by name."""
    return {name: load_dialect(name) for name in dialect_names()}


@cache
def reader_of(name: str) -> Reader:
    """A shipped dialect, as lenient about content as pyiso8583."""
    dialect = shipped()[name]
    return Reader(name, Codec(dialect, checks_content=False), dialect.layout.slots, dialect)


def judge(entry: Entry) -> Judged:
    """How one entry comes out."""
    raw = bytes.fromhex(entry["hex"])
    names = [name for name in FAMILIES.get(entry["dialect"], ()) if name in shipped()]
    best = ranked(raw, shipped().values())[0].dialect.name
    faults = []
    for name in names or [best]:
        wrong = fault(entry, reader_of(name))
        if not wrong:
            return Judged(SHIPPED, name)
        faults.append(f"{name}: {wrong}")
    why = "; ".join(faults)
    try:
        layout = own_layout(entry)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Judged(FAILED, "", f"{why}; its own layout cannot be told: {error}")
    wrong = fault(entry, Reader(layout.name, ReferenceCodec(layout, checks_content=False), layout.slots))
    if wrong:
        return Judged(FAILED, "", f"{why}; its own layout: {wrong}")
    return Judged(OWN, "its own layout", why)


def main(arguments: list[str]) -> int:
    """Judge a file; the exit code."""
    parser = argparse.ArgumentParser(description="Decode public messages with known fields by the shipped dialects.")
    parser.add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        entries = entries["messages"] if isinstance(entries, dict) else entries
        judged = [(entry, judge(entry)) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, AtmbenchError) as error:
        print(f"conformance: {path} is no list of messages: {error!r}", file=sys.stderr)
        return 2
    report(judged)
    return 1 if any(each.how == FAILED for _, each in judged) else 0


def report(judged: list[tuple[Entry, Judged]]) -> None:
    """Say what failed, what passed by its own layout only, and the sums."""
    for entry, each in judged:
        if each.how == FAILED:
            print(f"FAILED         {entry['id']} ({entry['dialect']}): {each.why}")
    for entry, each in judged:
        if each.how == OWN:
            print(f"by own layout  {entry['id']} ({entry['dialect']}): {each.why}")
    sums = Counter((entry["dialect"], each.how, each.by) for entry, each in judged)
    width = max((len(dialect) for dialect, _, _ in sums), default=0)
    for (dialect, how, by), count in sorted(sums.items()):
        words = {SHIPPED: f"decoded in {by}", OWN: "by its own layout", FAILED: "FAILED"}[how]
        print(f"{dialect:<{width}}  {count:3d}  {words}")
    total = Counter(each.how for _, each in judged)
    print(
        f"{len(judged)} messages: {total[SHIPPED]} decoded in a shipped dialect, {total[OWN]} by own layout, "
        f"{total[FAILED]} failed"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
