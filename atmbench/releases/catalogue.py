"""The catalogue: releases that are shipped, by name. Those with a `because` do not go together with N."""

from collections.abc import Mapping
from functools import lru_cache

from atmbench import datafile, shipped
from atmbench.errors import LocalError
from atmbench.releases.records import BASE, NO_CHANGE, Release

FOLDER = "releases"
SUFFIX = ".yaml"


def release_names() -> list[str]:
    """The names of all shipped releases, in order."""
    return [name.removesuffix(SUFFIX) for name in shipped.names(FOLDER, SUFFIX)]


@lru_cache(maxsize=64)
def shipped_release(name: str) -> Release:
    """A shipped release. Raises LocalError, naming what there is, for an unknown one."""
    return parse_release(shipped.read(FOLDER, name + SUFFIX), name)


def parse_release(text: str, name: str) -> Release:
    """The release of a file's text. Raises DataFileError."""
    return datafile.load(text, Release, name=name)


def find_release(name: str, own: Mapping[str, Release]) -> Release:
    """A release by its name: one of a drill's `own`, the one that all begin with, or a shipped one.

    Raises LocalError, naming what there is, if there is none of that name.
    """
    release = own.get(name)
    if release is not None:
        return shipped_release(release.like) if release.like else release
    if name == BASE:
        return NO_CHANGE
    if name not in release_names():
        raise LocalError(f"there is no release {name!r}; there are {', '.join(known_releases(own))}")
    return shipped_release(name)


def known_releases(own: Mapping[str, Release]) -> tuple[str, ...]:
    """All that can be deployed, by name: what all begin with, a drill's `own`, and those that are shipped."""
    return tuple(dict.fromkeys((BASE, *own, *release_names())))


def names_found() -> tuple[str, ...]:
    """The names that the bench gives to what does not go together: no other one can ever be found."""
    return tuple(dict.fromkeys(shipped_release(name).named or name for name in incompatibilities()))


def incompatibilities() -> dict[str, str]:
    """The catalogue: name to why it does not go together with N."""
    return {name: because for name in release_names() if (because := shipped_release(name).because)}
