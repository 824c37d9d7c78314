"""Transactions as rows, and one of them as the audit tells it."""

from collections.abc import Iterable, Sequence

from atmbench.console.model import Model, Transaction
from atmbench.console.model_terminals import APPROVED, DECLINED
from atmbench.console.views.paint import Column, Line, Row, Tone, clock, join, labelled, plain, toned, words, wrapped
from atmbench.report.words import ACTOR_WIDTH

COLUMNS = (
    Column("began", 10, right=True),
    Column("terminal", 8),
    Column("service", 13, from_width=58),
    Column("amount", 9, right=True),
    Column("", 1),
    Column("outcome", least=10),
)
INDENT = 21
_WHO_WIDTH = ACTOR_WIDTH + 2
"""With the longest name that the bench itself has, conductor, and a blank."""
_WHEN_WIDTH = 11


def chosen(model: Model, *, is_trouble: bool) -> list[Transaction]:
    """The last transactions, or those of them in which something went wrong."""
    every = model.transactions.values()
    return [each for each in every if is_troubled(each)] if is_trouble else list(every)


def is_troubled(each: Transaction) -> bool:
    """Whether it was reversed, or ended as neither approved nor declined."""
    return each.is_reversed or (bool(each.outcome) and each.outcome not in (APPROVED, DECLINED))


def row(each: Transaction, model: Model) -> Row:
    """A transaction; R marks one that was reversed."""
    return Row(
        each.key,
        (
            toned(clock(each.started_t), Tone.DIM),
            plain(each.terminal),
            plain(words(each.service)),
            plain(model.teller.amount(each.amount_minor) if each.amount_minor else ""),
            toned("R" if each.is_reversed else "", Tone.WARN),
            _outcome(each),
        ),
    )


def _outcome(each: Transaction) -> Line:
    if not each.outcome:
        return toned("under way", Tone.NOTE)
    tone = Tone.GOOD if each.outcome == APPROVED else Tone.NOTE if each.outcome == DECLINED else Tone.BAD
    return toned(f"{words(each.outcome)}{f' {each.code}' if each.code else ''}", tone)


def head(each: Transaction | None, key: str, model: Model) -> list[Line]:
    """Whose transaction it is and what came of it."""
    if each is None:
        return [labelled("transaction", key or "none chosen")]
    amount = f" {model.teller.amount(each.amount_minor)} {model.teller.currency}" if each.amount_minor else ""
    case = model.money.unsettled.get(each.key)
    if case is None:
        money = toned("all witnesses agree", Tone.GOOD)
    else:
        say = model.teller.amount
        at_sites = ", ".join(f"site {site} {say(minor)}" for site, minor in case.at_sites.items()) or "no site anything"
        money = toned(f"not settled: devices {say(case.cash_minor)}, {at_sites}", Tone.WARN)
    first = join(
        toned(f"{each.terminal} {words(each.service)}{amount}, STAN {each.stan:06d}", Tone.STRONG), plain("  ")
    )
    return [join(first, _outcome(each)), join(plain("money: "), money)]


def told(lines: Sequence[str], width: int, *, sites: Iterable[str] = ()) -> list[Line]:
    """The lines of a story, folded to a width, each witness in a tone of its own."""
    found: list[Line] = []
    names = {f"site {each}" for each in sites}
    for line in lines:
        when, rest = line[:_WHEN_WIDTH], line[_WHEN_WIDTH:]
        cut = rest.find(" ", ACTOR_WIDTH)
        who, says = f"{rest[:cut]:<{_WHO_WIDTH - 1}} ", rest[cut + 1 :]
        folded = wrapped(says, width - INDENT, tone=_tone(who.strip(), says, names))
        found.append(join(toned(when, Tone.DIM), toned(who, Tone.ACCENT), folded[0]))
        found += [join(plain(" " * INDENT), each) for each in folded[1:]]
    return found


def _tone(who: str, says: str, sites: set[str]) -> Tone:
    if who == "wire" or says.startswith(("lost ", "could not", "ignored", "suspects", "opened an exception", "cut ")):
        return Tone.WARN
    if "posted:" in says or "reversed:" in says or says.startswith(("presented", "customer took")):
        return Tone.STRONG
    return Tone.NOTE if who in sites else Tone.PLAIN
