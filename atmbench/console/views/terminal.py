"""One terminal: its screen with the function keys, what is inside of it, and what its customer may do."""

from collections.abc import Sequence

from atmbench import money
from atmbench.console.customer import KEYS, Customer, Option
from atmbench.console.model import Model
from atmbench.console.model_terminals import Terminal
from atmbench.console.views.fleet import cell_of
from atmbench.console.views.paint import (
    Line,
    Row,
    Tone,
    clock,
    fit,
    join,
    labelled,
    listed,
    meter,
    plain,
    toned,
    words,
)

SCREEN_LINES = 6
KEY_ROWS = 4
KEYS_BEGIN = SCREEN_LINES + 2
"""Line of the front with the first function keys: below its upper edge and the lines of the screen."""
METER_WIDTH = 10
STORED_SHOWN = 4


def atm(terminal: Terminal, customer: Customer, model: Model, width: int) -> list[Line]:
    """The front of the terminal, as a customer stands before it."""
    inner = width - 8
    currency = model.teller.currency
    says = customer.prompt() if not terminal.is_busy and terminal.is_in_service else ()
    says = says or (terminal.screen_lines if terminal.has_power else ())
    cell = cell_of(terminal, next(iter(model.lines.line_sites), ""))
    head = f"{terminal.name} "
    state = f" {cell.state} {cell.letter} "
    top = join(
        plain("  ╭─"),
        toned(head, Tone.STRONG),
        plain("─" * (inner - len(head) - len(state))),
        toned(state, cell.tone),
        plain("─╮  "),
    )
    blank = " " * (inner + 2)
    above = max((SCREEN_LINES - len(says)) // 2, 0)
    texts = ["", *[""] * above, *says][: SCREEN_LINES + 1]
    texts += [""] * (SCREEN_LINES + 1 - len(texts))
    lit = Tone.STRONG if terminal.has_power else Tone.DIM
    lines: list[Line] = [top]
    lines += [join(plain("  │"), fit(toned(f"{text:^{inner + 2}}", lit), inner + 2), plain("│  ")) for text in texts]
    lines += _keys(customer.options(terminal, currency), inner)
    lines += [join(plain("  │"), plain(blank), plain("│  ")), plain(f"  ╰{'─' * (inner + 2)}╯  ")]
    lines.append(_slots(terminal, currency))
    return lines


def _keys(options: Sequence[Option], inner: int) -> list[Line]:
    """The function keys on both sides, with what they do now."""
    labels = {key: option.label for key, option in zip(KEYS, options, strict=False)}
    half = inner // 2
    lines = []
    for row in range(KEY_ROWS):
        right, left = KEYS[row], KEYS[row + KEY_ROWS]
        lines.append(
            join(
                _cap(left, left in labels),
                plain("│ "),
                plain(f"{labels.get(left, ''):<{half}.{half}}"),
                plain(f"{labels.get(right, ''):>{inner - half}.{inner - half}}"),
                plain(" │"),
                _cap(right, right in labels),
            )
        )
    return lines


def _cap(key: str, is_alive: bool) -> Line:
    return toned(f" {key}" if key in KEYS[KEY_ROWS:] else f"{key} ", Tone.ACCENT if is_alive else Tone.DIM)


def _slots(terminal: Terminal, currency: str) -> Line:
    card = toned("▬ card: take it", Tone.WARN) if terminal.card_is_out else toned("▬ card slot", Tone.DIM)
    cash = toned("▤ cash exit", Tone.DIM)
    if terminal.cash_out_minor:
        cash = toned(f"▤ cash: {money.display(terminal.cash_out_minor, currency)} {currency}", Tone.WARN)
    return join(plain("   "), card, plain("    "), cash)


def state_lines(terminal: Terminal, model: Model) -> list[Line]:
    """What a tester wants to know of it."""
    preferred = next(iter(model.lines.line_sites), "")
    cell = cell_of(terminal, preferred)
    say = model.teller.amount
    line = terminal.line or "none chosen"
    site = model.lines.line_sites.get(terminal.line, "")
    on_line = toned(f"{line}{f' to site {site}' if site else ''}", Tone.PLAIN if line == preferred else Tone.WARN)
    customer = "nobody"
    if terminal.key:
        customer = f"{words(terminal.service)}{f' {say(terminal.amount_minor)}' if terminal.amount_minor else ''}"
    last = f"{words(terminal.outcome)}{f' ({terminal.code})' if terminal.code else ''}" if terminal.outcome else "none"
    lines = [
        labelled("state", toned(cell.state, cell.tone)),
        labelled("since", clock(terminal.state_t)),
        labelled("because", terminal.because or "-"),
        labelled("line", on_line),
        labelled("connected", listed(sorted(terminal.lines_up)) or "no"),
        labelled("signed on", listed(sorted(terminal.signed_on)) or "no"),
        labelled("customer", customer),
        labelled("last", last),
        labelled("at", clock(terminal.outcome_t) if terminal.outcome else "-"),
        labelled("approved", f"{terminal.approved:,}, declined {terminal.declined:,}"),
        labelled("not served", f"{terminal.not_served:,}, turned away {terminal.turned_away:,}"),
    ]
    if terminal.missed:
        lines.append(labelled("suspects", toned(f"{terminal.missed} replies missing on {terminal.line}", Tone.WARN)))
    if terminal.exceptions:
        lines.append(labelled("exceptions", toned(f"{terminal.exceptions} opened", Tone.BAD)))
    return lines


def inside_lines(terminal: Terminal, model: Model) -> list[Line]:
    """Cassettes, bins, devices and store-and-forward."""
    say = model.teller.amount
    most = max(terminal.cassettes.values(), default=0) or 1
    lines = [
        labelled(
            f"cassette {name}",
            join(
                plain(f"{say(terminal.values_minor.get(name, 0)):>7} x {notes:>5,} "),
                toned(meter(notes / max(most, 1), METER_WIDTH), Tone.GOOD if notes > most // 10 else Tone.WARN),
            ),
        )
        for name, notes in terminal.cassettes.items()
    ]
    bins = [("rejected", terminal.rejected_minor), ("retracted", terminal.retracted_minor)]
    bins.append(("deposited", terminal.deposited_minor))
    told = ", ".join(f"{name} {say(amount)}" for name, amount in bins if amount)
    if told:
        lines.append(labelled("bins", told))
    if terminal.devices:
        lines.append(
            labelled("devices", ", ".join(f"{words(name)} {state}" for name, state in terminal.devices.items()))
        )
    lines.append(labelled("stored", _stored_head(terminal)))
    for each in list(terminal.stored.values())[:STORED_SHOWN]:
        says = f"{words(each.purpose)} {say(each.amount_minor)}, STAN {each.stan:06d}, since {clock(each.queued_t)}"
        lines.append(labelled("", toned(says, Tone.WARN)))
    return lines


def _stored_head(terminal: Terminal) -> Line:
    number = len(terminal.stored)
    if not number:
        return toned("nothing waits for the host", Tone.DIM)
    return toned(f"{number} message{'s' * (number > 1)} wait{'s' * (number == 1)} for the host", Tone.WARN)


def journal_rows(terminal: Terminal) -> list[Row]:
    """The end of its electronic journal."""
    return [Row(str(number), (plain(line),)) for number, line in enumerate(terminal.journal)]


def nobody() -> list[Line]:
    """What to say where no terminal is open."""
    return [plain("No terminal yet. The fleet (1) shows them as they come.")]
