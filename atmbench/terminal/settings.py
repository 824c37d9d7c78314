"""How a terminal is set up: what a bank's operator would configure. Data only.

These records are also the `terminal:` part of a drill file, so every field has a default and a line
of meaning. Numbers that a real network would fix are settings here, never constants of the code.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0)]


class Confirm(StrEnum):
    """Which completions a terminal sends after a withdrawal (iso8583 facts 1.10)."""

    ALWAYS = "always"
    """A completion advice (0220) after each dispense."""
    NEGATIVE_ONLY = "negative_only"
    """Only a reversal when it went wrong."""
    NONE = "none"
    """As negative_only: the host is never told of success. Kept apart because hosts differ in what they expect."""


class Unanswered(StrEnum):
    """What becomes of the card of a customer whose bank has not answered (iso8583 facts 7.2)."""

    RETURN = "return"
    """It is given back: the host has not asked for it."""
    KEEP = "keep"
    """It is kept, as by a fleet whose software took silence for a fault of the card."""


class Cassette(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cassette: the value of one note as decimal text, and how many notes it holds at the start."""

    value: str
    notes: Annotated[int, Meta(ge=0)]


class Timers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All waiting times of a terminal, in seconds."""

    reply_s: Seconds = 30.0
    """How long a request waits for its reply."""
    network_reply_s: Seconds = 10.0
    """How long a sign-on or an echo waits for its reply."""
    echo_s: Seconds = 60.0
    """Silence on a line after which an echo is sent."""
    dial_s: Seconds = 5.0
    """How long a dial may take."""
    card_taken_s: Seconds = 30.0
    """How long the card lies in the slot before it is retained."""
    cash_taken_s: Seconds = 30.0
    """How long notes lie in the exit before they are retracted."""
    dispense_s: Seconds = 60.0
    """How long the dispenser (or the escrow) may be silent before its answer counts as unknown."""
    result_s: Seconds = 5.0
    """How long a screen stays that tells a customer without a card in the slot how it ended."""


class Reconnect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a terminal dials again after a failure: exponential backoff with jitter."""

    first_s: Seconds = 1.0
    factor: Annotated[float, Meta(ge=1)] = 2.0
    most_s: Seconds = 30.0
    jitter: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """Share of the waiting time that is drawn at random: 0.5 means between half and all of it."""


class Failover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a terminal leaves a line, and when it comes back. Health is recent replies, never an open socket."""

    missed_replies: Annotated[int, Meta(ge=1)] = 2
    """So many replies in a row that did not come mean the line is sick. A lost connection counts as sick at once."""
    fail_back: bool = True
    fail_back_after_s: Seconds = 60.0
    """How long a terminal stays away before it looks at the preferred line again."""
    fail_back_echoes: Annotated[int, Meta(ge=1)] = 3
    """So many answered echoes in a row on the preferred line before it is trusted."""
    probe_s: Seconds = 10.0
    """Time between two such echoes."""
    spread_s: Annotated[float, Meta(ge=0)] = 0.0
    """A terminal waits up to so long, at random, before it dials another line, or looks at the preferred one: else all
    that lose a line together sign on together."""
    repeats_request: bool = False
    """Ask again what was not answered, as a repeat, over the line that is taken then, if one is within `reply_s`; else,
    and by default, it is reversed. What is declined then is reversed, too: the first site may have posted it. Not with
    PINs or chips, which are made for one message."""


class AgesBy(StrEnum):
    """What the age of a stored message is measured by."""

    TIMER = "timer"
    """By a timer, which only goes forward."""
    CLOCK = "clock"
    """By date and time when it was stored, and now: a clock that is set ahead makes all that is stored old."""


class StoreAndForward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How stored reversals and completions are sent (iso8583 facts 1.9)."""

    reply_s: Seconds = 15.0
    """How long each sending waits for its answer."""
    first_repeat_s: Seconds = 5.0
    factor: Annotated[float, Meta(ge=1)] = 2.0
    most_s: Seconds = 60.0
    attempts_max: Annotated[int, Meta(ge=1)] = 10
    """Sendings after which a message is set aside and an exception is opened. Never dropped in silence."""
    expires_after_s: Seconds | None = None
    """A message that is older when it is to be sent is set aside, as after `attempts_max`. None keeps it for ever."""
    ages_by: AgesBy = AgesBy.TIMER
    messages_max: Annotated[int, Meta(ge=1)] = 100
    """Stored messages at which the terminal takes no new customers."""


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a terminal says of itself and its owner in each message."""

    acquirer: str = "123456"
    merchant: str = "ATMBENCH0000001"
    location: str = "1 TEST STREET          LAGOS        LANG"
    owner: str = "ATMBENCH TEST BANK"
    country: str = "566"
    """Three digits of ISO 3166: what a terminal tells a chip."""
    help_text: str = "Call 0800 000 000 or use another ATM."


class TerminalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that may differ from one terminal to another."""

    confirm: Confirm = Confirm.NEGATIVE_ONLY
    own_rrn_in_completions: bool = False
    """A completion has a retrieval reference number (DE37) of its own, as it has a STAN of its own; else it keeps that
    of its request. Networks differ, and only the original data (DE90) name the request for certain."""
    cassettes: tuple[Cassette, ...] = (
        Cassette("10.00", 2000),
        Cassette("20.00", 2000),
        Cassette("50.00", 2000),
    )
    card_before_cash: bool = True
    card_unanswered: Unanswered = Unanswered.RETURN
    """With the card of a customer whose bank has not answered."""
    accept_partial_approval: bool = False
    """Take code 10 as an approval of the lower amount; otherwise it is reversed."""
    needs_journal_paper: bool = False
    """Serve nobody while the journal printer, if there is one, cannot print; else the electronic journal has to do."""
    notes_per_dispense_max: Annotated[int, Meta(ge=1)] = 40
    timers: Timers = Timers()
    reconnect: Reconnect = Reconnect()
    failover: Failover = Failover()
    store_and_forward: StoreAndForward = StoreAndForward()
    identity: Identity = Identity()

    def named_cassettes(self) -> dict[str, Cassette]:
        """Cassettes by the names under which effects, inputs and facts speak of them: "1" is the first."""
        return {str(number): cassette for number, cassette in enumerate(self.cassettes, start=1)}
