"""Requests and replies to test with, one of each kind, and strategies that draw all the dialect can carry."""

from typing import Any

from hypothesis import strategies as st

from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import (
    ADVICES,
    NETWORK,
    SERVICES,
    AccountType,
    Balance,
    Original,
    Outcome,
    Purpose,
    Reason,
    Reply,
    Request,
)

DIALECT = load_dialect("iso87-ascii")
PAN = "9876543217654325"
TRACK2 = "9876543217654325=30122019182736450"

BARE = Request(
    purpose=Purpose.WITHDRAWAL,
    service=Purpose.WITHDRAWAL,
    terminal="T01",
    stan=7,
    transmitted="0105080010",
    local_time="260105090010",
    rrn="600508000118",
    amount_minor=5000,
    currency="NGN",
    pan="9999990000000014",
    acquirer="123456",
    merchant="ATMBENCH0000001",
    location="1 TEST STREET          LAGOS        LANG",
)
"""As a core makes it: without track, PIN, chip or MAC."""
SIGN_ON = Request(purpose=Purpose.SIGN_ON, terminal="T0000007", stan=1, transmitted="1123192959")
WITHDRAWAL = Request(
    purpose=Purpose.WITHDRAWAL,
    service=Purpose.WITHDRAWAL,
    terminal="T07",
    stan=118,
    transmitted="1123193000",
    local_time="1123203000",
    rrn="532719000118",
    amount_minor=5000,
    currency="NGN",
    pan=PAN,
    track2=TRACK2,
    pin_block="0412AC89ABCDEF67",
    from_account=AccountType.CURRENT,
    acquirer="123456",
    merchant="ATMBENCH0000001",
    location="1 TEST STREET          LAGOS        LANG",
)
REVERSAL = Request(
    purpose=Purpose.REVERSAL,
    service=Purpose.WITHDRAWAL,
    terminal="T07",
    stan=119,
    transmitted="1123193030",
    local_time="1123203000",
    rrn="532719000118",
    amount_minor=5000,
    currency="NGN",
    pan=PAN,
    from_account=AccountType.CURRENT,
    approval_code="A1B2C3",
    original=Original("0200", 118, "1123193000"),
    actual_minor=2000,
    reason=Reason.PARTLY_DISPENSED,
    acquirer="123456",
    merchant="ATMBENCH0000001",
    location="1 TEST STREET          LAGOS        LANG",
)
APPROVAL = Reply(
    purpose=Purpose.WITHDRAWAL,
    terminal="T07",
    stan=118,
    outcome=Outcome.APPROVED,
    code="00",
    local_time="1123203000",
    rrn="532719000118",
    amount_minor=5000,
    currency="NGN",
    approval_code="A1B2C3",
    balances=(Balance("ledger", -120_00), Balance("available", 80_00)),
)

SHARED_REASONS = {Reason.LATE_ANSWER: Reason.NO_ANSWER}
"""1987 has one code for both; the first listed is read."""

_text = st.text(alphabet="ABCXYZ 0189-/'", max_size=8).map(str.strip)
_digits = st.text(alphabet="0123456789", min_size=1, max_size=11)
_moments = st.datetimes().map(lambda moment: moment.strftime("%m%d%H%M%S"))
_stans = st.integers(1, 999_999)
_amounts = st.integers(0, 999_999_999_999)
_terminals = _text.filter(bool)
_currencies = st.sampled_from(["NGN", "USD", "JPY", "KWD"])

network_requests = st.builds(
    Request,
    purpose=st.sampled_from(sorted(NETWORK)),
    terminal=_terminals,
    stan=_stans,
    transmitted=_moments,
    repeat=st.booleans(),
)
_common = {
    "terminal": _terminals,
    "stan": _stans,
    "transmitted": _moments,
    "repeat": st.booleans(),
    "local_time": _moments,
    "rrn": _terminals,
    "amount_minor": _amounts,
    "currency": _currencies,
    "pan": st.text(alphabet="0123456789", min_size=8, max_size=19),
    "from_account": st.sampled_from(AccountType),
    "to_account": st.sampled_from(AccountType),
    "payee": _text,
    "acquirer": _digits,
    "merchant": _terminals,
    "location": _terminals,
}
service_requests = st.sampled_from(sorted(SERVICES)).flatmap(
    lambda service: st.builds(
        Request,
        purpose=st.just(service),
        service=st.just(service),
        track2=st.sampled_from(["", TRACK2]),
        pin_block=st.sampled_from(["", "0123456789ABCDEF"]),
        **_common,
    )
)
_originals = st.builds(Original, st.sampled_from(["0200", "0220"]), _stans, _moments)
advices = st.builds(
    Request,
    purpose=st.sampled_from([Purpose.COMPLETION, Purpose.REVERSAL]),
    service=st.sampled_from(sorted(SERVICES)),
    approval_code=st.sampled_from(["", "12", "A1B2C3"]),
    original=_originals,
    actual_minor=st.none() | _amounts,
    reason=st.none() | st.sampled_from([reason for reason in Reason if reason not in SHARED_REASONS]),
    **_common,
)
requests = network_requests | service_requests | advices


_balances = st.builds(Balance, st.sampled_from(["ledger", "available"]), st.integers(-(10**12) + 1, 10**12 - 1))


def replies_to(request: Request) -> st.SearchStrategy[Reply]:
    """Replies that say of a request what the dialect echoes, and anything else they can carry."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    if request.purpose not in NETWORK:
        drawn["local_time"] = st.just(request.local_time)
        drawn["rrn"] = st.just(request.rrn)
        drawn["currency"] = st.just(request.currency)
        drawn["amount_minor"] = _amounts
    if request.purpose in ADVICES:
        drawn["amount_minor"] = st.just(request.amount_minor)
    if request.purpose in SERVICES:
        drawn["approval_code"] = st.sampled_from(["", "A1B2C3"])
        drawn["balances"] = st.lists(_balances, max_size=6).map(tuple)
        drawn["statement"] = st.lists(_terminals, max_size=10).map(tuple)
    return st.sampled_from(Outcome).flatmap(
        lambda outcome: st.builds(
            Reply,
            purpose=st.just(request.purpose),
            terminal=st.just(request.terminal),
            stan=st.just(request.stan),
            outcome=st.just(outcome),
            code=st.just(DIALECT.code(outcome)),
            **drawn,
        )
    )


exchanges = requests.flatmap(lambda request: st.tuples(st.just(request), replies_to(request)))
