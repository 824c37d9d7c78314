"""Draw the states of a terminal's session as a Mermaid diagram: `python tools/draw_states.py`.

The picture is made from the table that the terminal obeys, so it cannot be wrong. It must never be edited by hand.
"""

from atmbench.terminal.states import TRANSITIONS, State


def diagram() -> str:
    """The whole table; moves that join the same two states share one arrow."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.CLOSED.value}"]
    for old, moves in TRANSITIONS.items():
        arrows: dict[State, list[str]] = {}
        for move, new in moves.items():
            arrows.setdefault(new, []).append(move.value)
        lines += [f"    {old.value} --> {new.value}: {' / '.join(because)}" for new, because in arrows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(diagram())
