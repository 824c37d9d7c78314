"""The trace as rows, and one exchange laid open: who saw what when, and the fields of both messages."""

from collections.abc import Mapping, Sequence

from atmbench import facts
from atmbench.console.model import Model
from atmbench.console.model_trace import MESSAGES, Entry, Message, is_reply, terminal_of
from atmbench.console.views.paint import Column, Line, Row, Tone, clip, join, labelled, plain, toned, words
from atmbench.messages.records import Outcome

COLUMNS = (
    Column("time", 10, right=True),
    Column("terminal", 8),
    Column("", 2),
    Column("line", 9),
    Column("MTI", 4),
    Column("STAN", 6),
    Column("message", 14),
    Column("amount", 10, right=True, from_width=90),
    Column("seen by", 9, from_width=110),
    Column("outcome", least=14),
)
FIELD_COLUMNS = (
    Column("DE", 3, right=True),
    Column("name", 26, from_width=100),
    Column("request", least=18),
    Column("reply", least=18),
)
DUMP_WIDTH_16 = 72
"""Columns of a dump with sixteen bytes a line."""
DASH = "-"
_GOOD = (Outcome.APPROVED.value, Outcome.PARTIALLY_APPROVED.value)


def row(entry: Entry, model: Model) -> Row:
    """A message, or what befell one. The key of a row is the number of its fact."""
    return Row(str(entry.number), _cells(entry, model))


def _cells(entry: Entry, model: Model) -> tuple[Line, ...]:
    fact = entry.fact
    when = toned(f"{fact.t:.3f}", Tone.DIM)
    terminal = plain(terminal_of(fact))
    line = plain(str(getattr(fact, "line", "")))
    if isinstance(fact, MESSAGES):
        is_answer = is_reply(fact.mti)
        amount = model.teller.amount(fact.amount_minor) if fact.amount_minor else ""
        return (
            when,
            terminal,
            toned("◀─" if is_answer else "─▶", Tone.ACCENT if is_answer else Tone.NOTE),
            line,
            plain(fact.mti),
            plain(f"{fact.stan:06d}"),
            plain(words(fact.purpose)),
            plain(amount),
            toned(_witness(fact), Tone.DIM),
            outcome_words(fact),
        )
    says = model.teller.line(fact)[20:].strip()
    stan = getattr(fact, "stan", 0)
    mti = plain(str(getattr(fact, "mti", "")))
    sign = toned("▲ ", Tone.WARN)
    return (
        when,
        terminal,
        sign,
        line,
        mti,
        plain(f"{stan:06d}" if stan else ""),
        *_mishap(fact),
        toned(says, Tone.WARN),
    )


def _mishap(fact: facts.Fact) -> tuple[Line, Line, Line]:
    name = {
        facts.FrameDisturbed: "disturbed",
        facts.FrameRefused: "unreadable",
        facts.ReplyIgnored: "ignored",
        facts.MessageNotSent: "not sent",
    }.get(type(fact), "")
    return (
        toned(name, Tone.WARN),
        (),
        toned("cable" if isinstance(fact, facts.FrameDisturbed) else "terminal", Tone.DIM),
    )


def _witness(fact: Message) -> str:
    return "terminal" if fact.actor == fact.terminal else f"site {fact.actor}"


def outcome_words(fact: Message) -> Line:
    """What an answer says, in words and by its code."""
    if not fact.outcome and not fact.code:
        return ()
    tone = Tone.GOOD if fact.outcome in _GOOD else Tone.WARN
    return join(toned(words(fact.outcome), tone), toned(f" {fact.code}" if fact.code else "", Tone.DIM))


# --- one exchange ---------------------------------------------------------------------------------


def halves(exchange: Sequence[Entry]) -> tuple[Message | None, Message | None]:
    """The request and the reply of an exchange, as the terminal saw them if it did."""
    found: dict[bool, Message] = {}
    for entry in exchange:
        fact = entry.fact
        if isinstance(fact, MESSAGES):
            is_answer = is_reply(fact.mti)
            if is_answer not in found or fact.actor == fact.terminal:
                found[is_answer] = fact
    return found.get(False), found.get(True)


def at_site(exchange: Sequence[Entry]) -> tuple[Message | None, Message | None]:
    """The request as a site got it and the reply as it sent it: what a capture shows."""
    found: dict[bool, Message] = {}
    for entry in exchange:
        fact = entry.fact
        if isinstance(fact, MESSAGES) and fact.actor != fact.terminal:
            found.setdefault(is_reply(fact.mti), fact)
    return found.get(False), found.get(True)


def way_lines(exchange: Sequence[Entry], model: Model) -> list[Line]:
    """The way of an exchange, hop by hop, with the time since its beginning."""
    if not exchange:
        return [toned("these facts are no longer here", Tone.DIM)]
    begun = exchange[0].fact.t
    lines = []
    for entry in exchange:
        tone = Tone.PLAIN if isinstance(entry.fact, MESSAGES) else Tone.WARN
        lines.append(join(toned(f"{(entry.fact.t - begun) * 1000:>+9.1f} ms ", Tone.DIM), _told(entry, model, tone)))
    return lines


def _told(entry: Entry, model: Model, tone: Tone) -> Line:
    return toned(model.teller.line(entry.fact)[11:], tone)


def head_lines(request: Message | None, reply: Message | None, model: Model) -> list[Line]:
    """What an exchange is about."""
    fact = request or reply
    if fact is None:
        return []
    amount = f" {model.teller.amount(fact.amount_minor)}" if fact.amount_minor else ""
    took = f"{(reply.t - request.t) * 1000:.1f} ms" if request is not None and reply is not None else "no reply"
    first = join(
        toned(f"{fact.terminal} {words(fact.purpose)}{amount}, STAN {fact.stan:06d}, {fact.line}", Tone.STRONG),
        plain(f"   {took}   "),
        outcome_words(reply) if reply is not None else toned("unanswered", Tone.WARN),
    )
    return [first, labelled("transaction", fact.key or DASH)]


def field_rows(request: Message | None, reply: Message | None, names: Mapping[int, str]) -> list[Row]:
    """Field by field, masked as the history has them. What the reply has otherwise is marked."""
    asked = request.fields if request is not None else {}
    answered = reply.fields if reply is not None else {}
    numbers = sorted({*asked, *answered}, key=lambda each: (not each.isdigit(), int(each) if each.isdigit() else 0))
    found = [
        Row(
            "MTI",
            (
                toned("MTI", Tone.DIM),
                toned("message type", Tone.DIM),
                plain(request.mti if request is not None else DASH),
                plain(reply.mti if reply is not None else DASH),
            ),
        )
    ]
    for number in numbers:
        before, after = asked.get(number), answered.get(number)
        name = names.get(int(number), "") if number.isdigit() else ""
        tone = Tone.DIM if before == after else Tone.STRONG
        found.append(
            Row(
                number,
                (
                    toned(number, Tone.DIM),
                    toned(name, Tone.DIM),
                    plain(DASH if before is None else before),
                    toned(DASH if after is None else after, tone),
                ),
            )
        )
    return found


def hex_lines(title: str, data: bytes | None, width: int) -> list[Line]:
    """Bytes of a capture as a dump, as much as one line of the screen holds at a time."""
    if data is None:
        return [labelled(title, toned("no capture has these bytes", Tone.DIM))]
    across = 16 if width >= DUMP_WIDTH_16 else 8
    lines: list[Line] = [labelled(title, toned(f"{len(data):,} bytes, card data covered", Tone.DIM))]
    for at in range(0, len(data), across):
        part = data[at : at + across]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        dump = part.hex(" ").upper()
        lines.append(
            clip(join(toned(f"{at:04X}  ", Tone.DIM), plain(f"{dump:<{across * 3}} "), toned(text, Tone.NOTE)), width)
        )
    return lines
