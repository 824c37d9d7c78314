"""Check `sequence`: each terminal keeps the order of things.

Nothing is sent over a line before a host has let the terminal in there, nor after it has sent it away. STANs rise and
are not used twice, repeats equal their first sending and every sending counts, no request for money while an advice is
stored, no cash before a matched approval, and nothing is done on a reply that was ignored.
The breaches are noted by `terminals` as the facts go by; here they become a verdict.
Sources: iso8583 facts 1.1 (a repeat differs in the last digit of the MTI only), 1.8 and 1.9.
"""

from atmbench.audit.book import Book
from atmbench.audit.verdict import Finding, Verdict, count, judged


def check(book: Book) -> Verdict:
    """Judge the breaches of all terminals. A breach counts even if the history has no end."""
    logs = list(book.terminals.values())
    findings = [Finding(odd.key, odd.says, odd.facts) for log in logs for odd in log.oddities]
    if not findings:
        book.end()
    found = len(findings) + sum(log.oddities_beyond for log in logs)
    return judged(
        "sequence",
        f"{count(sum(log.sent for log in logs), 'message')} of {count(len(logs), 'terminal')} in order: STANs rise, "
        f"{count(sum(log.repeats for log in logs), 'repeat equals its', 'repeats equal their')} first sending, "
        f"{count(sum(log.presentations for log in logs), 'dispense')} each on a matched approval, "
        f"{count(sum(log.ignored for log in logs), 'ignored reply', 'ignored replies')} without effect",
        f"{count(found, 'breach', 'breaches')} of order: {findings[0].says if findings else ''}",
        findings,
    )
