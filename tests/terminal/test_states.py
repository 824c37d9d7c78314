"""The transition table: every cell, legal and not, and the picture drawn from it."""

import pytest

from atmbench.errors import LocalError
from atmbench.terminal.states import TRANSITIONS, Move, State, after
from tests.terminal.cast import terminal
from tools.draw_states import diagram


@pytest.mark.parametrize("state", State)
def test_every_cell(state: State) -> None:
    core = terminal()
    session = core._session
    for move in Move:
        session.state = state
        if move in TRANSITIONS[state]:
            session.move(move)
            assert core.state is TRANSITIONS[state][move] is after(state, move)
            assert len(core._cabinet.take_effects()) == 1
        else:
            with pytest.raises(LocalError, match=move.name):
                session.move(move)
            assert core.state is state
            assert core._cabinet.take_effects() == []


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.CLOSED}
    for _ in State:
        reached |= {new for old in reached for new in TRANSITIONS[old].values()}
    assert reached == set(State)
    assert all(TRANSITIONS[state] for state in State)
    assert {move for moves in TRANSITIONS.values() for move in moves} == set(Move)


def test_the_picture_has_every_arrow() -> None:
    picture = diagram()
    for old, moves in TRANSITIONS.items():
        for move, new in moves.items():
            assert any(
                line.strip().startswith(f"{old} --> {new}:") and move.value in line for line in picture.splitlines()
            )
