"""The page of keys."""

from atmbench.console.views.paint import Line, Tone, join, plain, toned

KEY_WIDTH = 14

EVERYWHERE = (
    ("1 to 6", "fleet, terminal, lines and sites, trace, story, verdicts"),
    ("x", "cut the preferred line by silence, or mend it"),
    ("Ctrl+P", "palette: all commands by name, and themes"),
    ("Ctrl+T", "light or dark"),
    ("Tab", "next part of a screen; arrows move, Enter opens"),
    ("?  F1", "this page"),
    ("q", "quit; a bench that this console has started ends with it"),
)
REPLAY = (
    ("Space", "play or pause"),
    ("[ ]  , .", "back and forth by ten seconds, by one"),
    ("- +", "slower, faster"),
    ("mouse", "click into the slider to go to a time"),
)
SCREENS = (
    ("Fleet", "s next order, / filter, Enter opens a terminal or what an alert is about"),
    ("Terminal", "letters beside the screen are its keys; < > other terminal; o power, v service"),
    ("Lines", "c cut, k corrupt replies, d delay, l lose, u duplicate, m mend, M mend all"),
    ("Sites", "p promote, s stop or start, r pause or resume replication"),
    ("Trace", "/ filter: T01 0210 x4xx 91 secondary site both odd; w witness, Enter opens"),
    ("Story", "Enter tells a transaction through all its witnesses; n only those with trouble"),
    ("Verdicts", "j judge now, H heal and end the run, S save the session as a drill"),
)


def help_lines(*, is_replay: bool) -> list[Line]:
    """All keys, those of a replay only where there is one."""
    parts = [("Everywhere", EVERYWHERE), *([("Replay", REPLAY)] if is_replay else []), ("On a screen", SCREENS)]
    lines: list[Line] = []
    for title, keys in parts:
        lines += [(), toned(title, Tone.STRONG)] if lines else [toned(title, Tone.STRONG)]
        lines += [join(toned(f"{key:<{KEY_WIDTH}}", Tone.ACCENT), plain(says)) for key, says in keys]
    return lines
