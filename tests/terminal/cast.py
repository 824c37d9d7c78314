"""Who plays with a terminal in these tests: settings, customers, a host's answers, a terminal that is signed on."""

from random import Random
from typing import Any

import msgspec

from atmbench.messages.dialect import load_dialect
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import Outcome, Purpose, Reply, Request
from atmbench.security.key_ring import KeyLife
from atmbench.terminal.cabinet import USUAL_HABITS, Habits, usual_request_key
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Forget, Remember, SendMessage
from atmbench.terminal.inputs import LinkUp, PoweredOn, ReplyReceived, TransactionAsked
from atmbench.terminal.settings import TerminalSettings
from tests.playbook import Play, like

NAME = "T07"
PAN = "9999990000000014"
LINES = ("primary", "secondary")
SETTINGS = TerminalSettings()


def clock_text(now: float) -> str:
    """A clock that starts at nine."""
    seconds = int(now)
    return f"260105{9 + seconds // 3600 % 10:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}"


def terminal(
    settings: TerminalSettings = SETTINGS,
    memory: dict[str, Any] | None = None,
    defects: frozenset[str] = frozenset(),
    lines: tuple[str, ...] = LINES,
    habits: Habits = USUAL_HABITS,
    key_life: KeyLife | None = None,
) -> Terminal:
    return Terminal(
        NAME,
        settings,
        lines,
        "NGN",
        {} if memory is None else memory,
        Random(1),
        clock_text,
        responses=load_dialect("iso87-ascii").response,
        habits=habits,
        key_life=key_life,
        defects=defects,
    )


def withdrawal(amount_minor: int = 5000) -> TransactionAsked:
    return asked(Purpose.WITHDRAWAL, amount_minor)


def asked(service: Purpose, amount_minor: int = 0, **more: Any) -> TransactionAsked:
    return TransactionAsked(service=service, pan=PAN, track2=f"{PAN}=3012", amount_minor=amount_minor, **more)


def reply_to(request: Request, outcome: Outcome = Outcome.APPROVED, /, **changes: Any) -> ReplyReceived:
    """What a host answers to a request. `changes` are to the reply, `line` to where it comes from."""
    line = changes.pop("line", LINES[0])
    reply = Reply(
        purpose=request.purpose,
        terminal=request.terminal,
        stan=request.stan,
        outcome=outcome,
        code=load_dialect("iso87-ascii").code(outcome),
        local_time=request.local_time,
        rrn=request.rrn,
        amount_minor=request.amount_minor,
        currency=request.currency,
        approval_code="123456" if outcome is Outcome.APPROVED else "",
    )
    reply = msgspec.structs.replace(reply, **changes)
    key = usual_request_key(request)
    return ReplyReceived(line, ReplyKey(key.mti_class, reply.terminal, reply.stan), reply, f"{key.mti_class}10")


def sent(play: Play, purpose: Purpose) -> Request:
    """The last message of a kind that the terminal sent."""
    effect: SendMessage = play.find(like(SendMessage, request=like(Request, purpose=purpose)))
    return effect.request


def sends(purpose: Purpose, line: str | None = None, **values: Any) -> Any:
    request = like(Request, purpose=purpose, **values)
    return like(SendMessage, request=request) if line is None else like(SendMessage, request=request, line=line)


def answer(play: Play, purpose: Purpose, outcome: Outcome = Outcome.APPROVED, /, **changes: Any) -> Play:
    """The host answers the last message of a kind."""
    return play.given(reply_to(sent(play, purpose), outcome, **changes), after_s=0.05)


def opened(
    settings: TerminalSettings = SETTINGS,
    memory: dict[str, Any] | None = None,
    defects: frozenset[str] = frozenset(),
    lines: tuple[str, ...] = LINES,
    habits: Habits = USUAL_HABITS,
) -> Play:
    """A terminal that is signed on to its first line."""
    play = Play(terminal(settings, memory, defects, lines, habits)).given(PoweredOn())
    return answer(play.given(LinkUp(lines[0]), after_s=0.1), Purpose.SIGN_ON)


def change(settings: TerminalSettings = SETTINGS, **values: Any) -> TerminalSettings:
    """The same settings but for these. A dict changes a part: `failover={"missed_replies": 1}`."""
    parts = {
        name: msgspec.structs.replace(getattr(settings, name), **value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    return msgspec.structs.replace(settings, **parts)


def memory_of(play: Play, effects: int | None = None) -> dict[str, Any]:
    """What non-volatile memory holds after the first so many effects, or all."""
    memory: dict[str, Any] = {}
    for effect in play.all[:effects]:
        if isinstance(effect, Remember):
            memory[effect.slot] = effect.record
        elif isinstance(effect, Forget):
            memory.pop(effect.slot, None)
    return memory
