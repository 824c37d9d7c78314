"""Names that a drill file does not give itself."""

from atmbench.drill.names import fact_kinds, terminal_names
from atmbench.facts import AnyFact


def test_terminals_are_numbered_in_one_width() -> None:
    assert terminal_names(1) == ("T01",)
    assert terminal_names(20)[-1] == "T20"
    assert terminal_names(1000)[0] == "T0001"
    assert len(set(terminal_names(1000))) == 1000


def test_every_fact_has_its_kind_and_fields() -> None:
    kinds = fact_kinds()

    assert len(kinds) == len(AnyFact.__args__)
    assert kinds["cash_presented"] == {"actor": str, "key": str, "notes": None, "amount_minor": int}
    assert kinds["advice_queued"]["actual_minor"] is int
    assert kinds["reply_ignored"]["approved"] is bool
