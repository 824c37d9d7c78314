"""Every order of the console is one that a bench understands: its body is a step of a drill, or a fault."""

import pytest

from atmbench.console import orders
from atmbench.console.orders import Order
from atmbench.drill.acts import read_act, read_fault
from atmbench.faults.all import RECORD_KINDS
from atmbench.messages.records import Purpose

ALL = [
    orders.cut("primary"),
    orders.corrupt_replies("primary"),
    orders.delay("primary"),
    orders.lose("primary"),
    orders.duplicate("primary"),
    orders.mend_line("primary"),
    orders.promote("B"),
    orders.stop_site("A"),
    orders.start_site("A"),
    orders.rebuild_site("A"),
    orders.reconcile(),
    orders.cut_over(),
    orders.cut_over("B"),
    orders.step_clock("A", -7200),
    orders.core("A", is_up=False),
    orders.brake("B", is_on=True),
    orders.replication(paused=True),
    *(orders.sick("A", is_sick=is_sick) for is_sick in (True, False)),
    *(orders.disturb_records(kind, "A", "B") for kind in orders.RECORD_FAULTS),
    orders.deploy("N", site="B"),
    orders.deploy("N", percent=10),
    orders.roll_back(site="B"),
    orders.roll_back(percent=100),
    *(orders.service_of(kind, "x", is_open=False) for kind in ("site", "line", "region", "channel")),
    orders.power("T01", on=False),
    orders.service("T01", is_open=False),
    orders.withdraw("T01", "50.00"),
    orders.workload(0),
    orders.workload(20),
    *(orders.hand("T01", does) for does in ("takes_card", "takes_cash", "cancels")),
    *(orders.transact("T01", service.value, "0", wrong_pin=True) for service in (Purpose.BALANCE, Purpose.WITHDRAWAL)),
]


@pytest.mark.parametrize("order", ALL, ids=lambda order: order.says)
def test_a_bench_understands_it(order: Order) -> None:
    assert order.method == "POST"
    assert order.body is not None
    step = read_fault(order.body) if order.path == "/v1/faults" else read_act(order.body)
    assert step.at == 0.0


def test_each_fault_between_sites_has_an_order() -> None:
    assert set(orders.RECORD_FAULTS) == RECORD_KINDS


def test_what_a_customer_can_do_at_a_terminal_is_what_a_hand_does() -> None:
    from atmbench.drill.commands import HandDoes

    assert {order.body["hand"]["does"] for order in ALL if order.body and "hand" in order.body} == set(HandDoes)
