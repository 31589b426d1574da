"""Ways to spoil a file, or to spell it anew: each takes bytes and a random.Random, and gives bytes."""

import chain
import evidence
from crypto import tagged, u32
from messages import ENUMS, MESSAGES
from rules import Refused
from wire import VARINTS, Malformed, Message, decode, encode, read_varint, write_varint

KINDS = {chain.GENESIS: "Genesis", chain.ERA: "EraRecord", chain.BLOCK: "Block", chain.CERTIFICATE: "Certificate",
         chain.FOOTER: "ExportFooter"}


# Bytes

def flip_bits(data, random):
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def cut(data, random):
    return data[:random.randrange(len(data))]


def cut_out(data, random):
    begin = random.randrange(len(data))
    return data[:begin] + data[begin + random.randint(1, 64):]


def lengthen(data, random):
    begin = random.choice((len(data), random.randrange(len(data))))
    return data[:begin] + random.randbytes(random.randint(1, 40)) + data[begin:]


def splice_bytes(data, random, others):
    """A part of another file, at the place where it stood there."""
    other = random.choice(others)
    begin = random.randrange(min(len(data), len(other)))
    end = begin + random.randint(1, 400)
    return data[:begin] + other[begin:end] + data[end:]


# Spelling: what protobuf would read, and a canonical reader must not

def pieces_of(kind, data):
    """[(field, value as it stands)] of a sound encoding; of a length-delimited value without its length."""
    fields = {field.number: field for field in MESSAGES[kind]}
    pieces, position = [], 0
    while position < len(data):
        key, position = read_varint(data, position)
        if key & 7 == 0:
            begin = position
            _, position = read_varint(data, position)
        else:
            length, begin = read_varint(data, position)
            position = begin + length
        pieces.append((fields[key >> 3], key & 7, data[begin:position]))
    return pieces


def join_piece(piece):
    field, wire_type, value = piece
    length = write_varint(len(value)) if wire_type == 2 else b""
    return write_varint(field.number << 3 | wire_type) + length + value


def overlong(varint):
    return varint[:-1] + bytes([varint[-1] | 0x80, 0])


def respell(kind, data, random):
    pieces = pieces_of(kind, data)
    nested = [index for index, (field, _, _) in enumerate(pieces) if field.type in MESSAGES]
    if nested and random.random() < 0.8:
        index = random.choice(nested)
        field, wire_type, value = pieces[index]
        pieces[index] = field, wire_type, respell(field.type, value, random)
        return b"".join(map(join_piece, pieces))
    out = [join_piece(piece) for piece in pieces]
    index = random.randrange(len(out)) if out else 0
    way = random.randrange(7) if out else 6
    if way == 0:
        out[index:index + 2] = reversed(out[index:index + 2])
    elif way == 1:
        out.insert(random.randint(0, len(out)), out[index])
    elif way == 2:
        del out[index]
    elif way == 3:
        key = write_varint(pieces[index][0].number << 3 | pieces[index][1])
        out[index] = overlong(key) + out[index][len(key):]
    elif way == 4 and pieces[index][1] == 0:
        out[index] = out[index][:-len(pieces[index][2])] + overlong(pieces[index][2])
    elif way == 5:
        missing = [field for field in MESSAGES[kind] if all(field is not piece[0] for piece in pieces)]
        if missing:
            field = random.choice(missing)
            wire_type = 0 if field.type in VARINTS and field.label != "packed" else 2
            out.insert(sum(piece[0].number < field.number for piece in pieces), write_varint(field.number << 3 | wire_type) + b"\0")
    else:
        out.append(write_varint(random.choice((15, 200, 1 << 20)) << 3) + b"\x01")
    return b"".join(out)


# Messages: changed as values, and encoded as they should be

def places_of(message, into=None):
    """Every (message, field) in a message, at any depth."""
    into = [] if into is None else into
    for field in MESSAGES[message.kind]:
        value = message[field.name]
        if field.label == "one of" and value.kind != field.type:
            continue
        into.append((message, field))
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Message):
                places_of(inner, into)
    return into


def other_number(value, field, random):
    if field.type == "bool":
        return not value
    if field.type in ENUMS:
        return random.choice([*ENUMS[field.type], len(ENUMS[field.type]) + 1, 0])
    most = (1 << (32 if field.type == "uint32" else 64)) - 1
    return random.choice((0, 1, max(value, 1) - 1, min(value + 1, most), min(value * 2, most), random.randint(0, most), most))


def other_value(value, field, random):
    if field.type in VARINTS:
        return other_number(value, field, random)
    if isinstance(value, Message):
        return value
    data = bytearray(value.encode() if isinstance(value, str) else value)
    way = random.randrange(4)
    if way == 0 and data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(7)
    elif way == 1 and field.size is None:
        data = data[:-1]
    elif way == 2 and field.size is None:
        data += b"x"
    else:
        data = bytearray(len(data))
    return data.decode(errors="ignore") if field.type == "string" else bytes(data)


def change(message, random, donors=(), places=None):
    """Changes one field at a random place, of all of them or of these; donors are the places of another file of the kind."""
    # The few large lists must not hide the few fields that matter: first a field's name, then one of its places.
    places = places or places_of(message)
    name = random.choice(sorted({(at.kind, field.number) for at, field in places}))
    at, field = random.choice([(at, field) for at, field in places if (at.kind, field.number) == name])
    value = at[field.name]
    alike = [other[known.name] for other, known in donors if known == field and other.kind == at.kind]
    if alike and random.random() < 0.3:
        at[field.name] = random.choice(alike)
    elif field.label == "optional" and random.random() < 0.5:
        at[field.name] = None if value is not None else blank(field)
    elif isinstance(value, list):
        change_list(value, field, random)
    elif value is not None:
        at[field.name] = other_value(value, field, random)


def change_own(message, random):
    """Changes mostly a field of the message itself: what it holds has its own turn."""
    own = [(at, field) for at, field in places_of(message) if at is message and
           (field.label in ("repeated", "packed", "optional") or field.type not in MESSAGES)]
    change(message, random, places=own if random.random() < 0.8 else None)


def blank(field):
    if field.type in MESSAGES:
        return None
    return bytes(field.size or 0)


def change_list(value, field, random):
    if not value:
        return
    one, other = random.randrange(len(value)), random.randrange(len(value))
    way = random.randrange(4)
    if way == 0:
        del value[one]
    elif way == 1:
        value.insert(other, value[one])
    elif way == 2:
        value[one], value[other] = value[other], value[one]
    else:
        value[one] = other_value(value[one], field, random)


# Files

def change_evidence(data, random, others):
    message = decode("Evidence", data[len(evidence.MAGIC):])
    donors = [place for place in places_of(decode("Evidence", random.choice(others)[len(evidence.MAGIC):]))]
    for _ in range(random.choice((1, 1, 1, 2))):
        change(message, random, donors)
    return evidence.MAGIC + encode(message)


def respell_evidence(data, random, _):
    return evidence.MAGIC + respell("Evidence", data[len(evidence.MAGIC):], random)


def with_digest(body, before):
    """A footer's body with the digest that it should have; one that does not decode stays as it is."""
    try:
        return encode(Message("ExportFooter", {**decode("ExportFooter", body), "digest": tagged("salus.export.v1", before)}))
    except Malformed:
        return body


def join_records(records):
    """The export of these records, with the digest that it should have."""
    out = bytearray(chain.MAGIC)
    for kind, body in records:
        if kind == chain.FOOTER:
            body = with_digest(body, bytes(out))
        out += bytes([kind]) + u32(len(body)) + body
    return bytes(out)


def change_chain(data, random, others):
    records = [(kind, body) for kind, body, _ in chain.records(data)]
    donors = [(kind, body) for kind, body, _ in chain.records(random.choice(others))]
    one, other = random.randrange(len(records)), random.randrange(len(records))
    way = random.randrange(10)
    kind, body = records[one]
    if way == 0:
        del records[one]
    elif way == 1:
        records.insert(other, records[one])
    elif way == 2:
        records[one], records[other] = records[other], records[one]
    elif way == 3:
        certificates = [index for index, (kind, _) in enumerate(records) if kind == chain.CERTIFICATE]
        del records[random.choice(certificates)]
    elif way == 4:
        records[one] = random.choice(donors)
    elif way == 5:
        records[one] = kind, respell(KINDS[kind], body, random)
    elif way == 6:
        records[one] = random.choice((0, 6, 255, kind % 5 + 1)), body
    elif way == 7:
        return data[:-1] + bytes([data[-1] ^ 1])  # the footer's digest
    else:
        message = decode(KINDS[kind], body)
        change(message, random, places_of(decode(KINDS[kind], body)))
        records[one] = kind, encode(message)
    return join_records(records)


def mutated(data, random, others):
    """One file made of `data`; others are files of its kind."""
    is_chain = data.startswith(chain.MAGIC)
    ways = [flip_bits, cut, cut_out, lengthen, splice_bytes,
            *([change_chain] * 12 if is_chain else [change_evidence] * 12 + [respell_evidence] * 4)]
    way = random.choice(ways)
    try:
        return way.__name__, way(data, random, others) if way.__code__.co_argcount == 3 else way(data, random)
    except (Malformed, Refused, LookupError):
        # What was spoilt before cannot be read as a message any more.
        return flip_bits.__name__, flip_bits(data, random)
