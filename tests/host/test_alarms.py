"""Alarms of a site that is active and serves nobody: its keys are old, or no terminal reaches it."""

from typing import Any

from atmbench.facts import SiteAlarmRaised, SiteRoleChanged
from atmbench.messages.records import Outcome, Purpose
from atmbench.security.keys import Key
from tests.host.play import PIN_PAN, Play, Said, sealed

OTHER_KEY = Key(bytes(range(20, 36)))


def alarms(*said: Said) -> list[SiteAlarmRaised]:
    return [fact for each in said for fact in each.facts if isinstance(fact, SiteAlarmRaised)]


def roles(said: Said) -> list[tuple[str, str, str]]:
    return [(fact.site, fact.role, fact.because) for fact in said.facts if isinstance(fact, SiteRoleChanged)]


def play(**settings: Any) -> Play:
    return Play(alarms={"key_refusals": 3, "within_s": 30, **settings})


def old_key(host: Play, stan: int) -> Said:
    """A customer whose PIN was sealed under a key that the site has not."""
    return host.withdraw(stan, pan=PIN_PAN, pin_block=sealed("1234", key=OTHER_KEY))


def test_so_many_refusals_for_keys_raise_an_alarm_and_the_site_leaves_service() -> None:
    host = play()
    said = [old_key(host, stan) for stan in (1, 2, 3)]
    assert [each.outcome for each in said] == [Outcome.PIN_KEY_FAILED] * 3, "the third one has his answer, too"
    [alarm] = alarms(*said)
    assert (alarm.site, alarm.what) == ("A", "security")
    assert alarm.because == (
        "it refused 3 requests for their PIN keys within 0.000 s and approved none: its keys are not those of the "
        "terminals"
    )
    assert roles(host.wait(0.0)) == [("A", "isolated", "its own alarm")]
    assert old_key(host, 4).outcome is Outcome.HOST_UNAVAILABLE


def test_without_standing_apart_it_is_an_alarm_and_no_more_and_only_one() -> None:
    host = play(stands_apart=False)
    assert len(alarms(*[old_key(host, stan) for stan in range(1, 9)])) == 1
    assert roles(host.wait(60.0)) == []


def test_an_approval_in_between_shows_that_the_keys_are_right() -> None:
    host = play()
    said = [old_key(host, 1), old_key(host, 2), host.withdraw(3), old_key(host, 4), old_key(host, 5)]
    assert alarms(*said) == []


def test_a_reversal_that_is_taken_shows_nothing_of_keys() -> None:
    host = play()
    assert len(alarms(old_key(host, 1), old_key(host, 2), host.reverse(9), old_key(host, 4))) == 1


def test_refusals_that_lie_far_apart_raise_none() -> None:
    host = play()
    found = []
    for stan in range(1, 6):
        found += alarms(old_key(host, stan))
        host.wait(20.0)
    assert found == []


def test_a_site_that_is_back_in_service_is_looked_at_anew() -> None:
    host = play()
    for stan in (1, 2, 3):
        old_key(host, stan)
    host.wait(0.0)
    host.host.rejoin("A", host.now)
    host.sign_on("A")
    assert len(alarms(*[old_key(host, stan) for stan in (4, 5, 6)])) == 1


def test_a_site_that_nobody_reaches_says_so_once() -> None:
    host = play(unreached_s=20)
    host.wait(15.0)
    host.network(Purpose.ECHO)
    assert alarms(host.wait(19.0)) == []
    [alarm] = alarms(host.wait(100.0))
    assert (alarm.site, alarm.what) == ("A", "unreached")
    assert alarm.because == "it is active, and no terminal has reached it for 20 s"


def test_the_time_without_terminals_counts_from_when_the_site_became_active() -> None:
    host = play(unreached_s=20)
    host.wait(10.0)
    host.host.promote("B", host.now, "by order")
    assert alarms(host.wait(19.0)) == []
    assert [alarm.site for alarm in alarms(host.wait(2.0))] == ["B"]


def test_a_host_without_alarms_notices_nothing() -> None:
    host = Play()
    assert alarms(*[old_key(host, stan) for stan in range(1, 30)], host.wait(1000.0)) == []
