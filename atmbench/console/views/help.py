"""The page of keys."""

from atmbench.console.views.paint import Line, Tone, join, plain, toned

KEY_WIDTH = 11

EVERYWHERE = (
    ("1 to 6", "fleet, terminal, lines and sites, trace, story, verdicts"),
    ("x", "cut the preferred line by silence, or mend it"),
    ("Ctrl+P", "palette: commands by name, and themes; Ctrl+T light or dark"),
    ("Tab", "next part of a screen; arrows move, Enter opens"),
    ("q", "quit; a bench that this console has started ends with it"),
)
REPLAY = (
    ("Space", "play or pause; - and + change the speed"),
    ("[ ]  , .", "back and forth by ten seconds, by one; click into the slider"),
)
SCREENS = (
    ("Fleet", "s next order, / filter, Enter opens"),
    ("Terminal", "a-d f-i are its function keys; n next, p previous, w withdraw,"),
    ("", "o power, v in and out of service, e story, t inside"),
    ("Lines", "c cut, k corrupt replies, d delay, l lose, u duplicate,"),
    ("", "m mend, M mend all; r pause or resume replication;"),
    ("", "site: p promote, s stop/start, R rebuilt, i isolate, y sick"),
    ("Trace", "/ filter (T01 0210 x4xx 91 secondary), w witness, o only odd"),
    ("Message", "h bytes or fields, e story, Escape back"),
    ("Story", "n only those with trouble, o its terminal"),
    ("Verdicts", "j judge now, H heal and end the run, S save as a drill"),
)


def help_lines(*, is_replay: bool) -> list[Line]:
    """All keys, those of a replay only where there is one."""
    parts = [("Everywhere", EVERYWHERE), *([("Replay", REPLAY)] if is_replay else []), ("On a screen", SCREENS)]
    lines: list[Line] = []
    for title, keys in parts:
        lines += [(), toned(title, Tone.STRONG)] if lines else [toned(title, Tone.STRONG)]
        lines += [join(toned(f"{key:<{KEY_WIDTH}}", Tone.ACCENT), plain(says)) for key, says in keys]
    return lines
