"""Messages to bytes and back, in the one encoding that a value has: docs/protocol.md, "Encoding"."""

from messages import ENUMS, MESSAGES

VARINTS = {"uint32", "uint64", "bool", *ENUMS}
MAX_DEPTH = 8


class Malformed(Exception):
    """These bytes are the encoding of nothing."""


class Message(dict):
    """The fields of one message by name; what is optional and absent is None, a oneof is the message that it holds."""

    def __init__(self, kind, values):
        super().__init__(values)
        self.kind = kind

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]

    def __eq__(self, other):
        return isinstance(other, Message) and self.kind == other.kind and dict.__eq__(self, other)


def read_varint(data, position):
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise Malformed("a varint without an end")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if value >= 1 << 64 or (byte == 0 and shift > 7):
        raise Malformed("a varint that is not minimal")
    return value, position


def write_varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def check_number(kind, value):
    if kind == "bool" and value > 1 or kind != "uint64" and value >= 1 << 32:
        raise Malformed(f"{value} is no {kind}")
    if kind in ENUMS and value not in ENUMS[kind]:
        raise Malformed(f"{kind} {value} has no name")
    return bool(value) if kind == "bool" else value


def read_value(field, data, depth):
    """One length-delimited value, or element of a repeated field."""
    if field.type in MESSAGES:
        return decode(field.type, data, depth + 1)
    limit = field.limit_each if field.label == "repeated" else field.limit
    if len(data) > limit or field.size is not None and len(data) != field.size:
        raise Malformed(f"{field.name} has {len(data)} bytes")
    if field.type == "string":
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise Malformed(f"{field.name} is not UTF-8") from fault
    return data


def read_packed(field, data):
    values, position = [], 0
    while position < len(data):
        value, position = read_varint(data, position)
        values.append(value)
    if not values or len(values) > field.limit:
        raise Malformed(f"{field.name} has {len(values)} elements")
    return values


def default_of(field):
    """What a field that is not written stands for."""
    if field.label in ("repeated", "packed"):
        return []
    if field.label == "optional":
        return None
    if field.label == "one of" or field.type in MESSAGES or field.size is not None:
        raise Malformed(f"{field.name} is missing")
    if field.type in VARINTS:
        return check_number(field.type, 0)
    return "" if field.type == "string" else b""


def decode(kind, data, depth=1):
    """The message of that kind; raises Malformed unless `data` is its one encoding."""
    if depth > MAX_DEPTH:
        raise Malformed("nested too deep")
    fields = {field.number: field for field in MESSAGES[kind]}
    values, position, last = {}, 0, 0
    while position < len(data):
        key, position = read_varint(data, position)
        number, wire_type = key >> 3, key & 7
        field = fields.get(number)
        if field is None or wire_type != (0 if field.type in VARINTS and field.label != "packed" else 2):
            raise Malformed(f"{kind} has no field {number} of wire type {wire_type}")
        if number < last or field.name in values and field.label != "repeated":
            raise Malformed(f"{kind}: {field.name} stands out of order or twice")
        last = number
        if wire_type == 0:
            value, position = read_varint(data, position)
            value = check_number(field.type, value)
            written_default = not value
        else:
            length, position = read_varint(data, position)
            if length > len(data) - position:
                raise Malformed(f"{field.name} is longer than what holds it")
            chunk, position = data[position:position + length], position + length
            value = read_packed(field, chunk) if field.label == "packed" else read_value(field, chunk, depth)
            written_default = not chunk and field.type in ("bytes", "string") and field.label == ""
        if field.label == "repeated":
            values.setdefault(field.name, []).append(value)
            if len(values[field.name]) > field.limit:
                raise Malformed(f"{kind}: more than {field.limit} {field.name}")
            continue
        if written_default and field.label != "optional":
            raise Malformed(f"{field.name} is written with its default")
        values[field.name] = value
    for field in fields.values():
        if field.name not in values:
            values[field.name] = default_of(field)
    return Message(kind, values)


def write_value(field, value):
    """The field's key and value, also where the value breaks a limit: whoever spoils a message needs that."""
    if field.type in VARINTS and field.label != "packed":
        return write_varint(field.number << 3) + write_varint(int(value))
    if field.label == "packed":
        data = b"".join(map(write_varint, value))
    elif isinstance(value, Message):
        data = encode(value)
    else:
        data = value.encode() if isinstance(value, str) else value
    return write_varint(field.number << 3 | 2) + write_varint(len(data)) + data


def encode(message, without=None):
    """The encoding of a message, or of it without one field."""
    out = bytearray()
    for field in MESSAGES[message.kind]:
        value = message[field.name]
        if field.name == without or value is None or field.label == "one of" and value.kind != field.type:
            continue
        always = field.size is not None or isinstance(value, Message) or field.label == "optional"
        if field.label == "repeated":
            for element in value:
                out += write_value(field, element)
        elif value or always:
            out += write_value(field, value)
    return bytes(out)
