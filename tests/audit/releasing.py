"""Facts about releases, and what the release log makes of a few of them."""

from typing import Any

from atmbench.audit.release_log import ReleaseLog
from atmbench.facts import (
    AnyFact,
    EntryPosted,
    FrameDisturbed,
    FrameRefused,
    KeysLoaded,
    MessageReceived,
    MessageSent,
    ReleaseDeployed,
)
from tests.audit.builders import Tape, stamped

KEY = "T01/000118/0105090012"
RELEASED = ReleaseDeployed(release="new", side="host", before="N")
LINE: dict[str, Any] = {"terminal": "T01", "line": "secondary"}
Told = tuple[float, str, AnyFact]


def log_of(*told: Told, deployed: str = "B") -> ReleaseLog:
    """What is made of these facts, where B (or a terminal) has release "new" from 5 s on."""
    log = ReleaseLog()
    log.add(stamped(0.0, "conductor", Tape().run_started()), 1)
    side = "terminal" if deployed.startswith("T") else "host"
    log.add(stamped(5.0, deployed, ReleaseDeployed(release="new", side=side, before="N")), 2)
    for number, (t, actor, fact) in enumerate(told, 3):
        log.add(stamped(t, actor, fact), number)
    return log


def signs(*told: Told, deployed: str = "B") -> list[tuple[str, str]]:
    return [(sign.name, sign.says) for sign in log_of(*told, deployed=deployed).signs.values()]


def sent(t: float, stan: int = 118, actor: str = "T01", key: str = KEY, **values: Any) -> Told:
    usual: dict[str, Any] = {"purpose": "withdrawal", "mti": "0200", "fields": {"4": "1"}, **LINE}
    return t, actor, MessageSent(stan=stan, key=key, **(usual | values))


def got(t: float, stan: int = 118, actor: str = "B", key: str = KEY, **values: Any) -> Told:
    usual: dict[str, Any] = {"purpose": "withdrawal", "mti": "0200", "fields": {}, **LINE}
    return t, actor, MessageReceived(stan=stan, key=key, **(usual | values))


def refused(t: float, actor: str = "B", **values: Any) -> Told:
    usual: dict[str, Any] = {"line": "secondary", "because": "x", "size": 9, "field": "48"}
    return t, actor, FrameRefused(**(usual | values))


def disturbed(t: float, kind: str = "flip_bits", **values: Any) -> Told:
    usual: dict[str, Any] = {"name": "f", "direction": "request", "what": "x", **LINE}
    return t, "cable", FrameDisturbed(kind=kind, **(usual | values))


def loaded(t: float, accepted: bool = True) -> Told:
    return t, "T01", KeysLoaded(accepted=accepted, pin_check="", mac_check="")


def posted(t: float, actor: str = "B", kind: str = "posting", origin: str = "B") -> Told:
    return t, actor, EntryPosted(entry="e", kind=kind, key=KEY, service="withdrawal", legs={}, origin=origin)
