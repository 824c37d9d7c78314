"""Where a request comes from, said otherwise than the dialect says it of an ATM."""

import pytest
from msgspec.structs import replace

from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.messages.dialect import Dialect, load_dialect
from atmbench.messages.pos_data import with_pos_data
from atmbench.messages.records import Purpose
from atmbench.run.channels import demand_sendable
from tests.messages.samples import BARE

ISO87 = load_dialect("iso87-ascii")
REQUEST = replace(BARE, purpose=Purpose.TRANSFER, service=Purpose.TRANSFER, terminal="W01")


def test_requests_say_it_and_a_host_reads_them_as_before() -> None:
    own = Dialect(with_pos_data(ISO87.file, {18: "0000", 22: "012", 26: ""}), "own")
    message, usual = own.request_message(REQUEST), ISO87.request_message(REQUEST)
    changed = {number for number in usual.fields if usual.fields[number] != message.fields.get(number)}
    assert changed == {18, 22, 26}
    assert (message.fields[18], message.fields[22]) == ("0000", "012")
    assert 26 not in message.fields
    assert ISO87.read_request(message) == ISO87.read_request(usual)


def test_the_dialect_itself_stays_as_it_is() -> None:
    before = ISO87.request_message(REQUEST)
    with_pos_data(ISO87.file, {18: "0000"})
    assert ISO87.request_message(REQUEST) == before


def test_a_field_that_says_no_such_thing_is_refused() -> None:
    with pytest.raises(LocalError, match="field 4 is nothing that requests of this dialect always carry; such are: 18"):
        with_pos_data(ISO87.file, {4: "1"})


def drill(pos: str = "{}") -> str:
    return f"""
drill: d
proves: it
lines: {{primary: {{site: A}}, online: {{site: A, channel: online}}}}
channels: {{online: {{pos: {pos}}}}}
workload: {{}}
heal: {{at: 10}}
"""


def test_text_that_does_not_fit_the_field_is_refused_before_the_run() -> None:
    found = parse_drill(drill('{18: "123"}'), "d")
    with pytest.raises(LocalError, match="a client cannot send its transfer"):
        demand_sendable(found, found.channels["online"], ISO87)


@pytest.mark.parametrize("name", ["as2805", "base24-atm"])
def test_a_dialect_that_lives_by_track_2_has_no_clients(name: str) -> None:
    found = parse_drill(drill(), "d")
    with pytest.raises(LocalError, match=r"a client cannot send its transfer: .*35"):
        demand_sendable(found, found.channels["online"], load_dialect(name))


@pytest.mark.parametrize("name", ["iso87-ascii", "iso87-bcd", "iso93-ascii", "nibss", "cmf", "postilion"])
def test_in_others_a_client_can_say_all_it_needs(name: str) -> None:
    found, dialect = parse_drill(drill(), "d"), load_dialect(name)
    demand_sendable(found, found.channels["online"], dialect)
    read = dialect.read_request(dialect.request_message(REQUEST))
    assert (read.pan, read.track2) == (REQUEST.pan, "")
