"""Facts for tests: `at(t, actor, fact)` stamps one, `told(...)` gives a model that has heard them."""

from atmbench import facts
from atmbench.console.model import Model
from atmbench.facts import AnyFact, Fact, stamp


def at(t: float, actor: str, fact: AnyFact) -> AnyFact:
    assert isinstance(fact, Fact)
    stamp(fact, t, actor)
    return fact


def begun(**values: object) -> AnyFact:
    words: dict[str, object] = {
        "drill": "a-drill",
        "proves": "something",
        "seed": 1,
        "venue": "virtual",
        "version": "0",
        "currency": "NGN",
        "expect": {},
        "lines": {"primary": "A", "secondary": "B"},
    }
    return at(0.0, "conductor", facts.RunStarted(**(words | values)))  # type: ignore[arg-type]


def told(*history: AnyFact) -> Model:
    model = Model()
    model.add_all(history)
    return model


def message(
    t: float, actor: str, mti: str, stan: int = 7, *, sent: bool, terminal: str = "T01", code: str = "", key: str = ""
) -> AnyFact:
    kind = facts.MessageSent if sent else facts.MessageReceived
    return at(
        t,
        actor,
        kind(
            terminal=terminal,
            line="primary",
            purpose="withdrawal",
            mti=mti,
            stan=stan,
            fields={"11": f"{stan:06d}"},
            code=code,
            key=key,
        ),
    )


def exchange(t: float, stan: int = 7, terminal: str = "T01", code: str = "00") -> list[AnyFact]:
    """A request and its reply, as terminal and site see them; half a second in all."""
    key = f"{terminal}/{stan:06d}/1"
    return [
        message(t, terminal, "0200", stan, sent=True, terminal=terminal, key=key),
        message(t + 0.2, "A", "0200", stan, sent=False, terminal=terminal, key=key),
        message(t + 0.3, "A", "0210", stan, sent=True, terminal=terminal, code=code, key=key),
        message(t + 0.5, terminal, "0210", stan, sent=False, terminal=terminal, code=code, key=key),
    ]


def withdrawal(t: float, stan: int = 7, terminal: str = "T01", amount_minor: int = 5000) -> list[AnyFact]:
    """A withdrawal that goes well, without its messages; both sites have posted it after a second."""
    key = f"{terminal}/{stan:06d}/1"

    def posted(site: str) -> AnyFact:
        legs = {"1000000001": -amount_minor, f"cash:{terminal}": amount_minor}
        return facts.EntryPosted(
            entry=f"post/{key}", kind="posting", key=key, service="withdrawal", legs=legs, origin="A"
        )

    return [
        at(
            t,
            terminal,
            facts.TransactionStarted(
                key=key, service="withdrawal", stan=stan, amount_minor=amount_minor, card="999999******0001"
            ),
        ),
        at(t + 0.1, "A", posted("A")),
        at(t + 1.1, "B", posted("B")),
        at(t + 2.0, terminal, facts.CashPresented(key=key, notes={"1": 1}, amount_minor=amount_minor)),
        at(t + 3.0, terminal, facts.CashTaken(key=key, amount_minor=amount_minor)),
        at(t + 3.0, terminal, facts.TransactionEnded(key=key, outcome="approved", service="withdrawal", code="00")),
    ]
