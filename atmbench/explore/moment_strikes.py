"""When a cell strikes, and with what: the steps of its drill. Pure.

Where a message is on its way, that one message is struck. At any other moment the line itself is bad for a while, and
every message that goes the struck way in that time is met. All faults of the cell are named `strike...`; what is only
there to bring the moment about is named `cause...`.
"""

from collections.abc import Iterator

import msgspec

from atmbench.drill.commands import Mend, PowerFail, Promote, StartSite, StopSite
from atmbench.drill.records import After, Step
from atmbench.explore.moment_reasons import CONFIRMS, OF_FRAMES, OF_LINES, ONE_ON_ITS_WAY, PAYS_CASH
from atmbench.explore.moments import Asked, Cell, Confirmed, Fault, Moment, Struck, Way
from atmbench.faults.all import AnyFault, Cut, Delay, Duplicate, FlipBits, Lose, Split, Truncate
from atmbench.faults.base import Direction

TERMINAL = "T01"
STRIKE, CAUSE = "strike", "cause"
ASKED_AT = 10.0
"""When the customer comes."""
LASTS_S = 8.0
"""So long a line is bad, or a site is dark."""
LATE_S = 6.0
"""More than a terminal waits for any answer, and less than a receiver waits for the rest of a frame."""
POWER_S = 3.0
TAKES_OVER_S = 1.0
"""After a line is cut or a site lost, the operator makes the other site the active one."""
HALF_BYTES = 60
"""About half of a message."""
HALF_GAP_S = 1.0
DECIDES_S = 0.1
"""After a request has come to a site whose service takes longer than this."""
CASH_MOVES_S = 1.0
"""After the order to pay out, or the answer to a deposit: about half of what it takes."""

LINES = {Struck.A: "primary", Struck.B: "secondary"}
WAYS = {
    Way.REQUEST: (Direction.REQUEST,),
    Way.REPLY: (Direction.REPLY,),
    Way.BOTH: (Direction.REQUEST, Direction.REPLY),
}


class Shape(msgspec.Struct, frozen=True):
    """What the messages of a cell look like on the line."""

    request: str
    """MTI of the service."""
    advice: str
    """Purpose of what is told to the host afterwards: a completion or a reversal."""
    site: str
    """To which the request goes."""
    line: str
    """Which is struck."""


def shape_of(cell: Cell) -> Shape:
    """The messages that a cell is about."""
    is_dual = cell.confirm is Confirmed.DUAL and cell.service in PAYS_CASH
    is_completed = cell.moment is not Moment.REVERSAL and cell.service in PAYS_CASH and cell.confirm in CONFIRMS
    return Shape(
        request="0100" if is_dual else "0200",
        advice="completion" if is_completed else "reversal",
        site="A" if cell.moment is Moment.PROMOTION else str(cell.site),
        line=LINES[cell.site],
    )


def strike_steps(cell: Cell) -> Iterator[Step]:
    """The steps that strike, and before them those that bring the moment about."""
    yield from _causes(cell)
    if cell.fault in OF_FRAMES and _is_one_message(cell):
        for name, fault in _single(cell):
            yield Step(at=_armed_at(cell), after=_armed_after(cell), name=name, fault=fault)
        return
    when = _when(cell)
    if cell.fault is Fault.POWER_LOST:
        effect = 1 if cell.moment is Moment.BEFORE_SEND else None
        yield _step(when, 0.0, power_fail=PowerFail(terminal=TERMINAL, after_effect=effect, restore_after_s=POWER_S))
        return
    if cell.fault is Fault.SITE_LOST:
        yield _step(when, 0.0, stop_site=StopSite(site=str(cell.site)))
        yield _step(when, LASTS_S, start_site=StartSite(site=str(cell.site)))
    for name, fault in _lasting(cell):
        command = {"cut": fault} if isinstance(fault, Cut) else {"fault": fault}
        yield _step(when, 0.0, name=name, **command)
        yield _step(when, LASTS_S, mend=Mend(name=name))
    if cell.fault not in OF_FRAMES and cell.moment is not Moment.PROMOTION:
        other = "B" if cell.site is Struck.A else "A"
        yield _step(when, TAKES_OVER_S, promote=Promote(site=other))


def _step(when: float | After, later_s: float, **command: object) -> Step:
    """A step at a moment, or some time after it."""
    if isinstance(when, After):
        when = msgspec.structs.replace(when, delay_s=when.delay_s + later_s)
        return Step(after=when, **command)  # type: ignore[arg-type]  # a field of Step each
    return Step(at=when + later_s, **command)  # type: ignore[arg-type]


# --- when -----------------------------------------------------------------------------------------


def _when(cell: Cell) -> float | After:
    """The moment itself."""
    shape, service = shape_of(cell), service_of(cell)
    sent = {"actor": TERMINAL, "purpose": service}
    match cell.moment:
        case Moment.BEFORE_SEND:
            return ASKED_AT
        case Moment.HALF_SENT | Moment.HALF_REPLY:
            return After(fact="frame_disturbed", where={"name": f"{CAUSE}-half"}, delay_s=HALF_GAP_S / 2)
        case Moment.SENT:
            return After(fact="message_sent", where={**sent})
        case Moment.BEFORE_POSTING:
            return After(fact="message_received", where={"actor": shape.site, "purpose": service}, delay_s=DECIDES_S)
        case Moment.AFTER_POSTING:
            return After(fact="message_received", where={"actor": shape.site, "purpose": service})
        case Moment.REPLIED:
            return After(fact="message_sent", where={"actor": shape.site, "purpose": service})
        case Moment.BEFORE_CASH:
            return After(fact="message_received", where={**sent})
        case Moment.DURING_CASH:
            state = "storing_deposit" if cell.service is Asked.DEPOSIT else "dispensing"
            return After(fact="state_changed", where={"actor": TERMINAL, "new": state}, delay_s=CASH_MOVES_S)
        case Moment.BEFORE_CONFIRMATION:
            return After(fact="cash_presented", where={"actor": TERMINAL})
        case Moment.REVERSAL:
            return After(fact="message_sent", where={"actor": TERMINAL, "purpose": "reversal"})
        case Moment.REPLAY:
            return After(fact="message_sent", where={"actor": TERMINAL, "purpose": shape.advice}, count=2)
        case Moment.SIGN_ON:
            where = {"actor": TERMINAL, "purpose": "sign_on", "line": shape.line}
            return After(fact="message_sent", where={**where}, count=2)
        case Moment.PROMOTION:
            return After(fact="site_role_changed", where={"site": "B", "role": "active"})


def service_of(cell: Cell) -> str:
    """The service as messages name it."""
    return "withdrawal" if cell.service is Asked.SHORT else cell.service.replace("-", "_")


def _is_one_message(cell: Cell) -> bool:
    return cell.moment in ONE_ON_ITS_WAY or cell.moment in (Moment.REVERSAL, Moment.REPLAY, Moment.SIGN_ON)


def _armed_at(cell: Cell) -> float | None:
    """A fault of one message has to be there before the message is."""
    return ASKED_AT - 1.0 if _armed_after(cell) is None else None


def _armed_after(cell: Cell) -> After | None:
    if cell.moment is Moment.SIGN_ON:
        return After(fact="fault_started", where={"name": CAUSE})
    return None


# --- what brings the moment about ------------------------------------------------------------------


def _causes(cell: Cell) -> Iterator[Step]:
    shape, service = shape_of(cell), service_of(cell)
    before = ASKED_AT - 1.0
    match cell.moment:
        case Moment.HALF_SENT | Moment.HALF_REPLY if cell.fault in (Fault.LOSE, Fault.CORRUPT, Fault.DELAY):
            return
        case Moment.HALF_SENT:
            yield Step(at=before, name=f"{CAUSE}-half", fault=_half(shape, Way.REQUEST, HALF_GAP_S))
        case Moment.HALF_REPLY:
            yield Step(at=before, name=f"{CAUSE}-half", fault=_half(shape, Way.REPLY, HALF_GAP_S))
        case Moment.REVERSAL | Moment.REPLAY:
            if cell.service is not Asked.SHORT and shape.advice == "reversal":
                lost = Lose(line=shape.line, direction=Direction.REPLY, mti=_reply(shape.request), first=1)
                yield Step(at=before, name=CAUSE, fault=lost)
            if cell.moment is Moment.REPLAY:
                lost = Lose(line=shape.line, direction=Direction.REPLY, mti=_advice(shape, Way.REPLY), first=1)
                yield Step(at=before, name=f"{CAUSE}-again", fault=lost)
        case Moment.SIGN_ON:
            answered = After(fact="message_sent", where={"actor": shape.site, "purpose": service})
            yield Step(after=answered, name=CAUSE, cut=Cut(line=shape.line, by="reset"))
            yield _step(answered, 0.1, mend=Mend(name=CAUSE))
        case Moment.PROMOTION:
            arrived = After(fact="message_received", where={"actor": "A", "purpose": service})
            if cell.site is Struck.B:
                yield Step(after=arrived, stop_site=StopSite(site="A", by="refusal"))
                yield _step(arrived, LASTS_S + 1.0, start_site=StartSite(site="A"))
            yield Step(after=arrived, promote=Promote(site="B"))


def _half(shape: Shape, way: Way, gap_s: float) -> Split:
    mti = shape.request if way is Way.REQUEST else _reply(shape.request)
    return Split(line=shape.line, direction=WAYS[way][0], mti=mti, first=1, at=(HALF_BYTES,), gap_s=gap_s)


def _reply(mti: str) -> str:
    return f"{mti[:2]}{int(mti[2]) + 1}{mti[3]}"


def _advice(shape: Shape, way: Way) -> str:
    """MTI of what is told afterwards, first sendings and repeats alike."""
    digit = "2" if shape.advice == "completion" else "4"
    return f"0{digit}2x" if way is Way.REQUEST else f"0{digit}3x"


# --- what strikes ----------------------------------------------------------------------------------


def _single(cell: Cell) -> Iterator[tuple[str, AnyFault]]:
    """The faults of the one message, or of the one each way, that the moment is about."""
    shape, is_half = shape_of(cell), cell.moment in (Moment.HALF_SENT, Moment.HALF_REPLY)
    if is_half and cell.fault is Fault.DELAY:
        yield STRIKE, _half(shape, cell.way, LATE_S)
        return
    for direction in WAYS[cell.way]:
        nth = 2 if cell.moment is Moment.REPLAY and direction is Direction.REQUEST else None
        aim: dict[str, object] = {
            "line": shape.line,
            "direction": direction,
            "mti": _struck_mti(cell, shape, direction),
            "nth": nth,
            "first": None if nth else 1,
        }
        yield f"{STRIKE}-{direction}", _of_kind(cell.fault, aim, is_half=is_half)


def _struck_mti(cell: Cell, shape: Shape, direction: Direction) -> str:
    way = Way.REQUEST if direction is Direction.REQUEST else Way.REPLY
    if cell.moment is Moment.SIGN_ON:
        return "0800" if way is Way.REQUEST else "0810"
    if cell.moment in (Moment.REVERSAL, Moment.REPLAY):
        return _advice(shape, way)
    return shape.request if way is Way.REQUEST else _reply(shape.request)


def _lasting(cell: Cell) -> Iterator[tuple[str, AnyFault]]:
    """The faults of the line, or of all that passes on it."""
    line = LINES[cell.site]
    if cell.fault in OF_LINES:
        direction = None if cell.way is Way.BOTH else WAYS[cell.way][0]
        yield STRIKE, Cut(line=line, by=str(cell.fault), direction=direction)
    elif cell.fault in OF_FRAMES:
        for direction in WAYS[cell.way]:
            yield f"{STRIKE}-{direction}", _of_kind(cell.fault, {"line": line, "direction": direction}, is_half=False)


def _of_kind(fault: Fault, aim: dict[str, object], *, is_half: bool) -> AnyFault:
    """One fault of messages. Half a message is lost, or is all that a whole frame holds."""
    kinds: dict[Fault, AnyFault] = {
        Fault.LOSE: Truncate(keep=HALF_BYTES, fix_length=False) if is_half else Lose(),
        Fault.CORRUPT: Truncate(keep=HALF_BYTES) if is_half else FlipBits(byte=0),
        Fault.DUPLICATE: Duplicate(),
        Fault.DELAY: Delay(delay_s=LATE_S),
    }
    return msgspec.structs.replace(kinds[fault], **aim)
