"""Rules of releases in a drill: what types cannot say of `releases:` and of the names that are to be found. Pure.

Whether a release can be laid over the drill's dialect is seen where that dialect is known: `run.source`.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from atmbench.datafile import Path
from atmbench.drill.broken import Broken, known_rules
from atmbench.drill.command_rules import amount_rules
from atmbench.drill.records import Drill
from atmbench.releases.catalogue import names_found, release_names
from atmbench.releases.records import BASE, Release


def release_rules(drill: Drill) -> Iterator[Broken]:
    """The rules that the releases of a drill break, and what it expects of them."""
    for name, release in drill.releases.items():
        yield from _release(drill, name, release, ("releases", name))
    for index, name in enumerate(drill.expect.incompatible):
        yield from known_rules(name, names_found(), "name of what does not fit", ("expect", "incompatible", index))


def _release(drill: Drill, name: str, release: Release, path: Path) -> Iterator[Broken]:
    if name == BASE:
        yield Broken(path, f"a release of the name {BASE}", f"another name; {BASE} is what runs at the start")
    if release.like:
        yield from known_rules(release.like, release_names(), "shipped release", (*path, "like"))
        if replace(release, like="") != Release():
            yield Broken(path, "`like` and something else", "`like` alone, since it stands for all that the other says")
    limit = release.host.daily_limit
    if limit is not None:
        yield from amount_rules(limit, drill, (*path, "host", "daily_limit"), least=0)
