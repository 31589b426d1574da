"""For schemathesis: how bodies are written and answers are read that are neither JSON nor text."""

import schemathesis


@schemathesis.serializer("application/x-protobuf", "application/x-salus-transactions")
def as_it_is(_, value):
    return getattr(value, "data", None) or (value if isinstance(value, bytes) else str(value).encode())


@schemathesis.deserializer("application/vnd.salus.evidence", "application/octet-stream", "application/x-protobuf",
                           "text/csv")
def as_text(_, response):
    return response.content.decode("latin-1")
