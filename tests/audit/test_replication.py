"""Check `replication`: what two sites know otherwise is told, the first to diverge first, and nothing else is."""

from atmbench.audit.replication import split_brains
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import BalanceOverwritten, EntryPosted, SiteRoleChanged, SitesCompared
from tests.audit.builders import CUSTOMER, Tape, key_of


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


def test_a_posting_of_a_site_that_stands_by_is_named() -> None:
    tape = Tape()
    tape.withdraw(1)
    key = key_of("T01", 300)
    tape.ask(8, key)
    tape.post(8, key, sites=("B", "A"))
    said = verdict(tape)
    assert said.status is Status.FAIL
    assert [finding.key for finding in said.findings] == [key]
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
