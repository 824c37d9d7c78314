"""Of which cells of the matrix there can be none, and why. Pure.

A reason is a sentence about messages, cash or books; it must never stand for a cell that would be hard to run.
"""

from atmbench.explore.moments import Asked, Cell, Confirmed, Fault, Moment, Way

MOVES_MONEY = frozenset({Asked.WITHDRAWAL, Asked.SHORT, Asked.TRANSFER, Asked.BILL_PAYMENT, Asked.DEPOSIT})
PAYS_CASH = frozenset({Asked.WITHDRAWAL, Asked.SHORT})
TELLS_ONLY = frozenset({Asked.BALANCE, Asked.MINI_STATEMENT})
CONFIRMS = frozenset({Confirmed.ALWAYS, Confirmed.DUAL})
"""Ways of confirming in which a terminal tells of success, too."""

OF_FRAMES = frozenset({Fault.LOSE, Fault.CORRUPT, Fault.DUPLICATE, Fault.DELAY})
"""Faults that strike messages, one by one."""
OF_LINES = frozenset({Fault.SILENCE, Fault.RESET, Fault.CLOSE, Fault.REFUSAL})
ONE_ON_ITS_WAY = {
    Moment.HALF_SENT: Way.REQUEST,
    Moment.SENT: Way.REQUEST,
    Moment.REPLIED: Way.REPLY,
    Moment.HALF_REPLY: Way.REPLY,
}
"""Moments at which one message is on its way, and which way it goes."""

ENDS_BOTH = "a lost connection, a dark site and a power failure end both ways at once"
GOES_ONE_WAY = "one message is on its way at this moment, and it goes the other way"
NOT_CONFIRMED = "only withdrawals are confirmed: confirm none and always change nothing about another service"
NO_CASH = "this service moves no cash"
STORED_AT_ONCE = "a deposit goes into the bin as soon as its answer is there: there is no moment between"
NO_CONFIRMATION = "no confirmation of a good withdrawal is sent with this style"
ONLY_WITHDRAWALS = "no confirmation is sent of a service but a withdrawal"
NOTHING_POSTED = "an inquiry posts nothing"
NEVER_REVERSED = "a service that moves no money is never reversed, and leaves nothing to send again"
TOLD_BY_COMPLETION = "a terminal that always confirms tells of a short dispense by its completion, not by a reversal"

REASONS = (
    ENDS_BOTH,
    GOES_ONE_WAY,
    NOT_CONFIRMED,
    NO_CASH,
    STORED_AT_ONCE,
    NO_CONFIRMATION,
    ONLY_WITHDRAWALS,
    NOTHING_POSTED,
    NEVER_REVERSED,
    TOLD_BY_COMPLETION,
)
"""All of them, in the order in which they are asked for."""


def no_such_cell(cell: Cell) -> str:
    """Why there is no such cell; empty if it can be run."""
    return _of_way(cell) or _of_service(cell) or _of_moment(cell)


def _of_way(cell: Cell) -> str:
    if cell.fault is not Fault.SILENCE and cell.fault not in OF_FRAMES:
        return "" if cell.way is Way.BOTH else ENDS_BOTH
    goes = ONE_ON_ITS_WAY.get(cell.moment, cell.way)
    return GOES_ONE_WAY if cell.fault in OF_FRAMES and cell.way is not goes else ""


def _of_service(cell: Cell) -> str:
    if cell.service not in PAYS_CASH and cell.confirm in (Confirmed.NONE, Confirmed.ALWAYS):
        return NOT_CONFIRMED
    return ""


def _of_moment(cell: Cell) -> str:
    service = cell.service
    match cell.moment:
        case Moment.AFTER_POSTING:
            return NOTHING_POSTED if service in TELLS_ONLY else ""
        case Moment.BEFORE_CASH:
            return "" if service in PAYS_CASH else STORED_AT_ONCE if service is Asked.DEPOSIT else NO_CASH
        case Moment.DURING_CASH:
            return "" if service in PAYS_CASH or service is Asked.DEPOSIT else NO_CASH
        case Moment.BEFORE_CONFIRMATION if service not in PAYS_CASH:
            return ONLY_WITHDRAWALS
        case Moment.BEFORE_CONFIRMATION if service is Asked.WITHDRAWAL:
            return "" if cell.confirm in CONFIRMS else NO_CONFIRMATION
        case Moment.REVERSAL if service is Asked.SHORT:
            return TOLD_BY_COMPLETION if cell.confirm in CONFIRMS else ""
        case Moment.REVERSAL | Moment.REPLAY:
            return "" if service in MOVES_MONEY else NEVER_REVERSED
        case _:
            return ""
