"""What of a message is compared: its steady texts as they are, of all else the pattern."""

from collections.abc import Mapping

import pytest

from atmbench.compare.shapes import Shapes, pattern
from atmbench.messages.dialect_file import Value


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", ""),
        ("000123", "9(6)"),
        ("T01     ", "A(1)9(2) (5)"),
        ("999999******1234", "9(6)*(6)9(4)"),
        ("(34 hidden)", "(34 hidden)"),
        ("C00000050", "A(1)9(8)"),
    ],
)
def test_a_pattern_tells_letters_from_digits_and_how_many(text: str, made: str) -> None:
    assert pattern(text) == made


def roles(mti: str) -> Mapping[int, Value]:
    return {4: Value.AMOUNT, 49: Value.CURRENCY}


def test_what_chance_chooses_is_a_pattern_and_all_else_is_itself() -> None:
    shape = Shapes(roles).of("0200", {"4": "000000005000", "49": "566", "60": "SW 02"})
    assert shape == (("4", "9(12)"), ("49", "566"), ("60", "SW 02"))


def test_equal_shapes_are_one_object() -> None:
    shapes = Shapes(roles)
    assert shapes.of("0200", {"4": "000000005000"}) is shapes.of("0200", {"4": "000000002000"})
