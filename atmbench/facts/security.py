"""Keys given out and taken, and what was refused for its security. No fact holds a key or a PIN. Data only."""

from atmbench.facts.base import Fact


class SecurityRefused(Fact, frozen=True, kw_only=True):
    """A site refuses a message for its security: `what` is "mac", "pin_key", "key_serial" or "chip"."""

    what: str
    terminal: str
    because: str
    key: str = ""


class KeysIssued(Fact, frozen=True, kw_only=True):
    """A site has given a terminal new working keys. Only their check values are told."""

    terminal: str
    pin_check: str
    mac_check: str


class KeysLoaded(Fact, frozen=True, kw_only=True):
    """A terminal's PIN pad has taken new working keys, or has refused them."""

    accepted: bool
    pin_check: str
    mac_check: str
    because: str = ""
