"""Drill files: what they may say, and the exact sentence for each broken rule."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.datafile import DataFileError
from atmbench.drill.commands import Mend, Withdraw
from atmbench.drill.load import check_command, check_drill, parse_drill
from atmbench.drill.records import Drill, Heal, Step, Workload
from atmbench.errors import LocalError
from atmbench.faults.all import Cut

HEAD = "drill: d\nproves: it holds\nworkload: {}\nheal: {at: 10}\n"
"""A good drill in four lines."""


def test_a_short_drill_is_a_good_drill() -> None:
    drill = parse_drill(HEAD, "d.yaml")

    assert drill == Drill(drill="d", proves="it holds", workload=Workload(), heal=Heal(at=10))


def test_a_step_reads_as_it_is_written() -> None:
    drill = parse_drill(f"{HEAD}steps:\n- {{at: 3, withdraw: {{terminal: T07, amount: 50.00}}}}\n", "d.yaml")

    assert drill.steps == (Step(at=3, withdraw=Withdraw(terminal="T07", amount="50.00")),)


def test_mend_without_a_name_means_everything() -> None:
    drill = parse_drill(f"{HEAD}steps:\n- {{at: 3, mend: {{}}}}\n", "d.yaml")

    assert drill.steps[0].mend == Mend()


COMMANDS = (
    "cut, fault, mend, withdraw, transact, hand, power_fail, power, service, dispenser, machine, customer, workload, "
    "promote, stop_site, "
    "start_site, replication, reconcile, keys, deploy, rollback, capacity, posting, core, brake, clock, cutover"
)
WRONG_STEPS = [
    ("{at: 3}", f"found a step without a command, meant exactly one of {COMMANDS}."),
    ("{cut: {}}", "found a step without a trigger, meant exactly one of at, after, every."),
    ("{at: 1, every: 2, cut: {}}", "found 2 triggers in one step (at, every), meant exactly one of at, after, every."),
    ("{at: 1, cut: {}, mend: {}}",
     f"found 2 commands in one step (cut, mend), meant exactly one of {COMMANDS}."),
    ("{at: 10, cut: {}}", "found 10 s, meant a time before heal (10 s)."),
    ("{every: 2, from_s: 11, mend: {}}", "found 11 s, meant a time before heal (10 s)."),
    ("{at: 1, times: 2, mend: {}}", "found from_s or times without every, meant both with every only."),
    ("{every: 0.000001, mend: {}}",
     "found 1e-06 for 'every', which is 1e+07 times, meant at most 100,000 times (or say how many: times)."),
    ("{at: 1, name: x, mend: {}}", "found a name for mend, meant a name with cut or fault only."),
    ("{at: 1, mend: {name: x}}", "found name of a fault 'x', meant a name of a fault that exists."),
    ("{at: 1, mend: }", "found nothing for 'mend', meant a mapping (name, line), {} at least."),
    ("{at: 1, fault: {kind: noise, line: primary}}",
     "found noise at line 'primary', which is TCP, meant a serial line (lines: {primary: {site: A, serial: "
     "{baud: 9600}}}, or --lines serial)."),
    ("{at: 1, fault: {kind: carrier_drop}}",
     "found carrier_drop, and no line that is serial, meant a serial line (lines: {primary: {site: A, serial: "
     "{baud: 9600}}}, or --lines serial)."),
    ("{at: 1, cut: {line: primry}}", "found line 'primry', meant 'primary'."),
    ("{at: 1, cut: {site: C}}", "found site 'C', meant one of A, B."),
    ("{at: 1, cut: {terminal: T11}}", "found terminal 'T11', meant T01 to T10 (terminals: 10)."),
    ("{at: 1, cut: {terminal: T2*}}", "found 'T2*', which no terminal meets, meant T01 to T10 (terminals: 10)."),
    ("{at: 1, cut: {by: rest}}", "a cut is by 'rest'; expected one of silence, reset, close, refusal."),
    ("{at: 1, cut: {carrier: north}}", "found carrier 'north', meant a carrier that exists."),
    ("{at: 1, cut: {line: primary, site: B}}",
     "found an aim that meets no line, meant one of line, site and carrier, or such as belong together."),
    ("{at: 1, cut: {from_s: 12}}", "found 12 s, meant a time before heal (10 s)."),
    ("{at: 1, cut: {mti: 0210}}",
     "found an MTI without quotes (0210) for 'mti', meant text in quotes: \"0210\"."),
    ("{at: 1, fault: {kind: delay, delay: 3}}", "found the key 'delay' in 'fault', meant 'delay_s'."),
    ("{at: 1, withdraw: {terminal: T1, amount: 5}}", "found terminal 'T1', meant T01 to T10 (terminals: 10)."),
    ("{at: 1, withdraw: {terminal: T01, amount: 5.001}}", "found '5.001', meant an amount in NGN such as 50.00."),
    ("{at: 1, withdraw: {terminal: T01, amount: 0}}", "found '0', meant an amount of more than nothing."),
    ("{at: 1, withdraw: {terminal: T01, amount: 5, card: 101}}",
     "found card 101, meant a number up to 100 (cards: cards)."),
    ("{at: 1, transact: {terminal: T01, service: echo}}",
     "found 'echo', meant a service "
     "(balance, bill_payment, deposit, mini_statement, pin_change, transfer, withdrawal)."),
    ("{at: 1, transact: {terminal: T01, service: transfer}}", "found '0', meant an amount of more than nothing."),
    ("{at: 1, service: {terminal: T99, open: false}}", "found terminal 'T99', meant T01 to T10 (terminals: 10)."),
    ("{at: 1, power_fail: {terminal: T01, after_effect: 0}}", "found 0, meant at least 1."),
    ("{at: 1, machine: {device: printer, do: jam, terminal: T01, with: {do: x}}}",
     "found do among its values, meant do beside `with`."),
    ("{at: 1, power: {terminal: T99, on: false}}", "found terminal 'T99', meant T01 to T10 (terminals: 10)."),
    ("{at: 1, hand: {terminal: T01, does: waves}}",
     "found 'waves' for 'does', meant one of takes_card, takes_cash, cancels."),
    ("{at: 1, transact: {terminal: T01, service: balance, wrong_pin: true}}",
     "found a wrong PIN of cards without one, meant cards that have one (cards: {pins: true})."),
    ("{at: 1, workload: {every_s: 0.0001}}",
     "found 0.0001 for 'every_s', which brings 1e+05 customers/s, meant at most 10,000 customers a second in all."),
    ("{at: 1, workload: {every_s: 10, amounts: [35.00]}}",
     "found 35.00 for 'amounts', which at most 40 notes of 10.00 and 20.00 and 50.00 cannot pay, "
     "meant an amount that a full terminal can pay, such as 30.00 or 40.00."),
    ("{at: 1, workload: {every_s: 10, mix: {balance: 0}}}",
     "found no weight above 0, meant at least one service that customers ask for."),
    ("{at: 1, mend: {name: delay-1}}", "found name of a fault 'delay-1', meant a name of a fault that exists."),
    ("{at: 1, dispenser: {does: refuse, notes: 2}}", "found 2 notes, meant none with does: refuse (try does: short)."),
    ("{at: 1, customer: {does: leaves_cash, times: 0}}", "found 0, meant at least 1."),
    ("{at: 1, customer: {does: replays_chip}}",
     "found a chip that is copied, meant cards that have one (security: {chips: true})."),
    ("{at: 1, keys: {site: B, old: true}}",
     "found keys in a drill that exchanges none, meant a part `security:` in this drill."),
    ("{at: 1, customer: {does: replays_pin_key}}",
     "found a PIN key that is used again, meant PINs under DUKPT (security: {dukpt: true})."),
    ("{at: 1, transact: {terminal: T01, service: pin_change}}",
     "found a PIN change of cards without a PIN, meant cards that have one (cards: {pins: true})."),
    ("{at: 1, promote: {site: c}}", "found site 'c', meant one of A, B."),
    ("{at: 1, start_site: {site: A}}", "found site 'A', which no step stops, meant a stop_site step for it."),
    ("{at: 1, stop_site: {site: A, by: axe}}",
     "found 'axe' for 'by', meant one of close, refusal, reset, silence."),
    ("{at: 1, capacity: {site: A, rate_per_s: 5}}",
     "found a capacity in a drill whose host answers at once, meant a part `capacity:` in its `host:`."),
    ("{at: 1, capacity: {site: A}}",
     "found a capacity in a drill whose host answers at once, meant a part `capacity:` in its `host:`."),
    ("{at: 1, clock: {of: T99, step_s: 60}}", "found place with a clock 'T99', meant 'T09'."),
    ("{at: 1, cutover: {site: C}}", "found site 'C', meant one of A, B."),
    ("{at: 1, cutover: {to: 2026-02-30}}", "found '2026-02-30', meant a date from 2000 to 2099 such as 2026-01-08."),
    ("{at: 1, cutover: {to: 2026-01-05}}",
     "found 2026-01-05, meant a day after the first one (2026-01-05), and at most 180 days after it."),
    ("{at: 1, cutover: {to: 2026-07-05}}",
     "found 2026-07-05, meant a day after the first one (2026-01-05), and at most 180 days after it."),
    ("{at: 1, clock: {of: A, step_s: 0}}",
     "found no step, meant seconds by which the clock is set ahead, or (below 0) back."),
    ("{at: 1, capacity: {site: C, usual: true}}", "found site 'C', meant one of A, B."),
    ("{at: 1, posting: {site: A, does: resume}}",
     "found a posting process in a drill whose host posts at once, meant host: {batch: {every_s: ...}}."),
    ("{at: 1, posting: {site: C, does: resume}}", "found site 'C', meant one of A, B."),
    ("{at: 1, core: {site: C, up: false}}", "found site 'C', meant one of A, B."),
    ("{at: 1, brake: {site: C, on: true}}", "found site 'C', meant one of A, B."),
    ("{at: 1, core: {site: A}}", "found no key 'up' in 'core', meant up: with true or false."),
    ("{at: 1, replication: {}}", "found neither paused nor lag_s, meant at least one of them."),
    ("{after: {fact: cash_takn}, mend: {}}", "found kind of fact 'cash_takn', meant 'cash_taken'."),
    ("{after: {fact: cash_taken, where: {terminal: T01}}, mend: {}}",
     "found 'terminal', meant a field of cash_taken: one of actor, key, amount_minor."),
    ("{after: {fact: cash_taken, where: {amount_minor: 50.00}}, mend: {}}", "found '50.00', meant a whole number."),
    ("{after: {fact: message_sent, where: {fields: a}}, mend: {}}",
     "found a list or a mapping of message_sent, meant a field with one value."),
]  # fmt: skip


@pytest.mark.parametrize(("step", "says"), WRONG_STEPS, ids=[step for step, _ in WRONG_STEPS])
def test_a_wrong_step_is_one_sentence(step: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        parse_drill(f"{HEAD}steps:\n- {{at: 0, mend: {{}}}}\n- {step}\n", "d.yaml")

    assert str(raised.value) == f"d.yaml, line 7: {says}"


WRONG_CAPACITIES = [
    ("{site: A}", "nothing that changes, meant usual: true, or one of rate_per_s, servers, queue_max and sick."),
    ("{site: A, usual: true, servers: 2}",
     "usual and something else, meant usual: true, or one of rate_per_s, servers, queue_max and sick."),
    ("{site: A, sick: {delay_s: [9, 3]}}", "from 9 to 3 s, meant the shorter time first."),
]  # fmt: skip


@pytest.mark.parametrize(("step", "says"), WRONG_CAPACITIES)
def test_a_wrong_change_of_a_capacity_is_one_sentence(step: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        parse_drill(f"{HEAD}host: {{capacity: {{rate_per_s: 5}}}}\nsteps:\n- {{at: 1, capacity: {step}}}\n", "d.yaml")

    assert str(raised.value) == f"d.yaml, line 7: found {says}"


def test_a_broken_rule_names_the_line_of_its_key() -> None:
    text = f"{HEAD}steps:\n- at: 3\n  withdraw:\n    terminal: T01\n    amount: 1.234\n"

    with pytest.raises(DataFileError) as raised:
        parse_drill(text, "d.yaml")

    assert raised.value.line == 9


WRONG_PARTS = [
    ("starts_at: 2026-13-01T00:00:00",
     "found '2026-13-01T00:00:00', meant a date and time such as 2026-01-05T09:00:00."),
    ("starts_at: 2026-01-05T09:00:00Z", "found a time zone, "
     "meant the local time, without a zone (that is utc_offset_s)."),
    ("currency: NGX", "found 'NGX', meant three letters of ISO 4217 such as NGN."),
    ("cards: {bin: 99999}", "found '99999', meant six digits such as \"999999\"."),
    ("cards: {opening_balance: -5}", "found '-5', meant no amount below nothing."),
    ("lines: {}", "found no line, meant at least one, such as primary: {site: A}."),
    ("lines: {primary: {site: Z}}", "found site 'Z', meant one of A, B."),
    ("host: {sites: [A, A]}", "found 2 sites with 1 names, meant at least one, each with a name of its own."),
    ("host: {promote_after_silence_s: 1}", "found 1 s, meant more than one heartbeat (1 s)."),
    ("host: {hold_down_s: 60}",
     "found a hold-down where no site takes over by itself, meant promote_after_silence_s beside it."),
    ("host: {promote_after_silence_s: 5, hold_down_s: 5}",
     "found 5 s, meant more than promote_after_silence_s (5 s)."),
    ("host: {alarms: {unreached_s: 60}}",
     "found 60 s, meant more than the silence after which terminals send an echo (echo_s: 60)."),
    ("host: {alarms: {}}", "found alarms that nothing can raise, "
     "meant key_refusals in a drill with keys (cards: {pins: true} or security: ...), or unreached_s."),
    ("host: {alarms: {key_refusals: 1}}\ncards: {pins: true}",
     "found 2 terminals, meant no more than key_refusals (1) and than there are terminals (10)."),
    ("host: {alarms: {key_refusals: null}}\ncards: {pins: true}", "found alarms that nothing can raise, "
     "meant key_refusals in a drill with keys (cards: {pins: true} or security: ...), or unreached_s."),
    ("host: {post_at: completion}",
     "found terminals that do not send completions (confirm: negative_only), "
     "meant terminal: {confirm: always} with post_at: completion."),
    ("host: {batch: {every_s: 0}}", "found 0 for 'every_s', meant a number of more than 0."),
    ("host: {batch: {}, replicates: balances}",
     "found balances that are behind what moved, and replicate (replicates: balances), meant replicates: entries "
     "with batch."),
    ("expect: {split_brain_max: 0}\nhost: {batch: {}}",
     "found a limit for entries of two sites, which a posting process makes later than they were decided, meant no "
     "such limit with host: {batch: ...}."),
    ("expect: {posting: {drain_s: 5}}",
     "found expectations of a host that posts at once, meant host: {batch: {every_s: ...}}."),
    ("host: {capacity: {}}", "found no key 'rate_per_s' in 'capacity', meant rate_per_s: with a number of more than 0 "
     "and at most 100000."),
    ("host: {capacity: {rate_per_s: 5, sites: {C: {servers: 2}}}}", "found site 'C', meant one of A, B."),
    ("host: {capacity: {rate_per_s: 5, sick: {delay_s: [9, 3]}}}",
     "found from 9 to 3 s, meant the shorter time first."),
    ("expect: {capacity: {sheds_max: 0}}",
     "found expectations of a host that answers at once, meant host: {capacity: {rate_per_s: ...}}."),
    ("host: {stand_in: {card_amount: x}}", "found 'x', meant an amount in NGN such as 50.00."),
    ("host: {stand_in: {total_amount: -1}}", "found '-1', meant no amount below nothing."),
    ("host: {stand_in: {card_count: 0}}", "found 0 for 'card_count', meant a whole number of at least 1."),
    ("host: {stand_in: {declines_with: approved}}",
     "found 'approved' for 'declines_with', meant one of not_permitted, declined, amount_limit, host_unavailable."),
    ("host: {brake: {}}", "found a brake that watches nothing, meant a limit, such as total: {above_balance: 100.00}."),
    ("host: {brake: {total: {amount: x}}}", "found 'x', meant an amount in NGN such as 50.00."),
    ("host: {brake: {card: {above_balance: 1.001}}}", "found '1.001', meant an amount in NGN such as 50.00."),
    ("expect: {exposure: {total_max: x}}", "found 'x', meant an amount in NGN such as 50.00."),
    ("expect: {exposure: {alert_s: 5}}",
     "found an alert of a host that watches nothing, meant host: {brake: {total: {...}}}."),
    ("terminal: {cassettes: []}", "found no cassette, meant at least one."),
    ("terminal: {cassettes: [{value: x, notes: 3}]}", "found 'x', meant an amount in NGN such as 50.00."),
    ("expect: {failover: {fail_back_s: 3}}\nterminal: {failover: {fail_back: false}}",
     "found terminals that never fail back, meant terminal: {failover: {fail_back: true}}."),
    ("expect: {failover: {}}\nlines: {a: {site: A}}", "found one line only, meant a second line to fail over to."),
    ("expect: {in_flight_at_cut_min: 1}",
     "found no step that cuts anything, meant a cut or stop_site step."),
    ("expect: {facts: [{fact: cash_taken}]}", "found neither at_least nor at_most, meant at least one of them."),
    ("expect: {facts: [{fact: cash_taken, at_least: 3, at_most: 2}]}",
     "found 2, meant at least as many as at_least (3)."),
    ("host: {pin_tries_max: 0}", "found 0, meant at least 1 try for a PIN."),
    ("security: {mac: false}",
     "found security of nothing (mac: false, no chips, cards without a PIN), "
     "meant one of mac: true, chips: true and cards: {pins: true}."),
    ("security: {key_life: {uses: 0}}", "found 0 for 'uses', meant a whole number of at least 1."),
    ("security: {dukpt: true}",
     "found DUKPT for cards without a PIN, meant cards that have one (cards: {pins: true})."),
    ("terminal: {failover: {repeats_request: true}}\ncards: {pins: true}",
     "found requests that are sent twice, "
     "meant cards without PIN and chip: PIN blocks and cryptograms are made for one message."),
    ("terminal: {failover: {repeats_request: true}}\nlines: {primary: {site: A}}",
     "found requests that are asked again over another line, and one line, meant a second line."),
    ("host: {off_time: refuse}", "found what becomes of requests that are off time, and nobody looks, "
     "meant off_time_max_s beside it."),
    ("terminal: {store_and_forward: {ages_by: clock}}", "found what ages are measured by, and nothing grows too old, "
     "meant expires_after_s beside it."),
    ("regions: {A: [T01]}", "found a region called 'A', which is a site, meant a name of its own."),
    ("regions: {T02: [T01]}", "found a region called 'T02', which is a terminal or client, meant a name of its own."),
    ("starts_at: 2031-01-01T00:00:00",
     "found the year 2031, meant a year from 2000 to 2030, in which the bench's cards expire."),
    ("security: {dukpt: tdes}", "found 'tdes' for 'dukpt', meant true or false."),
    ("security: {macs: true}", "found the key 'macs' in 'security', meant 'mac'."),
    ("defects: [double-post-repet]", "found defect 'double-post-repet', meant 'double-post-repeat'."),
]  # fmt: skip


@pytest.mark.parametrize(("part", "says"), WRONG_PARTS, ids=[part[:40] for part, _ in WRONG_PARTS])
def test_a_wrong_part_is_one_sentence(part: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        parse_drill(f"{HEAD}{part}\n", "d.yaml")

    assert str(raised.value) == f"d.yaml, line 5: {says}"


WRONG_WORKLOADS = [
    ("mix: {echo: 1}",
     "'echo', meant a service (balance, bill_payment, deposit, mini_statement, pin_change, transfer, withdrawal)."),
    ("mix: {withdrawal: 0}", "no weight above 0, meant at least one service that customers ask for."),
    ("mix: {pin_change: 1}", "a PIN change of cards without a PIN, meant cards that have one (cards: {pins: true})."),
    ("amounts: [1.234]", "'1.234', meant an amount in NGN such as 50.00."),
    ("amounts: []", "no amount, meant at least one."),
    ("from_s: 10", "10 s, meant a time before heal (10 s)."),
    ("every_s: 0.000001",
     "1e-06 for 'every_s', which brings 1e+08 customers, meant at most 10,000,000 customers in all."),
    ("from_s: 5, until_s: 4", "4 s, meant a time after from_s (5 s)."),
]  # fmt: skip


@pytest.mark.parametrize(("part", "says"), WRONG_WORKLOADS)
def test_a_wrong_workload_is_one_sentence(part: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        parse_drill(HEAD.replace("workload: {}", f"workload: {{{part}}}"), "d.yaml")

    assert str(raised.value) == f"d.yaml, line 3: found {says}"


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", ".hidden", "-v", "a\\b", "x" * 81, "caf\u00e9 |"])
def test_a_drill_whose_name_is_no_part_of_a_file_name_is_refused(name: str) -> None:
    with pytest.raises(DataFileError, match=r"line 1: found the name '.*, meant up to 80 letters, digits, blanks"):
        parse_drill(HEAD.replace("drill: d", f"drill: '{name}'"), "d.yaml")


@pytest.mark.parametrize("name", ["my-first.cut_2", "My first cut", "caf\u00e9", "7"])
def test_a_drill_may_have_any_plain_name(name: str) -> None:
    assert parse_drill(HEAD.replace("drill: d", f"drill: '{name}'"), "d.yaml").drill == name


def test_a_drill_that_heals_at_once_is_told_at_its_heal() -> None:
    with pytest.raises(DataFileError, match="line 4: found 0 for 'at', meant a number of more than 0"):
        parse_drill(HEAD.replace("at: 10", "at: 0"), "d.yaml")


def test_few_customers_may_come_as_fast_as_they_like() -> None:
    assert parse_drill(HEAD.replace("{}", "{every_s: 0.000001, per_terminal_max: 3}"), "d.yaml").workload


def test_old_keys_need_a_site_that_exists() -> None:
    text = f"{HEAD}security: {{}}\nsteps:\n- {{at: 3, keys: {{site: C, old: true}}}}\n"

    with pytest.raises(DataFileError, match=r"d\.yaml, line 7: found site 'C', meant one of A, B"):
        parse_drill(text, "d.yaml")


def test_old_master_keys_belong_to_a_site_with_old_keys() -> None:
    text = f"{HEAD}security: {{}}\nsteps:\n- {{at: 3, keys: {{site: B, old: false, master: true}}}}\n"

    with pytest.raises(DataFileError, match="found master keys of a site that knows all keys, meant master with old"):
        parse_drill(text, "d.yaml")


def test_a_drill_that_nobody_comes_to_can_prove_nothing() -> None:
    with pytest.raises(DataFileError, match="found nobody who comes, meant a workload"):
        parse_drill(HEAD.replace("workload: {}\n", ""), "d.yaml")


def test_two_faults_of_one_name_cannot_be_told_apart() -> None:
    steps = "steps:\n- {at: 1, name: x, cut: {}}\n- {at: 2, name: x, cut: {}}\n"

    with pytest.raises(DataFileError, match=r"line 7: found the name 'x' again \(step 1 has it\)"):
        parse_drill(HEAD + steps, "d.yaml")


def test_a_drill_built_in_python_keeps_the_same_rules() -> None:
    drill = Drill(drill="d", proves="p", workload=Workload(), heal=Heal(at=10), steps=(Step(at=1, cut=Cut(line="x")),))

    with pytest.raises(LocalError, match=r"^drill d, steps\.0\.cut\.line: found line 'x', meant one of primary, secon"):
        check_drill(drill)


def test_a_command_from_outside_keeps_the_same_rules() -> None:
    drill = parse_drill(HEAD, "d.yaml")
    check_command(Withdraw(terminal="T01", amount="50.00"), drill)

    with pytest.raises(LocalError, match=r"^terminal: found terminal 'T99', meant T01 to T10"):
        check_command(Withdraw(terminal="T99", amount="50.00"), drill)


_LONG = HEAD + "steps:\n- {at: 0, cut: {line: primary}}\n" + "- {at: 1, mend: {}}\n" * 8


def read_or_refuse(text: str) -> Drill | DataFileError:
    try:
        return parse_drill(text, "d.yaml")
    except DataFileError as error:
        return error


@given(st.integers(0, len(_LONG)), st.integers(0, 6), st.text("[]{}:-,& *!0a\n\"'", max_size=4))
def test_a_damaged_drill_is_a_drill_or_a_sentence_with_its_line(at: int, lost: int, put: str) -> None:
    text = _LONG[:at] + put + _LONG[at + lost :]
    read = read_or_refuse(text)
    if isinstance(read, Drill):
        check_drill(read)
    else:
        assert re.fullmatch(rf"d\.yaml, line {read.line}: [^\n]+\.", str(read))
        assert 1 <= read.line <= text.count("\n") + 1
