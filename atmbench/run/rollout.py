"""The rollout: puts releases into sites and terminals of a running world, and takes them back.

A site has a release at once; a terminal as soon as it is quiet, or at once if the order says so. It must never judge
whether a release goes together with what is there: that is the audit's matter.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from random import Random
from typing import Literal

import msgspec
import trio

from atmbench.datafile import Path
from atmbench.drill.choosing import terminals_chosen
from atmbench.drill.commands import Deploy, RollBack
from atmbench.drill.names import terminal_names
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.facts import Fact, ReleaseDeployed, ReleaseRolledBack
from atmbench.fleet.driver import Driver
from atmbench.fleet.messenger import Messenger
from atmbench.fleet.switch import Switch
from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from atmbench.links.timetable import Timetable
from atmbench.releases.catalogue import find_release
from atmbench.releases.records import BASE, Release
from atmbench.releases.speech import Speech, speech_of
from atmbench.run.samples import demand_answerable, demand_sendable

LOOK_EVERY_S = 0.1
"""How often it is looked whether a terminal is quiet by now."""
DEPLOYMENTS_MAX = 100
"""Releases on top of one another at one place. One more is refused."""


class _Loading(msgspec.Struct, frozen=True):
    """One change of release that a terminal takes as soon as it is quiet."""

    is_back: bool
    release: str


class Rollout:
    """Which release runs where. `seed` draws which terminals are a share of the fleet."""

    def __init__(
        self,
        drill: Drill,
        *,
        seed: int,
        base: Speech,
        switch: Switch,
        drivers: Mapping[str, Driver],
        messengers: Mapping[str, Messenger],
        record: Callable[[str, Fact], None],
        timetable: Timetable,
    ) -> None:
        self._drill = drill
        self._base = base
        self._switch = switch
        self._drivers = drivers
        self._messengers = messengers
        self._record = record
        """The ATMs. Clients of channels have no software of a fleet."""
        self._drawn = list(terminal_names(drill.terminals))
        Random(f"{seed}/rollout").shuffle(self._drawn)
        self._runs: dict[str, list[str]] = {}
        """Site or terminal to the releases on top of the one it began with, the latest last."""
        self._loading: dict[str, list[_Loading]] = {}
        """Terminal to what it has been ordered to take and has not yet, in order."""
        self._spoken: dict[str, Speech] = {}
        """Release to what its terminals speak: one for all of them."""
        self._alarm = timetable.alarm(self._look)

    def order(self, command: Deploy | RollBack) -> None:
        """Carry out a command. Raises LocalError if it cannot be, and changes nothing then."""
        is_back = isinstance(command, RollBack)
        release = "" if isinstance(command, RollBack) else command.release
        places = (command.site,) if command.terminals is None else self._chosen(command)
        if is_back:
            places = tuple(place for place in places if len(self._will_run(place)) > 1)
        else:
            speech = self._spoken_by_terminals(release)  # it can be laid over what is there
            demand = demand_answerable if command.terminals is None else demand_sendable
            demand(self._drill, release, speech, self._base)
            places = tuple(place for place in places if self._will_run(place)[-1] != release)
        if not places:
            because = (
                "nothing was deployed there that could be rolled back" if is_back else f"{release} runs there already"
            )
            raise LocalError(because)
        self._demand_room(places, is_back)
        if command.terminals is None:
            self._change_site(command.site, release, is_back)
            return
        self._switch.tells_values = True
        for name in places:
            self._loading.setdefault(name, []).append(_Loading(is_back, release))
        self._load(lambda name: command.when == "at_once" and name in places)

    def _demand_room(self, places: Sequence[str], is_back: bool) -> None:
        for place in places:
            if not is_back and len(self._will_run(place)) > DEPLOYMENTS_MAX:
                raise LocalError(f"{place} has {DEPLOYMENTS_MAX} deployments already; roll some back first")
            if len(self._loading.get(place, ())) >= DEPLOYMENTS_MAX:
                raise LocalError(f"{place} has {DEPLOYMENTS_MAX} orders that wait for a quiet moment; let it be quiet")

    def runs_at(self, place: str) -> str:
        """The release that a site or terminal runs now."""
        runs = self._runs.get(place)
        return runs[-1] if runs else BASE

    def pending(self) -> tuple[str, ...]:
        """Terminals that have not come to rest and so not to their release, in words."""
        return tuple(f"{name} waits for a quiet moment to change its release" for name in self._loading)

    def _chosen(self, command: Deploy | RollBack) -> tuple[str, ...]:
        assert command.terminals is not None, "the rules of drills saw to it"
        return terminals_chosen(command.terminals, self._drill, self._drawn)

    def _will_run(self, place: str) -> list[str]:
        """The releases on top of one another at a place, when what is ordered is done."""
        runs = [BASE, *self._runs.get(place, ())]
        for waiting in self._loading.get(place, ()):
            runs = runs[:-1] if waiting.is_back else [*runs, waiting.release]
        return runs

    def _release(self, name: str) -> Release:
        return find_release(name, self._drill.releases)

    def _speech(self, name: str) -> Speech:
        return self._base if name == BASE else speech_of(name, self._release(name), self._base)

    def _spoken_by_terminals(self, release: str) -> Speech:
        speech = self._spoken.get(release)
        if speech is None:
            speech = self._spoken[release] = self._speech(release)
        return speech

    # --- sites ------------------------------------------------------------------------------------

    def _change_site(self, site: str, release: str, is_back: bool) -> None:
        now_runs = self._will_run(site)[-2] if is_back else release
        speech = self._speech(now_runs)
        self._switch.host.install(site, site_software(self._release(now_runs), self._drill.host))  # may refuse
        self._switch.tells_values = True
        self._switch.speeches[site] = speech
        _, fact = self._change(site, release, is_back, "host")
        self._record(site, fact)

    def _change(
        self, place: str, release: str, is_back: bool, side: Literal["host", "terminal"]
    ) -> tuple[str, ReleaseDeployed | ReleaseRolledBack]:
        """Keep the book: what runs there now, and the fact of it."""
        runs = self._runs.setdefault(place, [])
        before = self.runs_at(place)
        if is_back:
            runs.pop()
            now_runs = self.runs_at(place)
            return now_runs, ReleaseRolledBack(release=now_runs, before=before, side=side)
        runs.append(release)
        return release, ReleaseDeployed(release=release, before=before, side=side)

    # --- terminals --------------------------------------------------------------------------------

    def _look(self) -> None:
        self._load(lambda name: False)

    def _load(self, at_once: Callable[[str], bool]) -> None:
        for name in list(self._loading):
            core = self._drivers[name].core
            if core is None or core.is_quiet or at_once(name):
                self._finish(name)
        self._alarm.set(trio.current_time() + LOOK_EVERY_S if self._loading else inf)

    def _finish(self, name: str) -> None:
        """A terminal takes now what waits for it, in the order in which it was ordered."""
        for waiting in self._loading.pop(name):
            now_runs, fact = self._change(name, waiting.release, waiting.is_back, "terminal")
            speech = self._spoken_by_terminals(now_runs)
            self._messengers[name].speak(speech.dialect, speech.codec, speech.sealed)
            self._record(name, fact)


def site_software(release: Release, settings: HostSettings) -> SiteSoftware:
    """What a release changes in the decisions of a site."""
    changes = release.host
    named = ("daily_limit", "daily_count", "pin_tries_max", "suspect")
    given = {name: value for name in named if (value := getattr(changes, name)) is not None}
    return SiteSoftware(
        settings=msgspec.structs.replace(settings, **given),
        lacks_bins=changes.lacks_bins,
        duplicate_window_s=release.behaviour.duplicate_window_s,
        ignores_balances=release.behaviour.ignores_balances,
    )


def prepare_releases(drill: Drill, base: Speech) -> None:
    """Lay every release of a drill over its dialect, so that what cannot be is refused before the run.

    Raises LocalError.
    """
    for name in releases_named(drill):
        prepare_release(name, drill, base)


def releases_named(drill: Drill) -> dict[str, Path]:
    """The releases that a drill has or deploys, each with the part of the drill that names it first."""
    named: dict[str, Path] = {name: ("releases", name) for name in drill.releases}
    for index, step in enumerate(drill.steps):
        if step.deploy is not None:
            named.setdefault(step.deploy.release, ("steps", index, "deploy", "release"))
    return named


def prepare_release(name: str, drill: Drill, base: Speech) -> None:
    """Lay one release over the dialect of a drill, and let the sites and terminals that are to have it try it.

    Raises LocalError if that cannot be.
    """
    speech = speech_of(name, find_release(name, drill.releases), base)
    for step in drill.steps:
        if step.deploy is not None and step.deploy.release == name:
            demand = demand_answerable if step.deploy.terminals is None else demand_sendable
            demand(drill, name, speech, base)
