"""Planted defects about lines do what they say: which line is used, who is asked whether he is there, what waits."""

import pytest

from atmbench import facts
from atmbench.messages.records import Outcome, Purpose
from atmbench.security.key_ring import KeyLife
from atmbench.terminal.defects.lines import LINE_DEFECTS
from atmbench.terminal.effects import Dial, HangUp
from atmbench.terminal.inputs import DialFailed, LinkLost, LinkUp, PoweredOn
from atmbench.terminal.settings import AgesBy, TerminalSettings
from tests.playbook import Play, like
from tests.terminal.cast import SETTINGS, answer, change, opened, sends, terminal, withdrawal

SIGN_ON, ECHO, REVERSAL = Purpose.SIGN_ON, Purpose.ECHO, Purpose.REVERSAL
STEADY = change(reconnect={"jitter": 0.0})
QUIET = change(STEADY, timers={"echo_s": 1000.0})


def planted(name: str) -> frozenset[str]:
    """This defect; none for an empty name."""
    assert name in LINE_DEFECTS or not name
    return frozenset({name} if name else ())


def asks(name: str) -> list[tuple[str, bool]]:
    """A sound terminal, and one with a defect."""
    return [("", False), (name, True)]


def on_secondary(defect: str, settings: TerminalSettings = QUIET) -> Play:
    """A terminal that has lost its first line and is signed on to the second."""
    play = opened(settings, defects=planted(defect)).given(LinkLost("primary", "reset"), after_s=1)
    return answer(play.given(LinkUp("secondary"), after_s=0.1), SIGN_ON, line="secondary")


def probing(defect: str) -> Play:
    """The same, signed on to the first line again beside it."""
    play = on_secondary(defect).wait_until_deadline().given(LinkUp("primary"), after_s=0.1)
    return answer(play, SIGN_ON)


def stepped(play: Play, by_s: int) -> Play:
    """The clock on the wall is set; timers go on."""
    cabinet = play.core._cabinet  # type: ignore[attr-defined]
    text = cabinet._clock_text
    cabinet._clock_text = lambda now: text(now + by_s)
    return play


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("serve-before-sign-on"))
def test_serve_before_sign_on(defect: str, is_spoilt: bool) -> None:
    play = Play(terminal(defects=planted(defect))).given(PoweredOn()).given(LinkUp("primary"), after_s=0.1)
    assert play.count(like(facts.StateChanged, new="ready")) is int(is_spoilt)


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("sign-on-once"))
def test_sign_on_once(defect: str, is_spoilt: bool) -> None:
    play = on_secondary(defect).wait_until_deadline().given(LinkUp("primary"), after_s=0.1)
    assert play.count(sends(SIGN_ON, "primary")) == (1 if is_spoilt else 2)


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("trust-open-socket"))
def test_trust_open_socket(defect: str, is_spoilt: bool) -> None:
    play = opened(defects=planted(defect)).wait(300)
    assert bool(play.count(sends(ECHO))) is not is_spoilt
    assert bool(play.count(HangUp)) is not is_spoilt


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("echo-on-one-line"))
def test_echo_on_one_line(defect: str, is_spoilt: bool) -> None:
    play = probing(defect).wait(11)
    assert bool(play.count(sends(ECHO, "primary"))) is not is_spoilt


@pytest.mark.parametrize(("defect", "chosen"), [("", "secondary"), ("never-fail-over", "primary")])
def test_never_fail_over(defect: str, chosen: str) -> None:
    play = opened(STEADY, defects=planted(defect))
    play.given(DialFailed("primary", "refused"), after_s=1).expect_acts(Dial(chosen))


@pytest.mark.parametrize(("defect", "chosen"), [("", "secondary"), ("take-connect-for-health", "primary")])
def test_take_connect_for_health(defect: str, chosen: str) -> None:
    play = opened(STEADY, defects=planted(defect))
    play.given(LinkLost("primary", "reset"), after_s=1).expect_acts(Dial(chosen))
    if defect:
        play.given(DialFailed("primary", "refused"), after_s=0.1).wait_until_deadline().expect_acts(Dial("secondary"))


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("ignore-unavailable"))
def test_ignore_unavailable(defect: str, is_spoilt: bool) -> None:
    play = opened(defects=planted(defect)).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.HOST_UNAVAILABLE)
    assert bool(play.count(HangUp("primary"))) is not is_spoilt


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("never-fail-back"))
def test_never_fail_back(defect: str, is_spoilt: bool) -> None:
    play = probing(defect)
    for _ in range(SETTINGS.failover.fail_back_echoes):
        answer(play.wait_until_deadline(), ECHO)
    assert bool(play.count(like(facts.LineChosen, line="primary"))) is not is_spoilt


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("fail-back-at-once"))
def test_fail_back_at_once(defect: str, is_spoilt: bool) -> None:
    assert bool(probing(defect).count(like(facts.LineChosen, line="primary"))) is is_spoilt


@pytest.mark.parametrize(("defect", "waited_s"), [("", 4), ("reconnect-at-once", 1)])
def test_reconnect_at_once(defect: str, waited_s: float) -> None:
    settings = change(reconnect={"first_s": 1.0, "factor": 2.0, "most_s": 60.0, "jitter": 0.0})
    play = Play(terminal(settings, defects=planted(defect))).given(PoweredOn())
    play.given(DialFailed("primary", "refused")).given(DialFailed("secondary", "refused"))
    for line in ("primary", "secondary"):
        play.wait_until_deadline().expect_acts(Dial(line)).given(DialFailed(line, "refused"))
    failed_at = play.now
    assert play.wait_until_deadline().now - failed_at == pytest.approx(waited_s)


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("age-by-wall-clock"))
def test_age_by_wall_clock(defect: str, is_spoilt: bool) -> None:
    settings = change(
        failover={"missed_replies": 99}, store_and_forward={"expires_after_s": 3600.0, "ages_by": AgesBy.TIMER}
    )
    play = opened(settings, defects=planted(defect)).given(withdrawal(), after_s=1).wait(46)
    stepped(play, 7200).wait(200)
    assert bool(play.count(like(facts.ExceptionOpened, kind="advice_given_up"))) is is_spoilt


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("reverse-over-one-line"))
def test_reverse_over_one_line(defect: str, is_spoilt: bool) -> None:
    play = opened(defects=planted(defect)).given(withdrawal(), after_s=1)
    play.given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    assert bool(play.count(sends(REVERSAL, "secondary"))) is not is_spoilt
    if is_spoilt:
        play.given(LinkLost("secondary", "reset"), after_s=1)
        while not any(each == Dial("primary") for each in play.turn):
            play.wait_until_deadline()
        play.given(LinkUp("primary"), after_s=0.1)
        answer(play, SIGN_ON).wait(30)
        assert play.count(sends(REVERSAL, "primary"))


@pytest.mark.parametrize(("defect", "is_spoilt"), asks("keep-old-keys"))
def test_keep_old_keys(defect: str, is_spoilt: bool) -> None:
    core = terminal(QUIET, {"keys": 0.0}, planted(defect), key_life=KeyLife(grace_s=60))
    play = Play(core).given(PoweredOn()).given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.PIN_KEY_FAILED).wait(1)
    assert bool(play.count(sends(Purpose.KEY_EXCHANGE))) is not is_spoilt
