"""Check `replication`: what two sites know otherwise is told, the first to diverge first, and nothing else is."""

import pytest
from msgspec.structs import replace

from atmbench.audit.judge import judge
from atmbench.audit.replication import split_brains
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import BalanceOverwritten, EntryPosted, LedgerCounted, RunStarted, SiteRoleChanged, SitesCompared
from tests.audit.builders import CUSTOMER, Tape, key_of, stamped

FIGURES = "{} entries are at all {} sites, the slowest after {} s"


def verdict(tape: Tape) -> Verdict:
    return tape.judge().verdict("replication")


def test_sites_that_know_the_same_pass_with_the_slowest_lag() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.lost_reply(10, stan=130)
    said = verdict(tape)
    assert said.status is Status.PASS
    assert said.because == "3 entries are at all 2 sites, the slowest after 0.200 s"


def test_the_first_entry_that_a_site_lacks_is_named_with_amount_and_time() -> None:
    tape = Tape()
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="it heard nothing"))
    for t, stan, sites in ((20, 120, ("A",)), (10, 119, ("B",)), (1, 118, ("A", "B"))):
        key = key_of("T01", stan)
        tape.ask(t, key)
        tape.post(t, key, sites=sites)
    said = verdict(tape)
    assert said.status is Status.FAIL
    assert [finding.key for finding in said.findings] == [key_of("T01", 119), key_of("T01", 120)]
    first = f"site A lacks post/{key_of('T01', 119)} (withdrawal of 50.00, at site B at 10.000 s)"
    assert said.because.startswith(f"2 transactions differ between sites at the end; the first to diverge: {first}")


def test_another_amount_at_a_site_is_told_with_both() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.post(1, key, sites=("A",))
    legs = {CUSTOMER: -5300, "cash:T01": 5300}
    entry = EntryPosted(entry=f"post/{key}", kind="posting", key=key, service="withdrawal", legs=legs, origin="A")
    tape.entry(1.2, "B", entry)
    [finding] = verdict(tape).findings
    assert finding.says == f"site B has 53.00 for post/{key} (withdrawal of 50.00, at site A at 1.000 s)"


def test_the_same_in_the_end_by_other_entries_is_no_difference() -> None:
    """Two sites that decided one transaction differently bring their balances together by entries of their own."""
    tape = Tape()
    key = tape.withdraw(1)
    tape.post(2, key, sites=("A",), n="/A1")
    tape.reverse(3, key, sites=("A",), n="/A2")
    assert verdict(tape).status is Status.PASS


def overwritten(t: float, tape: Tape, key: str) -> None:
    fact = BalanceOverwritten(account=CUSTOMER, was_minor=9_900_000, now_minor=9_950_000, key=key, origin="A")
    tape.add(t, "B", fact)


def test_a_balance_that_came_from_the_other_site_is_told_until_it_is_set_right() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    overwritten(1.3, tape, key)
    [finding] = verdict(tape).findings
    assert finding.says == (f"{CUSTOMER} at site B was 99,000.00, and 99,500.00 came from site A with {key} at 1.300 s")
    overwritten(50.0, tape, "")
    assert verdict(tape).status is Status.PASS


def test_a_reconciliation_is_told_in_the_figures() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.add(60.0, "A", SitesCompared(missing={"A": 0, "B": 2}, different=1, balances=3, repaired=True))
    assert verdict(tape).because.endswith("reconciled at 60.000 s: 3 differences, set right")


def test_both_sites_posting_at_a_time_is_told() -> None:
    tape = Tape()
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="it heard nothing"))
    tape.withdraw(6)
    tape.add(20.0, "A", SiteRoleChanged(site="A", role="standby", because="it hears B again"))
    key = key_of("T01", 300)
    tape.ask(8, key)
    tape.post(8, key, sites=("B", "A"))
    [apart] = split_brains(tape.judge().book)
    assert (apart.from_s, apart.until_s, apart.entries) == (5.0, 20.0, {"A": 1, "B": 1})
    assert "both posted from 5.000 to 20.000 s: 1 at site A and 1 at site B" in verdict(tape).because


def test_a_change_of_roles_in_order_is_no_split_brain() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.add(5.0, "A", SiteRoleChanged(site="A", role="standby", because="B was promoted"))
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="by order"))
    key = key_of("T01", 300)
    tape.ask(8, key)
    tape.post(8, key, sites=("B", "A"))
    assert split_brains(tape.judge().book) == []


# --- whole sentences, and the edges -----------------------------------------------------------------


def test_all_that_differs_is_said_with_the_figures() -> None:
    tape = Tape(split_brain_max=1)
    first, second = key_of("T01", 118), key_of("T01", 119)
    for t, key in ((1, first), (2, second)):
        tape.ask(t, key)
        tape.post(t, key, sites=("A",))
    overwritten(1.3, tape, first)
    tape.add(1.4, "A", BalanceOverwritten(account="x", was_minor=1, now_minor=2, key=second, origin="B"))
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="it heard nothing"))
    for t, stan, sites in ((6, 300, ("A", "B")), (7, 301, ("B", "A"))):
        tape.ask(t, key_of("T01", stan))
        tape.post(t, key_of("T01", stan), sites=sites)
    said = verdict(tape)
    lacks = f"site B lacks post/{first} (withdrawal of 50.00, at site A at 1.000 s)"
    was = f"{CUSTOMER} at site B was 99,000.00, and 99,500.00 came from site A with {first} at 1.300 s"
    apart = "2 entries made while two sites posted, 1 allowed"
    assert said.because == (
        f"2 transactions differ between sites at the end; the first to diverge: {lacks}; "
        f"2 balances at a site are not what its entries come to; the first: {was}; {apart}; "
        "2 entries are at all 2 sites, the slowest after 0.200 s; "
        "both posted from 5.000 to 100.000 s: 1 at site A and 1 at site B"
    )
    assert [finding.key for finding in said.findings] == [first, second, first, second, ""]
    numbers = [number for number, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == first]
    assert said.findings[0].facts == (numbers[0], numbers[1])
    assert said.findings[4].says == apart


def test_one_of_each_is_said_as_one() -> None:
    tape = Tape(split_brain_max=1)
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.post(1, key, sites=("A",))
    overwritten(1.3, tape, key)
    said = verdict(tape).because
    assert said.startswith("1 transaction differs between sites at the end; the first to diverge: ")
    assert "; 1 balance at a site is not what its entries come to; the first: " in said


def test_as_much_apart_as_is_allowed_is_none_too_much() -> None:
    tape = Tape(split_brain_max=2)
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="it heard nothing"))
    for t, stan, sites in ((6, 300, ("A", "B")), (7, 301, ("B", "A"))):
        tape.ask(t, key_of("T01", stan))
        tape.post(t, key_of("T01", stan), sites=sites)
    assert verdict(tape).status is Status.PASS
    tape.expect["split_brain_max"] = 0
    assert verdict(tape).findings[0].says == "2 entries made while two sites posted, 0 allowed"


def apart(*made: tuple[float, str], batch: str = "") -> list[dict[str, int]]:
    """What each site made while two posted, of entries at these times and sites. B is active from 5 to 20 s."""
    tape = Tape()
    tape.add(2.0, "B", SiteRoleChanged(site="B", role="standby", because="x"))
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="it heard nothing"))
    tape.add(20.0, "A", SiteRoleChanged(site="A", role="standby", because="it hears B again"))
    for number, (t, site) in enumerate(made):
        key = key_of("T01", 300 + number)
        entry = EntryPosted(
            entry=key, kind="posting", key=key, service="transfer", legs={}, origin=site, in_batch=site == batch
        )
        tape.entry(t, site, entry)
    return [each.entries for each in split_brains(tape.judge().book)]


def test_only_entries_between_two_changes_of_roles_count() -> None:
    assert apart((5.0, "A"), (6.0, "B"), (7.0, "B")) == [{"A": 1, "B": 2}]
    assert apart((4.9, "A"), (6.0, "B")) == []
    assert apart((20.0, "A"), (6.0, "B")) == []
    assert apart((3.0, "A"), (3.0, "B")) == []
    assert apart((6.0, "A"), (6.0, "B"), batch="B") == []


def test_where_no_site_ever_became_active_there_is_no_split_brain() -> None:
    tape = Tape()
    tape.add(5.0, "A", SiteRoleChanged(site="A", role="standby", because="x"))
    assert split_brains(tape.judge().book) == []


def test_entries_beyond_those_that_are_kept_are_for_other_checks_to_tell() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.ask(1, key)
    for number in range(16):
        tape.post(2, key, 1000, n=f"/{number}")
    tape.post(3, key, sites=("A",), n="/x")
    audit = tape.judge()
    assert audit.verdict("replication").because == FIGURES.format(16, 2, "0.200")
    assert [finding.says.split(", ")[-1] for finding in audit.verdict("money").findings] == ["1 more entries"]


def test_a_service_of_two_words_is_said_as_two() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    legs = {CUSTOMER: -5000, "2000000001": 4999, "fee:x": 1}
    tape.entry(1, "A", EntryPosted(entry="e", kind="posting", key=key, service="bill_payment", legs=legs, origin="A"))
    [finding] = verdict(tape).findings
    assert finding.says == "site B lacks e (bill payment of 50.00, at site A at 1.000 s)"


def test_a_reconciliation_that_only_tells_says_so() -> None:
    tape = Tape()
    tape.add(60.0, "A", SitesCompared(missing={"A": 1, "B": 2}, different=0, balances=3, repaired=False))
    assert verdict(tape).because == (
        "0 entries are at all 2 sites, the slowest after 0.000 s; reconciled at 60.000 s: 3 differences, only told"
    )


def test_a_site_that_is_alone_has_nothing_to_differ_from() -> None:
    for lines, says in (
        ({"primary": "A"}, "site A is alone: there is nothing to differ from"),
        ({}, "no site is known"),
    ):
        tape = Tape()
        started = stamped(0.0, "conductor", replace(tape.run_started(), lines=lines))
        gone = (LedgerCounted, RunStarted)
        history = [started, *(fact for fact in tape.play() if not isinstance(fact, gone))]
        assert judge(history).verdict("replication").because == says


def test_the_lag_of_an_entry_with_others_of_its_transaction_counts_too() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.post(1, key)
    tape.post(5, key, -5000, sites=("A",), kind="reversal")
    tape.post(9, key, -5000, sites=("B",), kind="reversal")
    assert verdict(tape).because == "2 entries are at all 2 sites, the slowest after 4.000 s"
    quick = Tape()
    quick.ask(1, key)
    for site in ("A", "B"):
        legs = {CUSTOMER: -5000, "cash:T01": 5000}
        posted = EntryPosted(entry="e", kind="posting", key=key, service="withdrawal", legs=legs, origin="A")
        quick.entry(1, site, posted)
    assert verdict(quick).because == "1 entries are at all 2 sites, the slowest after 0.000 s"


def test_a_posting_of_a_site_that_stands_by_is_named() -> None:
    tape = Tape()
    tape.withdraw(1)
    key = key_of("T01", 300)
    tape.ask(8, key)
    tape.post(8, key, sites=("B", "A"))
    said = verdict(tape)
    assert said.status is Status.FAIL
    assert [finding.key for finding in said.findings] == [key]
    numbers = [number for number, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == key]
    assert said.findings[0].facts == (numbers[0], numbers[-1])
    first = f"site B posted post/{key} at 8.000 s, and was not active"
    assert said.because.startswith(f"1 posting of a site that was not active; the first: {first}")


def test_a_site_posts_from_the_moment_of_its_promotion_to_that_of_its_standing_down() -> None:
    tape = Tape()
    tape.add(5.0, "A", SiteRoleChanged(site="A", role="standby", because="B was promoted"))
    tape.add(5.0, "B", SiteRoleChanged(site="B", role="active", because="by order"))
    for t, stan, sites in ((5.0, 118, ("A", "B")), (5.0, 119, ("B", "A")), (50.0, 120, ("B", "A"))):
        key = key_of("T01", stan)
        tape.ask(t, key)
        tape.post(t, key, sites=sites)
    assert verdict(tape).status is Status.PASS


def test_a_site_posts_as_the_first_from_the_start_and_as_one_that_stood_down_no_more() -> None:
    """That a site is active is told again and again, or that it stands by: the first time counts."""
    tape = Tape()
    for t, site, role in ((20.0, "A", "active"), (30.0, "A", "standby"), (31.0, "B", "active"), (50.0, "B", "active")):
        tape.add(t, site, SiteRoleChanged(site=site, role=role, because="by order"))
    tape.add(5, "B", SiteRoleChanged(site="B", role="standby", because="it hears A"))
    keys = [key_of("T01", stan) for stan in (118, 119, 120, 121, 122)]
    for t, key, sites in zip((0.5, 10.0, 40.0, 2.0, 35.0), keys, ("AB", "AB", "AB", "BA", "BA"), strict=True):
        tape.ask(t, key)
        tape.post(t, key, sites=tuple(sites))
    assert [(finding.key, finding.says) for finding in verdict(tape).findings] == [
        (keys[3], f"site B posted post/{keys[3]} at 2.000 s, and was not active"),
        (keys[2], f"site A posted post/{keys[2]} at 40.000 s, and was not active"),
    ]


# --- entries that are not one at each of two sites ----------------------------------------------------


def made(*entries: tuple[str, str]) -> Verdict:
    """What is said of entries of one transaction, each a site and a name, made a second apart; some sites make none."""
    tape, key = Tape(), key_of("T01", 118)
    tape.ask(1, key)
    for t, (site, name) in enumerate(entries, 2):
        legs = {CUSTOMER: -5000, "cash:T01": 5000}
        tape.moves.setdefault(site, {})
        tape.add(0.5, site, LedgerCounted(site=site, when="start", balances={}))
        posted = EntryPosted(entry=name, kind="posting", key=key, service="withdrawal", legs=legs, origin="A")
        if name:
            tape.entry(t, site, posted)
    return verdict(tape)


@pytest.mark.parametrize(
    ("entries", "first", "figures"),
    [
        ("A:e A:e", "site B lacks e (withdrawal of 50.00, at site A at 2.000 s)", FIGURES.format(0, 2, "0.000")),
        ("A:e B:e A:f", "site B lacks f (withdrawal of 50.00, at site A at 4.000 s)", FIGURES.format(1, 2, "1.000")),
        ("A:e B:e A:e", "site A has e more than once", FIGURES.format(1, 2, "1.000")),
        ("A:e B:e B:f A:f B:f", "site B has f more than once", FIGURES.format(2, 2, "1.000")),
        ("A:e B:e C:", "site C lacks e (withdrawal of 50.00, at site A at 2.000 s)", FIGURES.format(0, 3, "0.000")),
        (
            "C:e B:e A:e B:f",
            "site A lacks f (withdrawal of 50.00, at site B at 5.000 s)",
            FIGURES.format(1, 3, "2.000"),
        ),
    ],
)
def test_whatever_a_site_has_too_few_or_too_often_is_named(entries: str, first: str, figures: str) -> None:
    said = made(*((each[0], each[2:]) for each in entries.split()))
    assert [finding.says for finding in said.findings] == [first]
    assert said.because.endswith(f"the first to diverge: {first}; {figures}")


def test_the_same_by_entries_of_their_own_is_no_difference_and_no_entry_of_both() -> None:
    assert made(("A", "e"), ("B", "f")).because == FIGURES.format(0, 2, "0.000")


def test_transactions_are_told_in_the_order_in_which_an_entry_was_too_few_or_too_many() -> None:
    tape = Tape()
    again, lacking = key_of("T01", 118), key_of("T01", 119)
    for key in (again, lacking):
        tape.ask(1, key)
        tape.post(2, key)
    tape.post(30, again, sites=("A",))
    tape.post(20, lacking, sites=("A",), n="/x")
    assert [finding.key for finding in verdict(tape).findings] == [lacking, again]
    tape.post(10, again, sites=("A",))
    assert [finding.key for finding in verdict(tape).findings] == [again, lacking]
