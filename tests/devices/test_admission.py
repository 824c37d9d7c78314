"""Who is let in, who is turned away, and who is forgotten when the power fails."""

from copy import copy

import pytest

from atmbench.devices.admission import Admission
from atmbench.devices.agenda import Scene
from atmbench.devices.card_reader import CardReader
from atmbench.devices.roles import Entered
from atmbench.facts import CustomerTurnedAway
from tests.devices.play import ASKED


class Door(CardReader):
    """A card reader whose rollers the test turns."""

    def __init__(self) -> None:
        self.coming: list[Entered] = []

    def insert(self, track2: str, now: float, entered: Entered) -> None:
        self.coming.append(entered)


class Way:
    def __init__(self) -> None:
        self.door, self.scene = Door(), Scene()
        self.scene.has_power = True
        self.let_in: list[float] = []
        self.admission = Admission(self.door, self.scene, self.let_in.append, lambda: None)
        self.admission.begin(ASKED, 1.0)


def turned_away(because: str) -> CustomerTurnedAway:
    return CustomerTurnedAway(because=because, service=ASKED.service)


def test_the_core_hears_of_a_customer_when_the_card_is_inside_and_not_before() -> None:
    way = Way()
    assert (way.admission.is_under_way, way.scene.take()) == (True, ([], []))
    way.door.coming[0]("", 2.5)
    assert (way.admission.is_under_way, way.scene.take(), way.let_in) == (False, ([ASKED], []), [2.5])


def test_of_a_customer_who_is_not_let_in_the_core_hears_nothing() -> None:
    way = Way()
    way.door.coming[0]("the card cannot be read", 2.5)
    assert not way.admission.is_under_way
    assert (way.scene.take(), way.let_in) == (([], [turned_away("the card cannot be read")]), [])


def test_a_card_that_comes_in_after_the_power_had_failed_lets_nobody_in() -> None:
    way = Way()
    way.admission.drop()
    way.admission.drop()
    assert way.scene.take() == ([], [turned_away("the power failed before they were let in")])
    way.door.coming[0]("", 9.0)
    assert (way.scene.take(), way.let_in) == (([], []), [])


def test_nobody_is_mistaken_for_the_customer_before() -> None:
    way = Way()
    way.admission.drop()
    way.scene.take()
    way.admission.begin(copy(ASKED), 5.0)
    way.door.coming[0]("too late", 6.0)
    assert (way.admission.is_under_way, way.scene.take()) == (True, ([], []))


def test_customers_come_one_at_a_time() -> None:
    with pytest.raises(AssertionError, match="one customer at a time"):
        Way().admission.begin(ASKED, 1.0)
