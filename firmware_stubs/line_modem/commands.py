"""A command line behind its AT: what it asks for, in order. Pure; obeys nothing.

What stands before the first thing that is not known is done, the rest is not: so a line is read to that place only.
"""

import re

import msgspec

NUMBERS = {
    "A": range(1),
    "B": range(2),
    "E": range(2),
    "H": range(2),
    "L": range(4),
    "M": range(4),
    "O": range(1),
    "P": range(1),
    "Q": range(2),
    "T": range(1),
    "V": range(2),
    "X": range(5),
    "Z": range(1),
}
"""Commands of a letter and a number, and which numbers there are; none is 0. S and D stand for themselves."""

_SET = re.compile(r"S(\d{1,3})(?:=(\d{0,3})|(\?))")
_PLAIN = re.compile(r"([A-Z])(\d{0,3})")
_DIAL = re.compile(r"D[0-9A-D#*TP,]*")
_SEPARATORS = str.maketrans("", "", " -()")
TENTHS_A_PULSE = 0.1


class Command(msgspec.Struct, frozen=True):
    """One command. `number` is that behind the letter, or the register of S; `value` what S sets it to (None asks)."""

    letter: str
    number: int = 0
    value: int | None = None
    dialled: str = ""
    """What stands behind D: digits, T, P and commas."""


class CommandLine(msgspec.Struct, frozen=True):
    """A line up to the first thing that is not known; `is_sound` if there was none."""

    commands: tuple[Command, ...]
    is_sound: bool

    @property
    def name(self) -> str:
        """What wire faults call it."""
        letters = {each.letter for each in self.commands}
        for letter, name in (("D", "dial"), ("A", "answer"), ("O", "online"), ("H", "hang_up"), ("Z", "reset")):
            if letter in letters:
                return name
        return "set" if letters else "attention"


def parsed(text: str) -> CommandLine:
    """What a line says; `text` is what stood behind AT."""
    rest = text.upper().translate(_SEPARATORS)
    commands: list[Command] = []
    while rest:
        command, size = _first(rest)
        if command is None:
            return CommandLine(tuple(commands), is_sound=False)
        commands.append(command)
        rest = rest[size:]
    return CommandLine(tuple(commands), is_sound=True)


def _first(rest: str) -> tuple[Command | None, int]:
    if rest[0] == "D":
        found = _DIAL.fullmatch(rest)
        return (Command("D", dialled=rest[1:]) if found else None), len(rest)
    if (found := _SET.match(rest)) is not None:
        value = None if found[3] else int(found[2] or 0)
        return (Command("S", int(found[1]), value) if (value or 0) < 256 else None), found.end()
    found = _PLAIN.match(rest)
    if found is None or int(found[2] or 0) not in NUMBERS.get(found[1], ()):
        return None, 0
    return Command(found[1], int(found[2] or 0)), found.end()


def number_of(dialled: str) -> str:
    """What the exchange hears of a dial string."""
    return dialled.translate(str.maketrans("", "", "TP,"))


def dialling_s(dialled: str, *, is_pulse: bool, tone_s: float, pulse_gap_s: float, pause_s: float) -> float:
    """How long it takes to dial: a tone and a gap as long for each digit, or ten pulses a second and a gap."""
    lasts_s = 0.0
    for sign in dialled:
        if sign in "TP":
            is_pulse = sign == "P"
        elif sign == ",":
            lasts_s += pause_s
        elif is_pulse and sign.isdigit():
            lasts_s += TENTHS_A_PULSE * (int(sign) or 10) + pulse_gap_s
        else:
            lasts_s += 2 * tone_s
    return lasts_s
