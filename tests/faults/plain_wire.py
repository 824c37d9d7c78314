"""A wire that is simple enough to be checked by eye."""

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.records import Message


class PlainWire:
    """Two bytes of length; MTI, bitmap of 16 hexadecimal digits, then LL + text for each field up to 64."""

    def under(self, header: bytes) -> "PlainWire":
        return self

    def read(self, body: bytes) -> Message:
        try:
            text = body.decode("ascii")
            mti, bitmap, rest = text[:4], int(text[4:20], 16), text[20:]
            fields = {}
            for number in range(2, 65):
                if bitmap >> (64 - number) & 1:
                    size = int(rest[:2])
                    fields[number], rest = rest[2 : 2 + size], rest[2 + size :]
        except ValueError:
            raise RemoteError("no message", raw=body) from None
        if rest:
            raise RemoteError("something is left over", raw=body)
        return Message(mti, fields)

    def build(self, message: Message) -> bytes:
        numbers = sorted(message.fields)
        if message.fields.get(52, "") and set(message.fields[52]) - set("0123456789ABCDEF"):
            raise LocalError("DE52 is hexadecimal")
        if not message.fields.get(4, "0").isdigit():
            raise LocalError("DE4 is numeric")
        bitmap = sum(1 << (64 - number) for number in numbers)
        text = message.mti + f"{bitmap:016X}"
        for number in numbers:
            value = message.fields[number]
            if len(value) > 99:
                raise LocalError(f"DE{number} is too long")
            text += f"{len(value):02d}{value}"
        return self.wrap(text.encode("ascii"))

    def key(self, body: bytes) -> str:
        try:
            message = self.read(body)
        except RemoteError:
            return ""
        return message.fields.get(11, "") if message.mti.endswith("00") else ""

    def wrap(self, body: bytes) -> bytes:
        if not 1 <= len(body) <= 1_100:
            raise LocalError(f"a body of {len(body)} bytes cannot be framed")
        return len(body).to_bytes(2, "big") + body
