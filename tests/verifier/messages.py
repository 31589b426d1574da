"""The tables of docs/protocol.md, read from the document itself: what it does not say, this verifier does not know."""

import dataclasses
import pathlib
import re

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/protocol.md"
NO_LIMIT = 1 << 64


@dataclasses.dataclass(frozen=True)
class Field:
    number: int
    name: str
    type: str  # uint32, uint64, bool, string, bytes, or the name of a message or an enum
    size: int | None = None  # of bytes[n]
    label: str = ""  # optional, repeated, packed or one of
    limit: int = NO_LIMIT  # elements of what is repeated, bytes of what is not
    limit_each: int = NO_LIMIT  # bytes of an element


TYPE = re.compile(r"(?:(optional|repeated|packed) )?(\w+)(?:\[(\d+)\])?")


def read_row(cells):
    """One line of a message's table."""
    number, name, kind, limit = cells
    if name.endswith(": one of"):
        return Field(int(number), name.split("`")[1], kind, label="one of")
    label, kind, size = TYPE.fullmatch(kind).groups()
    limits = [int(word) for word in limit.removesuffix(" bytes").split(" of ") if word]
    if label == "repeated" and limit.endswith(" bytes") and len(limits) == 1:
        limits.insert(0, NO_LIMIT)
    return Field(int(number), name.strip("`"), kind, int(size) if size else None, label or "", *limits)


def read_document():
    """Returns (messages: name -> fields in order, enums: name -> {number: name})."""
    text = DOCUMENT.read_text(encoding="utf-8").split("<!-- messages: made by model_schema -->")[1]
    messages, enums = {}, {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, *lines = section.splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]
        if title == "Enums":
            for name, values in rows:
                enums[name] = {int(number): word for number, word in (pair.split(" ") for pair in values.split(", "))}
        else:
            messages[title] = [read_row(cells) for cells in rows]
    return messages, enums


MESSAGES, ENUMS = read_document()


def number_of(enum, name):
    return next(number for number, known in ENUMS[enum].items() if known == name)
