"""What a host expects of any vault, tried with the embedded one and with a pair of databases."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import pytest

from atmbench.host.replication import Strike
from atmbench.host.roles import Role
from atmbench.host.settings import Confirms, Replicates
from atmbench.host.vault import Count
from atmbench.store.postgres_pair import Pair
from tests.store.vaults import CUSTOMER, Rig, embedded, in_databases, loses_first, pair_of_databases, posted, reversed_

Vault: TypeAlias = Callable[..., AbstractAsyncContextManager[Rig]]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with pair_of_databases() as pair:
        yield pair


@pytest.fixture(params=["embedded", pytest.param("postgres", marks=pytest.mark.full)])
def vault(request: pytest.FixtureRequest) -> Vault:
    @asynccontextmanager
    async def in_books(strike: Strike | None = None) -> AsyncIterator[Rig]:
        yield embedded(strike)

    if request.param == "embedded":
        return in_books
    pair = request.getfixturevalue("pair")
    return lambda strike=None: in_databases(pair, strike=strike)


def count(rig: Rig, site: str) -> Count:
    found = rig.vault.count(site)
    assert found is not None
    return found


async def settled(rig: Rig) -> None:
    await rig.until(lambda: not rig.vault.pending())


async def test_what_one_site_makes_is_safe_there_and_comes_to_the_other(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=2000))
        rig.make(reversed_(2))
        await rig.until_written("A")
        assert rig.customer_minor("A") == 95_000
        await rig.until_both_know(posted(1), posted(2))
        await settled(rig)
        assert rig.customer_minor("B") == 95_000
        assert rig.entries("B") == rig.entries("A")
        assert rig.books["B"].transactions == rig.books["A"].transactions
        assert rig.vault.count("A") == rig.vault.count("B")
        assert rig.vault.has_taken("A", rig.vault.sent("A"))


@pytest.mark.parametrize("how", ["paused", "blocked", "unread"])
async def test_while_nothing_gets_through_the_other_site_learns_nothing(vault: Vault, how: str) -> None:
    async with vault() as rig:
        if how == "paused":
            rig.pause(True)
        else:
            rig.set_ways(how)
            rig.make(posted(9))
            await rig.until_written("A")
        rig.make(posted(1))
        await rig.until_written("A")
        if rig.replication.deadline is not None:
            await rig.until(lambda: rig.replication.deadline is None)
        assert not rig.books["B"].transactions
        assert rig.vault.pending()
        assert rig.customer_minor("B") == 100_000
        rig.set_ways("")
        rig.pause(False)
        await rig.until_both_know(posted(1))
        await settled(rig)
        assert rig.customer_minor("B") == rig.customer_minor("A")


async def test_what_goes_down_with_a_site_turns_up_when_it_comes_back(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        rig.pause(True)
        rig.make(posted(2, amount_minor=2000))
        await rig.until_written("A")
        rig.give("A", Role.DOWN)
        rig.give("B", Role.ACTIVE)
        await rig.until_ready("B")
        assert rig.entries("B") == {f"post/{posted(1).key}"}
        rig.make(reversed_(2, "B"))
        rig.make(posted(3, "B", 1000))
        await rig.until_written("B")
        rig.pause(False)
        rig.give("A", Role.STANDBY)
        await rig.until_both_know(posted(1), posted(2), posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000]
        assert rig.entries("A") == rig.entries("B") > {f"post/{posted(2).key}", f"rev/{posted(2).key}"}


async def test_a_site_that_comes_back_before_another_has_taken_over_has_all_that_was_safe(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        await rig.until_written("A")
        rig.give("A", Role.DOWN)
        rig.give("A", Role.ACTIVE)
        await rig.until_ready("A")
        assert rig.customer_minor("A") == 95_000
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(1), posted(2))
        assert rig.customer_minor("B") == 94_000


async def test_an_active_site_hands_over_while_it_runs(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        for active, other, stan in (("B", "A", 2), ("A", "B", 3)):
            rig.give(other, Role.STANDBY)
            rig.give(active, Role.ACTIVE)
            await rig.until_ready(active)
            rig.make(posted(stan, active, 1000))
            await rig.until_both_know(posted(stan))
            await settled(rig)
            assert rig.entries(active) == rig.entries(other)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [93_000, 93_000]


async def test_a_site_can_be_told_to_take_over_before_it_is_back(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        rig.give("A", Role.STANDBY)
        rig.give("B", Role.ACTIVE)
        await rig.until_ready("B")
        rig.make(posted(2, "B", 1000))
        await rig.until_written("B")
        rig.give("B", Role.STANDBY)
        rig.give("A", Role.ACTIVE)
        await rig.until_ready("A")
        await rig.until_both_know(posted(1), posted(2))
        rig.make(posted(3, "A", 1000))
        await rig.until_both_know(posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [93_000, 93_000]


async def test_two_sites_that_were_both_active_come_to_the_same(vault: Vault) -> None:
    async with vault() as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        rig.set_ways("blocked")
        rig.give("B", Role.ACTIVE)
        await rig.until_ready("B")
        rig.make(posted(2, "A", 1000))
        rig.make(posted(3, "B", 1000))
        await rig.until_written("A")
        await rig.until_written("B")
        assert rig.entries("A") != rig.entries("B")
        rig.set_ways("")
        rig.give("A", Role.STANDBY)
        await rig.until_both_know(posted(2), posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [93_000, 93_000]


async def destroy_a(rig: Rig) -> None:
    """Site A goes with a posting that B has not heard of; B is active, and the book of A is made like that of B."""
    rig.make(posted(1))
    await rig.until_both_know(posted(1))
    rig.pause(True)
    rig.make(posted(2, amount_minor=2000))
    await rig.until_written("A")
    rig.give("A", Role.DOWN)
    rig.give("B", Role.ACTIVE)
    await rig.until_ready("B")
    rig.pause(False)
    rig.books["A"].become_like(rig.books["B"])


async def test_what_a_site_has_lost_for_good_is_at_neither(vault: Vault) -> None:
    async with vault() as rig:
        await destroy_a(rig)
        rig.replication.forget("A")
        rig.vault.forget("A", "B")
        rig.give("A", Role.STANDBY)
        rig.make(posted(3, "B", 1000))
        await rig.until_both_know(posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000]
        assert rig.entries("A") == rig.entries("B") == {f"post/{posted(1).key}", f"post/{posted(3).key}"}


async def test_a_record_that_is_lost_on_its_way_is_waited_for_by_nobody(vault: Vault) -> None:
    async with vault(loses_first) as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(2))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 99_000]
        assert rig.entries("A") - rig.entries("B") == {f"post/{posted(1).key}"}
        assert count(rig, "A").unreplicated == 0


async def test_what_became_of_a_lost_record_moves_nothing_where_it_is_not_known(vault: Vault) -> None:
    async with vault(loses_first) as rig:
        rig.make(posted(1))
        rig.make(reversed_(1))
        await rig.until_both_know(reversed_(1))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [100_000, 100_000]
        assert rig.entries("A") == {f"post/{posted(1).key}", f"rev/{posted(1).key}"}
        assert rig.entries("B") == set()


@pytest.mark.parametrize("promoted", [False, True])
async def test_a_lost_record_that_was_entered_by_hand_is_at_both_sites(vault: Vault, promoted: bool) -> None:
    async with vault(loses_first) as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(2))
        rig.repair("B", posted(1))
        await settled(rig)
        if promoted:
            rig.give("A", Role.DOWN)
            rig.give("B", Role.ACTIVE)
            await rig.until_ready("B")
            rig.give("A", Role.STANDBY)
            await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000]
        assert rig.entries("A") == rig.entries("B") == {f"post/{posted(stan).key}" for stan in (1, 2)}


@pytest.mark.full
async def test_what_no_standby_had_goes_with_its_primary_and_is_told(pair: Pair) -> None:
    """PostgreSQL empties what it has not logged when it comes up after a crash."""
    async with in_databases(pair, strike=loses_first) as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(2))
        rig.give("A", Role.DOWN)
        rig.give("A", Role.ACTIVE)
        await rig.until_ready("A")
        assert rig.entries("A") == rig.entries("B") == {f"post/{posted(2).key}"}
        assert [rig.customer_minor(site) for site in ("A", "B")] == [99_000, 99_000]


@pytest.mark.full
async def test_what_was_entered_by_hand_and_did_not_come_in_time_is_taken_back(pair: Pair) -> None:
    async with in_databases(pair, strike=loses_first) as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(2))
        rig.pause(True)
        rig.repair("B", posted(1))
        assert f"post/{posted(1).key}" in rig.entries("B")
        await rig.until_written("A")
        rig.give("A", Role.DOWN)
        rig.give("B", Role.ACTIVE)
        await rig.until_ready("B")
        assert rig.entries("B") == {f"post/{posted(2).key}"}
        assert rig.customer_minor("B") == 99_000


@pytest.mark.full
async def test_a_site_whose_database_dies_unasked_is_told_and_what_was_safe_is_there_again(pair: Pair) -> None:
    async with in_databases(pair) as rig:
        rig.make(posted(1))
        await rig.until_written("A")
        pair.first.kill()
        rig.make(posted(2))
        await rig.until(lambda: bool(rig.closed))
        assert rig.closed[0].because.startswith("the database is gone: ")
        rig.give("A", Role.DOWN)
        rig.give("A", Role.ACTIVE)
        await rig.until_ready("A")
        assert rig.entries("A") == {f"post/{posted(1).key}"}, "the second was never safe, and is forgotten"
        assert rig.customer_minor("A") == 95_000


@pytest.mark.full
async def test_what_both_sites_must_have_is_not_safe_while_one_has_not(pair: Pair) -> None:
    async with in_databases(pair, Confirms.WHEN_REPLICATED) as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        rig.pause(True)
        rig.make(posted(2))
        rig.give("B", Role.DOWN)
        await rig.until_written("A")
        assert rig.customer_minor("A") == 90_000, "a primary whose standby is gone goes on alone"
        rig.give("B", Role.STANDBY)
        rig.pause(False)
        await rig.until_both_know(posted(2))


@pytest.mark.full
async def test_a_site_that_has_lost_all_waits_to_be_active_until_the_other_is_back_with_a_ledger(pair: Pair) -> None:
    async with in_databases(pair) as rig:
        await destroy_a(rig)
        rig.vault.forget("A", "B")
        rig.give("B", Role.DOWN)
        rig.give("A", Role.ACTIVE)
        assert not rig.vault.is_readable("A")
        assert "the database of site A is on its way back" in rig.vault.pending()
        rig.give("B", Role.STANDBY)
        await rig.until_ready("A")
        rig.make(posted(3, amount_minor=1000))
        await rig.until_both_know(posted(1), posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000]
        assert rig.entries("A") == rig.entries("B") == {f"post/{posted(1).key}", f"post/{posted(3).key}"}


@pytest.mark.full
async def test_a_database_that_has_died_has_no_count(pair: Pair) -> None:
    async with in_databases(pair) as rig:
        rig.make(posted(1))
        await rig.until_written("A")
        pair.first.kill()
        assert rig.vault.count("A") is None


@pytest.mark.full
async def test_balances_of_a_site_that_stands_down_take_the_place_of_the_others_where_they_replicate(
    pair: Pair,
) -> None:
    async with in_databases(pair, replicates=Replicates.BALANCES) as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        rig.set_ways("blocked")
        rig.give("B", Role.ACTIVE)
        await rig.until_ready("B")
        rig.make(posted(2, "A", 1000))
        rig.make(posted(3, "B", 2000))
        await rig.until_written("A")
        await rig.until_written("B")
        rig.set_ways("")
        rig.give("A", Role.STANDBY)
        await rig.until_both_know(posted(2), posted(3))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000], "what B posted is lost"
        assert rig.entries("A") == rig.entries("B") == {f"post/{posted(stan).key}" for stan in (1, 2, 3)}


@pytest.mark.full
async def test_a_balance_tells_of_a_record_that_was_lost_where_sites_replicate_balances(pair: Pair) -> None:
    async with in_databases(pair, strike=loses_first, replicates=Replicates.BALANCES) as rig:
        rig.make(posted(1))
        rig.make(posted(2, amount_minor=1000))
        await rig.until_both_know(posted(2))
        await settled(rig)
        assert [rig.customer_minor(site) for site in ("A", "B")] == [94_000, 94_000]
        assert [book.ledger.balances[CUSTOMER] for book in rig.books.values()] == [94_000, 94_000]
        assert rig.entries("B") == {f"post/{posted(2).key}"}


@pytest.mark.full
async def test_a_standby_that_dies_unasked_is_told_at_once_and_its_primary_goes_on_alone(pair: Pair) -> None:
    async with in_databases(pair, Confirms.WHEN_REPLICATED) as rig:
        rig.make(posted(1))
        await rig.until_both_know(posted(1))
        pair.second.kill()
        await rig.until(lambda: bool(rig.closed))
        assert (rig.closed[0].site, rig.closed[0].because[:20]) == ("B", "the database is gone")
        rig.give("B", Role.DOWN)
        rig.make(posted(2))
        await rig.until_written("A")
        assert rig.customer_minor("A") == 90_000
