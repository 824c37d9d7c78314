"""Working keys as the core minds them: asked for when there are none, when they are old, and when a host has others."""

import pytest

from atmbench.facts import AdviceQueued, LineChosen, SignedOn, StateChanged, TransactionEnded
from atmbench.messages.records import Outcome, Purpose, Reason, WrappedKeys
from atmbench.security.key_ring import KeyLife
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Dial, EjectCard, HangUp, LoadKeys, Remember, SendMessage
from atmbench.terminal.inputs import CardTaken, KeysLoaded, LinkLost, LinkUp, PoweredOn, ServiceOrdered
from atmbench.terminal.key_care import ASK_AGAIN_S, ASK_AGAIN_S_MIN
from atmbench.terminal.settings import TerminalSettings
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, change, memory_of, sends, sent, terminal, withdrawal

SIGN_ON, EXCHANGE, ECHO = Purpose.SIGN_ON, Purpose.KEY_EXCHANGE, Purpose.ECHO
WITHDRAWAL, REVERSAL = Purpose.WITHDRAWAL, Purpose.REVERSAL
KEYS = WrappedKeys("AA" * 16, "AAAAAA", "BB" * 16, "BBBBBB")
OTHER_KEYS = WrappedKeys("CC" * 16, "CCCCCC", "DD" * 16, "DDDDDD")
NO_END = KeyLife(grace_s=60)
QUIET = change(timers={"echo_s": 100_000.0}, reconnect={"jitter": 0.0})


def core(play: Play) -> Terminal:
    assert isinstance(play.core, Terminal)
    return play.core


def asking(life: KeyLife = NO_END, settings: TerminalSettings = QUIET, lines: tuple[str, ...] = ("primary",)) -> Play:
    """A terminal that has just been signed on, and has no keys."""
    play = Play(terminal(settings, lines=lines, key_life=life)).given(PoweredOn())
    play.given(LinkUp("primary"), after_s=0.1)
    return answer(play, SIGN_ON)


def brings_keys(play: Play, keys: WrappedKeys = KEYS, line: str = "primary") -> Play:
    """The host answers with keys, and the PIN pad takes them."""
    answer(play, EXCHANGE, keys=keys, line=line).expect_acts(LoadKeys(line, keys))
    return play.given(KeysLoaded(line), after_s=0.1)


def keyed(
    life: KeyLife = NO_END,
    settings: TerminalSettings = QUIET,
    lines: tuple[str, ...] = ("primary", "secondary"),
) -> Play:
    return brings_keys(asking(life, settings, lines))


def served(play: Play, code: Outcome = Outcome.INSUFFICIENT_FUNDS) -> Play:
    """A customer comes, is answered and goes."""
    play.given(asked(Purpose.BALANCE), after_s=1)
    answer(play, Purpose.BALANCE, code).wait(0)
    return play.given(CardTaken(), after_s=2)


# --- before the service opens ----------------------------------------------------------------------


def test_keys_are_asked_for_before_the_service_opens() -> None:
    play = asking().expect_acts(sends(EXCHANGE, "primary"))
    assert core(play).active_line == ""
    assert not core(play).is_free
    play.never(SignedOn, like(StateChanged, new="ready"))
    brings_keys(play).expect(like(Remember, slot="keys"), SignedOn(line="primary"), like(StateChanged, new="ready"))
    assert core(play).is_free


def test_a_terminal_whose_hosts_exchange_no_keys_asks_for_none() -> None:
    play = Play(terminal(QUIET)).given(PoweredOn()).given(LinkUp("primary"))
    answer(play, SIGN_ON).expect(SignedOn).never(sends(EXCHANGE))


def test_a_host_that_refuses_is_left_for_the_next() -> None:
    play = asking(lines=("primary", "secondary"))
    answer(play, EXCHANGE, Outcome.NOT_PERMITTED).expect_acts(HangUp("primary"), Dial("secondary"))
    play.expect(like(LineChosen, because="the key exchange was answered 57 (not permitted)"))
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect_acts(sends(EXCHANGE, "secondary"))
    brings_keys(play, line="secondary").expect(SignedOn(line="secondary"))


def test_an_approval_without_keys_is_no_answer_to_live_on() -> None:
    play = asking(lines=("primary", "secondary"))
    answer(play, EXCHANGE).expect(like(LineChosen, because="the key exchange brought no keys"))


def test_a_host_that_is_silent_is_left_for_the_next() -> None:
    asking(lines=("primary", "secondary")).wait(10).expect_acts(HangUp("primary"), Dial("secondary"))


def test_keys_that_the_pin_pad_refuses_do_not_open_the_line() -> None:
    play = asking(lines=("primary", "secondary"))
    answer(play, EXCHANGE, keys=KEYS)
    play.given(KeysLoaded("primary", "another check value"), after_s=0.1).expect_acts(
        HangUp("primary"), Dial("secondary")
    )
    play.expect(like(LineChosen, because="another check value"))
    play.never(SignedOn, like(Remember, slot="keys"))


def test_a_pin_pad_that_says_nothing_does_not_keep_the_line_for_ever() -> None:
    play = asking(lines=("primary", "secondary"))
    answer(play, EXCHANGE, keys=KEYS)
    play.wait(10).expect(like(LineChosen, because="the PIN pad did not take the keys in time"))


def test_with_one_line_it_is_tried_again_ever_more_slowly() -> None:
    play = asking()
    answer(play, EXCHANGE, Outcome.MALFUNCTION).wait(1).expect_acts(Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).expect_acts(sends(EXCHANGE))
    answer(play, EXCHANGE, Outcome.MALFUNCTION).wait(1.5).expect_acts().wait(0.5).expect_acts(Dial("primary"))


def test_keys_of_a_late_or_another_answer_are_never_loaded() -> None:
    play = asking(lines=("primary", "secondary"))
    request = sent(play, EXCHANGE)
    play.wait(10)
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    new = sent(play, EXCHANGE)
    assert new.stan != request.stan
    answer(play, EXCHANGE, keys=OTHER_KEYS, stan=request.stan)
    answer(play, EXCHANGE, keys=OTHER_KEYS, terminal="T08")
    answer(play, EXCHANGE, keys=OTHER_KEYS, purpose=ECHO)
    play.never(LoadKeys)
    brings_keys(play, line="secondary")
    answer(play, EXCHANGE, keys=OTHER_KEYS, line="secondary")
    assert play.count(LoadKeys) == 1, "a duplicate is late"


# --- while the service is open ---------------------------------------------------------------------


def test_keys_are_renewed_when_their_time_is_over_and_the_service_stays_open() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline().expect_acts(sends(EXCHANGE, "primary"))
    assert play.now == pytest.approx(600.3)
    assert core(play).is_free
    brings_keys(play, OTHER_KEYS).expect(like(Remember, slot="keys"))
    assert core(play).deadline == pytest.approx(play.now + 600)
    assert play.count(like(StateChanged, new="closed")) == 0


def test_keys_are_renewed_after_so_many_uses_and_the_service_stays_open() -> None:
    play = served(served(keyed(KeyLife(uses=3, grace_s=60))))
    assert play.count(sends(EXCHANGE)) == 1
    served(play)
    assert play.count(sends(EXCHANGE)) == 2
    assert core(play).is_free
    served(brings_keys(play, OTHER_KEYS))
    assert play.count(sends(EXCHANGE)) == 2, "the count begins anew"


def test_a_renewal_that_fails_is_tried_again_and_disturbs_nobody() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline()
    answer(play, EXCHANGE, Outcome.MALFUNCTION).expect_acts()
    served(play)
    play.wait(ASK_AGAIN_S).expect_acts(sends(EXCHANGE))
    answer(play, EXCHANGE, keys=KEYS)
    play.given(KeysLoaded("primary", "damaged"), after_s=0.1).expect_acts()
    assert core(play).is_free
    play.wait(ASK_AGAIN_S).expect_acts(sends(EXCHANGE))


@pytest.mark.parametrize(("grace_s", "pause_s"), [(0, ASK_AGAIN_S_MIN), (40, 10), (1000, ASK_AGAIN_S)])
def test_it_is_tried_again_well_before_the_grace_of_the_old_keys_is_over(grace_s: float, pause_s: float) -> None:
    """The host may have changed its keys and only the answer is lost."""
    play = keyed(KeyLife(seconds=600, grace_s=grace_s), change(QUIET, failover={"missed_replies": 9}))
    play.wait_until_deadline().wait(10).wait(pause_s - 0.1)
    assert play.count(sends(EXCHANGE)) == 2
    play.wait(0.2)
    assert play.count(sends(EXCHANGE)) == 3


def test_a_pin_pad_that_says_nothing_is_given_keys_again() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline()
    answer(play, EXCHANGE, keys=KEYS).expect_acts(LoadKeys)
    play.wait(ASK_AGAIN_S).expect_acts(sends(EXCHANGE))


@pytest.mark.parametrize("outcome", [Outcome.MAC_FAILED, Outcome.PIN_KEY_FAILED])
def test_a_host_with_other_keys_is_asked_for_new_ones_at_once(outcome: Outcome) -> None:
    play = keyed().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, outcome).wait(0).expect(sends(EXCHANGE))
    brings_keys(play, OTHER_KEYS)
    assert play.count(sends(EXCHANGE)) == 2


def test_a_withdrawal_whose_mac_failed_is_reversed_and_the_reversal_waits_for_new_keys() -> None:
    """Iso8583 facts 7.2, F18. What is stored is sealed when it is sent, so the second sending has the new keys."""
    play = keyed().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.MAC_FAILED).expect(
        like(AdviceQueued, reason=Reason.INVALID_ANSWER), like(TransactionEnded, outcome="declined"), sends(REVERSAL)
    )
    answer(play, REVERSAL, Outcome.MAC_FAILED).wait(0)
    brings_keys(play, OTHER_KEYS)
    play.wait(5).expect(sends(REVERSAL, repeat=True))
    answer(play, REVERSAL)
    play.given(CardTaken(), after_s=1)
    assert core(play).is_free


def test_a_withdrawal_whose_pin_could_not_be_read_is_declined_and_not_reversed() -> None:
    play = keyed().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.PIN_KEY_FAILED).expect(EjectCard).never(like(AdviceQueued))


def test_that_a_mac_failed_is_never_an_acceptance_whatever_the_dialect_says_of_the_code() -> None:
    """It is believed without a MAC, so anybody could have said it: the money must be undone all the same."""
    play = keyed().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.MAC_FAILED, code="05").expect(like(AdviceQueued, purpose=REVERSAL))
    answer(play, REVERSAL, Outcome.MAC_FAILED, code="00").wait(5).expect(sends(REVERSAL, repeat=True))


def test_the_answer_to_a_request_from_before_the_change_is_taken() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait(599.9).given(withdrawal())
    play.wait(0.4).expect_acts(sends(EXCHANGE))
    brings_keys(play, OTHER_KEYS)
    answer(play, WITHDRAWAL).expect_acts(EjectCard)


# --- lines come and go -----------------------------------------------------------------------------


def test_keys_serve_all_lines() -> None:
    play = keyed().given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect(SignedOn(line="secondary")).expect_acts()
    assert play.count(sends(EXCHANGE)) == 1


@pytest.mark.parametrize("why", ["by time", "by uses", "by order of the host"])
def test_a_line_that_goes_while_asking_leaves_the_question_to_the_next(why: str) -> None:
    play = keyed(KeyLife(seconds=600 if why == "by time" else None, uses=1 if why == "by uses" else None))
    if why == "by time":
        play.wait(600.2)
    else:
        served(play, Outcome.PIN_KEY_FAILED if why == "by order of the host" else Outcome.INSUFFICIENT_FUNDS)
    assert play.count(sends(EXCHANGE)) == 2
    play.given(LinkLost("primary", "reset"), after_s=0.01).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect(SignedOn(line="secondary"))
    play.wait(0.1)
    assert play.find(sends(EXCHANGE)).line == "secondary"
    assert play.count(sends(EXCHANGE)) == 3
    brings_keys(play, OTHER_KEYS, "secondary")
    play.wait(30)
    assert play.count(sends(EXCHANGE)) == 3


def test_keys_that_came_just_before_the_line_went_are_kept() -> None:
    play = asking(lines=("primary", "secondary"))
    answer(play, EXCHANGE, keys=KEYS)
    play.given(LinkLost("primary", "reset"), after_s=0.05).expect_acts(Dial("secondary"))
    play.given(KeysLoaded("primary"), after_s=0.05).expect(like(Remember, slot="keys"))
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect(SignedOn(line="secondary"))
    assert play.count(sends(EXCHANGE)) == 1


def test_a_site_that_has_become_a_standby_is_left_and_the_other_asked() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline()
    answer(play, EXCHANGE, Outcome.HOST_UNAVAILABLE).expect_acts(HangUp("primary"), Dial("secondary"))
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").wait(0.1).expect_acts(sends(EXCHANGE, "secondary"))


def test_a_site_that_knows_no_sign_on_is_signed_on_to_again() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline()
    answer(play, EXCHANGE, Outcome.SIGN_ON_NEEDED).expect_acts(sends(SIGN_ON))
    answer(play, SIGN_ON).wait(ASK_AGAIN_S).expect(sends(EXCHANGE))


def test_a_silent_exchange_counts_as_a_missed_reply() -> None:
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline().wait(10).expect_acts(sends(ECHO))
    play.wait(10).expect_acts(HangUp("primary"), Dial("secondary"))
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    play.wait(ASK_AGAIN_S - 10).expect_acts(sends(EXCHANGE, "secondary"))


def test_keys_are_asked_for_on_the_active_line_only_and_a_probe_waits_for_them() -> None:
    play = keyed(KeyLife(seconds=71), change(QUIET, failover={"fail_back_after_s": 60.0, "fail_back_echoes": 1}))
    play.given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    play.wait(60).expect_acts(Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).expect(SignedOn(line="primary"))
    play.wait(10.05).expect(sends(EXCHANGE, "secondary"), sends(ECHO, "primary"))
    answer(play, ECHO).never(like(LineChosen, line="primary"))
    answer(play, EXCHANGE, keys=OTHER_KEYS, line="secondary").expect(LoadKeys, like(LineChosen, line="primary"))
    play.given(KeysLoaded("secondary"), after_s=0.1)
    answer(play, Purpose.SIGN_OFF, line="secondary").expect_acts(HangUp("secondary"))
    play.wait(30)
    assert play.count(sends(EXCHANGE)) == 2


def test_with_both_sites_down_the_keys_are_not_forgotten() -> None:
    play = keyed().given(LinkLost("primary", "reset"), after_s=1).wait(300).wait_until_deadline()
    while Dial("primary") not in play.turn:
        play.wait_until_deadline()
    play.given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).expect(SignedOn(line="primary"))
    assert play.count(sends(EXCHANGE)) == 1


def test_a_terminal_that_goes_out_of_service_while_asking_takes_the_keys_all_the_same() -> None:
    """The host has changed its own: a terminal that came back with the old ones would be refused."""
    play = keyed(KeyLife(seconds=600, grace_s=120))
    play.wait_until_deadline().expect_acts(sends(EXCHANGE))
    play.given(ServiceOrdered(open=False), after_s=0.01).expect_acts(sends(Purpose.SIGN_OFF))
    answer(play, EXCHANGE, keys=OTHER_KEYS).expect_acts(LoadKeys("primary", OTHER_KEYS))
    play.given(KeysLoaded("primary"), after_s=0.1).expect(like(Remember, slot="keys"))


# --- lines whose network messages are sealed too ---------------------------------------------------


def test_a_sign_on_whose_mac_fails_is_tried_once_more_with_new_keys() -> None:
    play = keyed().given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, Outcome.MAC_FAILED, line="secondary").expect_acts(sends(EXCHANGE, "secondary"))
    brings_keys(play, OTHER_KEYS, "secondary").expect_acts(sends(SIGN_ON, "secondary"))
    answer(play, SIGN_ON, line="secondary").expect(SignedOn(line="secondary"))


def test_a_sign_on_whose_mac_fails_with_new_keys_too_is_given_up() -> None:
    play = keyed().given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, Outcome.MAC_FAILED, line="secondary")
    brings_keys(play, OTHER_KEYS, "secondary")
    answer(play, SIGN_ON, Outcome.MAC_FAILED, line="secondary").expect_acts(HangUp("secondary"))
    play.expect(like(LineChosen, because="sign-on was answered 63 (mac failed)"))


# --- power -----------------------------------------------------------------------------------------


def restarted(memory: dict[str, object], life: KeyLife) -> Play:
    play = Play(terminal(QUIET, dict(memory), key_life=life), at=1000).given(PoweredOn())
    play.given(LinkUp("primary"), after_s=0.1)
    return answer(play, SIGN_ON)


def test_after_a_power_failure_the_keys_in_the_pin_pad_are_used_on() -> None:
    memory = memory_of(keyed())
    restarted(memory, NO_END).expect(SignedOn(line="primary")).never(sends(EXCHANGE))


def test_keys_that_grew_old_without_power_are_renewed_first_of_all() -> None:
    play = restarted(memory_of(keyed(KeyLife(seconds=600, grace_s=120))), KeyLife(seconds=600, grace_s=120)).wait(0.1)
    assert play.count(sends(EXCHANGE)) == 1


def test_keys_whose_uses_nobody_remembers_are_renewed() -> None:
    play = restarted(memory_of(keyed(KeyLife(uses=5))), KeyLife(uses=5)).wait(0.1)
    assert play.count(sends(EXCHANGE)) == 1


def test_wherever_the_power_fails_memory_never_speaks_of_keys_that_the_pin_pad_has_not() -> None:
    play = keyed()
    loaded = play.all.index(play.find(LoadKeys))
    for effects in range(len(play.all) + 1):
        memory = memory_of(play, effects)
        assert ("keys" in memory) <= (effects > loaded)
        again = restarted(memory, NO_END)
        assert again.count(sends(EXCHANGE)) == ("keys" not in memory)
        if "keys" not in memory:
            brings_keys(again, OTHER_KEYS)
        assert core(again).is_free


def test_keys_lie_in_no_memory() -> None:
    memory = memory_of(keyed())
    assert memory["keys"] == pytest.approx(0.3)
    assert "AAAA" not in repr(memory)


def test_messages_of_the_core_hold_no_secret() -> None:
    play = keyed().given(withdrawal(), after_s=1)
    for effect in play.all:
        if isinstance(effect, SendMessage):
            request = effect.request
            assert (request.pin_block, request.new_pin_block, request.chip) == ("", "", "")
