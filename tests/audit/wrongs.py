"""Every way in which the money of one transaction can go wrong, played on a tape. Both judges have to find each."""

from atmbench.facts import EntryLost, EntryPosted
from tests.audit.builders import CUSTOMER, SITES, Tape, key_of

KEY = key_of("T01", 118)


def lose(tape: Tape, t: float, site: str) -> None:
    """The database of a site came back without the posting."""
    legs = {CUSTOMER: -5000, "cash:T01": 5000}
    tape.add(t, site, EntryLost(entry=f"post/{KEY}", key=KEY, legs=legs))
    for account, change in legs.items():
        tape.moves[site][account] -= change


def posted_but_no_cash_came(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")


def cash_came_and_nothing_was_posted(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY)
    tape.take(5, KEY)
    tape.end(5, KEY)


def posted_at_one_site_only(tape: Tape) -> None:
    cash_came_and_nothing_was_posted(tape)
    tape.post(1.02, KEY, sites=("A",))


def reversal_reached_one_site_only(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.reverse(31.02, KEY, sites=("A",))
    tape.settle(31.04, KEY, 119)


def lost_at_both_sites(tape: Tape) -> None:
    tape.withdraw(1)
    for site in SITES:
        lose(tape, 60, site)


def posted_twice(tape: Tape) -> None:
    tape.withdraw(1)
    tape.post(2, KEY, n="/A1")


def credited_twice(tape: Tape) -> None:
    tape.lost_reply(1)
    tape.reverse(40, KEY, n="/A1")


def reversed_although_taken(tape: Tape) -> None:
    tape.withdraw(1)
    tape.reverse(40, KEY)


def posted_another_amount(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.post(1.02, KEY, 4999)
    tape.reply(1.04, KEY)
    tape.present(4, KEY)
    tape.take(5, KEY)
    tape.end(5, KEY)


def partial_reversal_taken_for_a_full_one(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY, 3000)
    tape.take(5, KEY, 3000)
    tape.end(5, KEY, "short")
    tape.queue(5, KEY, 119, "partly_dispensed", actual=3000)
    tape.send(5, KEY, purpose="reversal", stan=119)
    tape.reverse(5.02, KEY, 5000)
    tape.settle(5.04, KEY, 119)


def retracted_and_kept_in_silence(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY)
    tape.retract(34, KEY)
    tape.end(34, KEY, "retracted")


def late_original_posted_after_its_reversal(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.settle(31.04, KEY, 119)
    tape.arrive(40, KEY)
    tape.post(40, KEY)


def deposit_swallowed(tape: Tape) -> None:
    tape.ask(1, KEY, 0, "deposit")
    tape.send(1, KEY, 4000)
    tape.accept_notes(4, KEY, 4000)
    tape.end(5, KEY)


def transfer_lost_between_accounts(tape: Tape) -> None:
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.reply(1.04, KEY)
    tape.end(2, KEY)


def transfer_done_although_not_approved(tape: Tape) -> None:
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.post(1.02, KEY)
    tape.end(31, KEY, "no_answer")


def transfer_that_stays_with_the_bank(tape: Tape) -> None:
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    legs = {CUSTOMER: -5000, "suspense:transfers": 5000}
    for site in SITES:
        entry = EntryPosted(entry="e1", kind="posting", key=KEY, service="transfer", legs=legs, origin="A")
        tape.entry(1, site, entry)
    tape.reply(1.04, KEY)
    tape.end(2, KEY)


def balance_inquiry_that_costs(tape: Tape) -> None:
    tape.ask(1, KEY, 0, "balance")
    legs = {CUSTOMER: -100, "fees:balance": 100}
    for site in ("A", "B"):
        tape.entry(1, site, EntryPosted(entry="e1", kind="posting", key=KEY, service="balance", legs=legs, origin="A"))
    tape.end(2, KEY)


def credit_to_the_wrong_customer(tape: Tape) -> None:
    """In sum nothing moved, and yet two customers have the wrong balance."""
    tape.request(1, KEY)
    legs = {"2000000001": 5000, "cash:T01": -5000}
    for site in ("A", "B"):
        entry = EntryPosted(entry="rev/1", kind="reversal", key=KEY, service="withdrawal", legs=legs, origin="A")
        tape.entry(31, site, entry)
    tape.end(31, KEY, "no_answer")


WRONGS = [
    posted_but_no_cash_came,
    cash_came_and_nothing_was_posted,
    posted_at_one_site_only,
    reversal_reached_one_site_only,
    lost_at_both_sites,
    posted_twice,
    credited_twice,
    reversed_although_taken,
    posted_another_amount,
    partial_reversal_taken_for_a_full_one,
    retracted_and_kept_in_silence,
    late_original_posted_after_its_reversal,
    deposit_swallowed,
    transfer_lost_between_accounts,
    transfer_done_although_not_approved,
    transfer_that_stays_with_the_bank,
    balance_inquiry_that_costs,
    credit_to_the_wrong_customer,
]
BEYOND_ALL_DOUBT = [posted_twice, credited_twice, balance_inquiry_that_costs, credit_to_the_wrong_customer]
"""Not knowing what came out explains none of these: more was moved than was asked, or the other way round."""
