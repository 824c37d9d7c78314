"""The modelled devices as one: what they refuse, and what a power failure forgets."""

import pytest

from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.errors import LocalError
from atmbench.terminal import inputs
from atmbench.terminal.effects import (
    Dial,
    EjectCard,
)
from tests.devices.play import ASKED, KEY, Play, dispense


def test_a_result_that_was_due_when_power_failed_never_comes() -> None:
    play = Play().perform(dispense(c9=1), EjectCard(KEY)).power_fails().until(0.1).power_comes().until(60)
    assert not [each for each in play.heard() if isinstance(each, inputs.DispenseEnded)]


def test_without_power_nothing_can_be_asked() -> None:
    with pytest.raises(LocalError, match="no power"):
        Play().power_fails().perform(dispense(c1=1))


def test_what_no_device_performs_is_refused() -> None:
    with pytest.raises(LocalError, match="Dial"):
        Play().perform(Dial("primary"))


def test_a_customer_presses_cancel_while_the_host_thinks() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.CANCELS))
    assert play.comes().heard() == [ASKED]
    assert play.until(60).heard() == [inputs.CustomerCancelled()]
    assert play.comes().until(120).heard() == [ASKED]
