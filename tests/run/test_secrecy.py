"""Nothing that a run leaves behind gives away a card, a PIN, a key or a cryptogram.

What must not be found is overheard on the wire of the same run, and opened with the keys that only the bench has.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atmbench.drill.names import terminal_names
from atmbench.errors import RemoteError
from atmbench.framing.registry import framer
from atmbench.links.memory import MemoryStream
from atmbench.links.stream import LinkStream
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, load_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import Message
from atmbench.run.key_room import KeyRoom
from atmbench.run.population import build_customers
from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill
from atmbench.security.dukpt_pin import pin_key
from atmbench.security.keys import Key
from atmbench.venues.base import Serve
from atmbench.venues.virtual import VirtualVenue

SEED = 1
TRACK, NEW_PIN, PIN, CHIP, KEY_SERIAL, MACS = 35, 48, 52, 55, 62, (64, 128)
KEYS = {"iso87-ascii": 48, "nibss": 53}
"""Field of the 0810, by dialect."""
FOUR_DIGITS = {"mti", "13", "18", "56", "code", "stan"}
"""Where four digits alone may stand: message types, dates MMDD, the type of merchant, the reason of an advice."""


class Overheard(VirtualVenue):
    """A venue that keeps the messages of both directions."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self._dialect = dialect
        self._codec = Codec(dialect)

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        stream = await super().dial(address, latency_s)
        self._listen_in(stream)
        return stream

    async def listen(self, address: str, serve: Serve, nursery: Any) -> None:
        async def overheard(stream: Any) -> None:
            self._listen_in(stream)
            await serve(stream)

        await super().listen(address, overheard, nursery)

    def _listen_in(self, stream: LinkStream) -> None:
        assert isinstance(stream, MemoryStream)
        frames = framer(self._dialect.framing.name)

        def take(data: bytes) -> None:
            for body in frames.feed(data):
                try:
                    self.messages.append(self._codec.decode(body))
                except RemoteError:
                    continue

        stream.tap = take


def secrets_in(messages: list[Message], rooms: KeyRoom) -> Iterator[str]:
    """What travelled, and what it hides."""
    delivery = KeyDelivery(rooms.rules)
    dialect = rooms.dialect
    for message in messages:
        fields = message.fields
        yield from (fields[number] for number in (TRACK, PIN, CHIP, *MACS) if number in fields)
        if message.mti in ("0100", "0200") and NEW_PIN in fields:
            yield fields[NEW_PIN]
        if message.mti == "0810" and KEYS[dialect.name] in fields:
            yield fields[KEYS[dialect.name]]
            wrapped = dialect.read_reply(message).keys
            assert wrapped is not None
            yield from (wrapped.pin_key, wrapped.mac_key)
            master = rooms.injected(fields[41].rstrip()).master
            yield from (key.reveal().hex() for key in (master, *delivery.unwrap(master, wrapped)))
        if message.mti in ("0100", "0200") and KEY_SERIAL in fields:
            yield from (key.reveal().hex() for key in dukpt_keys_of(fields[KEY_SERIAL], fields[41].rstrip(), rooms))


def dukpt_keys_of(serial: str, terminal: str, rooms: KeyRoom) -> Iterator[Key]:
    """The keys behind a key serial number: that of the device, and that of this PIN."""
    given = rooms.injected(terminal).dukpt
    assert given is not None
    yield given.key
    yield pin_key(given.key, type(given.number).parse(serial))


def texts_of(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a fact with the name of where they stand."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from texts_of(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each, name)
    elif isinstance(value, str):
        yield name, value


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("secure-primary-cut", ""), marks=pytest.mark.full),
        pytest.param(("pin-change", ""), marks=pytest.mark.full),
        ("pin-change", "serial"),
        pytest.param(("dukpt-primary-cut", ""), marks=pytest.mark.full),
    ],
    ids=" ".join,
)
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Overheard]:
    name, devices = request.param
    venue, out = Overheard(dialect_of(name)), tmp_path_factory.mktemp("secrecy") / "run"
    result = run_drill(find_drill(name, devices=devices), venue=venue, seed=SEED, out=out)
    assert result.audit.status == "PASS"
    return name, out, venue


def dialect_of(name: str) -> Dialect:
    return load_dialect(find_drill(name).drill.dialect)


def files_of(out: Path) -> dict[str, str]:
    paths = [path for path in out.rglob("*") if path.is_file()]
    files = {str(path.relative_to(out)): path.read_bytes().decode("latin-1") for path in paths}
    assert {"history.jsonl", "report.txt", "junit.xml", "run.json"} <= files.keys()
    return files


def test_no_file_holds_what_was_secret_on_the_wire(ran: tuple[str, Path, Overheard]) -> None:
    name, out, venue = ran
    rooms = KeyRoom(find_drill(name).drill, dialect_of(name), SEED)
    secrets = {secret.lower() for secret in secrets_in(venue.messages, rooms)}
    assert len(secrets) > 300, "enough was overheard to mean something"
    for file, text in files_of(out).items():
        lowered = text.lower()
        found = [secret[:4] for secret in sorted(secrets) if secret in lowered or secret[:16] in lowered]
        assert found == [], f"{len(found)} secrets in {file}"


def test_no_file_holds_more_of_a_card_than_first_six_and_last_four(ran: tuple[str, Path, Overheard]) -> None:
    name, out, _ = ran
    middles = re.compile("|".join(card.pan[:-3] for card in build_customers(find_drill(name).drill, SEED).cards))
    for file, text in files_of(out).items():
        assert not middles.search(text), file
        assert not re.search(r"999999\d{4,}", text), file


def test_no_four_digits_stand_where_a_pin_could(ran: tuple[str, Path, Overheard]) -> None:
    _, out, _ = ran
    where = {
        name
        for line in (out / "history.jsonl").read_text().splitlines()
        for name, text in texts_of(json.loads(line))
        if re.fullmatch(r"\d{4}", text)
    }
    assert where <= FOUR_DIGITS
    for file, text in files_of(out).items():
        assert not re.search(r"\bPIN\b\W*\d{4}", text), file


def test_no_file_names_a_device_by_its_key_serial_number(ran: tuple[str, Path, Overheard]) -> None:
    name, out, venue = ran
    asked = (message.fields for message in venue.messages if message.mti in ("0100", "0200"))
    serials = {fields[KEY_SERIAL] for fields in asked if KEY_SERIAL in fields}
    assert (len(serials) > 100) is (name == "dukpt-primary-cut")
    for file, text in files_of(out).items():
        assert not [serial for serial in serials if serial in text], file


def test_every_terminal_was_overheard(ran: tuple[str, Path, Overheard]) -> None:
    name, _, venue = ran
    heard = {message.fields.get(41, "").rstrip() for message in venue.messages}
    assert set(terminal_names(find_drill(name).drill.terminals)) <= heard
