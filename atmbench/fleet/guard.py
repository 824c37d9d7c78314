"""The guard of one terminal: what PIN pad and chip add to a message as it is sent, and say to its answer.

The core never sees a PIN, a key or chip data: they are added here, after it has decided, and checked here,
before it is told. A PIN pad may take its time, so what is sealed or checked is called back. The guard must never decide
what becomes of a message: it says what it found.
"""

from collections.abc import Callable, Mapping, Set
from functools import partial
from random import Random

import msgspec

from atmbench import money
from atmbench.devices.holder import Holder
from atmbench.devices.pin_results import PinsWanted, SealedPins
from atmbench.devices.roles import MAC_DISAGREES, EncryptingPinPad, Entered, MacChecked
from atmbench.messages.dialect import Dialect
from atmbench.messages.records import NETWORK, SERVICES, Message, Outcome, Purpose, Reply, Request
from atmbench.messages.sealed_codec import SealedCodec, ToSeal
from atmbench.security.emv import ISSUER_AUTHENTICATION
from atmbench.security.emv_card import ChipCard, terminal_data
from atmbench.security.tlv import TlvError, build, by_tag, parse
from atmbench.terminal.defects.answers import TRUST_ANY_ANSWER
from atmbench.terminal.inputs import TransactionAsked

UNPREDICTABLE_BYTES = 4
_APPROVALS = frozenset({Outcome.APPROVED, Outcome.PARTIALLY_APPROVED})

Sealed = Callable[[Message, bytes, str], None]
"""Called with the message as it is sent and its bytes; or with no bytes, and why it could not be sealed."""


class _Entered(msgspec.Struct, frozen=True):
    """What the customer who is inside has entered. `new_pin` is empty but at a PIN change."""

    pan: str
    sealed: SealedPins
    new_pin: str

    def __repr__(self) -> str:
        return f"_Entered({self.sealed!r})"


class Guard:
    """Secrets of one terminal. `holders` are all customers by PAN; `sealed` is None where messages carry no MAC.

    `is_copied()` says whether the chip that is here now is a copy, `replays_pin_key()` whether the PIN is to be sealed
    under a DUKPT key that has served before.
    """

    def __init__(
        self,
        pin_pad: EncryptingPinPad,
        holders: Mapping[str, Holder],
        dialect: Dialect,
        sealed: SealedCodec | None,
        *,
        country: str,
        rng: Random,
        is_copied: Callable[[], bool],
        replays_pin_key: Callable[[], bool] = lambda: False,
        defects: Set[str] = frozenset(),
    ) -> None:
        self._pin_pad = pin_pad
        self._holders = holders
        self._dialect = dialect
        self._sealed = sealed
        self._country = country
        self._is_copied = is_copied
        self._replays_pin_key = replays_pin_key
        self._defects = defects
        self._rng = rng
        self._entered: _Entered | None = None
        self._asked: Request | None = None
        """The request of the customer who was here last."""
        self._accepts: bool | None = None
        """What the chip said to the first approval of it. It is asked once, so that no second answer gets round it."""
        self._is_heard = False

    def speak(self, dialect: Dialect, sealed: SealedCodec | None) -> None:
        """Another dialect from now on. Keys and cards stay."""
        self._dialect, self._sealed = dialect, sealed

    # --- on the way out ---------------------------------------------------------------------------

    def ask_pin(self, asked: TransactionAsked, now: float, entered: Entered) -> None:
        """A customer's card is inside: have the PIN entered, if they have one. `entered` hears why it was not."""
        holder = self._holders.get(asked.pan)
        if holder is None or not holder.pin:
            entered("", now)
            return
        new_pin = _another(holder.pin, self._rng) if asked.service is Purpose.PIN_CHANGE else ""
        pin = _wrong(holder.pin) if asked.mistypes else holder.pin
        wanted = PinsWanted(
            pan=asked.pan,
            pins=(pin, new_pin) if new_pin else (pin,),
            again=self._pin_pad.has_used_dukpt and self._replays_pin_key(),
        )

        def sealed(pins: SealedPins, at: float) -> None:
            self._entered = _Entered(asked.pan, pins, new_pin)
            entered(pins.because, at)

        self._pin_pad.take_pins(wanted, now, sealed)

    def with_secrets(self, request: Request) -> Request:
        """A request with PIN block and chip data in it, if customers have such; other messages as they are."""
        if request.purpose not in SERVICES:
            return request
        self._asked, self._accepts, self._is_heard = request, None, False
        holder = self._holders.get(request.pan)
        if holder is None:
            return request
        added: dict[str, str] = {}
        if holder.pin:
            added |= self._pins(holder, request)
        if holder.chip is not None:
            added["chip"] = self._chip_data(holder.chip, request)
        return msgspec.structs.replace(request, **added) if added else request

    def _pins(self, holder: Holder, request: Request) -> dict[str, str]:
        """PIN blocks, and with DUKPT the serial number of their key.

        This is asked once for each message, since a terminal sends a request for a service once. What comes twice was
        doubled on its way, with the same block and the same serial number.
        """
        entered, self._entered = self._entered, None
        assert entered is not None, "a PIN is entered before the core is told"
        assert entered.pan == request.pan, "of the same card"
        if entered.new_pin:
            holder.chooses(entered.new_pin)
        added = dict(zip(("pin_block", "new_pin_block"), entered.sealed.blocks, strict=False))
        if entered.sealed.key_serial:
            added["key_serial"] = entered.sealed.key_serial
        return added

    def _chip_data(self, chip: ChipCard, request: Request) -> str:
        if chip.atc and self._is_copied():
            chip.atc -= 1  # a copied card gives an old counter once more
        values = chip.request(
            terminal_data(
                amount=f"{request.amount_minor:012d}",
                currency=money.numeric(request.currency),
                country=self._country,
                date=request.local_time[:6],
                transaction_type=self._dialect.service_code(request.purpose),
                unpredictable=self._rng.randbytes(UNPREDICTABLE_BYTES),
            )
        )
        return build(values).hex().upper()

    def seals(self, message: Message) -> bool:
        """Whether a message must be sealed before it is sent. Without keys none is."""
        return self._sealed is not None and self._sealed.wants(message.mti) and self._pin_pad.has_keys

    def seal(self, message: Message, now: float, sealed: Sealed) -> None:
        """Seal a message that must be. Raises EncodeFailed."""
        assert self._sealed is not None, "see `seals`"
        prepared = self._sealed.to_seal(message)
        self._pin_pad.make_mac(prepared.text, now, partial(self._made, prepared, sealed))

    def _made(self, prepared: ToSeal, sealed: Sealed, mac: bytes, because: str) -> None:
        assert self._sealed is not None, "see `seals`"
        sealed(prepared.message, self._sealed.with_mac(prepared, mac) if mac else b"", because)

    # --- on the way in ----------------------------------------------------------------------------

    def checks(self, message: Message, reply: Reply) -> bool:
        """Whether an answer is believed only if it carries a MAC of this terminal's keys.

        A host that says that our MAC does not agree may have other keys: that much is believed without a MAC. It pays
        nothing out, and the terminal reverses and asks for keys. Keys that come prove themselves by their check values
        under the master key; and before there are any, a network message has nothing to be checked with.
        """
        if self._sealed is None or not self._sealed.wants(message.mti) or reply.outcome is Outcome.MAC_FAILED:
            return False
        is_beyond = reply.purpose in NETWORK and not self._pin_pad.has_keys
        return not (reply.purpose is Purpose.KEY_EXCHANGE or is_beyond or TRUST_ANY_ANSWER in self._defects)

    def checks_order(self, message: Message) -> bool:
        """The same of a message that a host begins."""
        return self._sealed is not None and self._sealed.wants(message.mti) and self._pin_pad.has_keys

    def check(self, body: bytes, message: Message, now: float, checked: MacChecked) -> None:
        """Compare the MAC of an answer that must have one."""
        assert self._sealed is not None, "see `checks`"
        parts = self._sealed.sealed_text(body, message)
        if parts is None:
            checked(MAC_DISAGREES)
        else:
            self._pin_pad.check_mac(*parts, now, checked)

    def heard(self, reply: Reply) -> Reply:
        """What the card says to an answer that belongs to its request; any other answer as it is."""
        asked = self._asked
        if asked is None or reply.stan != asked.stan or reply.terminal != asked.terminal:
            return reply
        holder = self._holders.get(asked.pan)
        if holder is None:
            return reply
        if not self._is_heard:
            self._is_heard = True
            holder.hears(reply.outcome, of_change=asked.purpose is Purpose.PIN_CHANGE)
        if holder.chip is None or reply.outcome not in _APPROVALS:
            return reply
        if self._accepts is None:
            self._accepts = holder.chip.accepts(_issuer_answer(reply.chip))
        return msgspec.structs.replace(reply, card_accepts=self._accepts)


def _issuer_answer(chip: str) -> bytes:
    try:
        return by_tag(parse(bytes.fromhex(chip))).get(ISSUER_AUTHENTICATION, b"")
    except (TlvError, ValueError):
        return b""


def _wrong(pin: str) -> str:
    """Another PIN of the same length, without a draw: who mistypes must not shift what comes after."""
    return f"{(int(pin) + 1) % 10 ** len(pin):0{len(pin)}d}"


def _another(pin: str, rng: Random) -> str:
    while True:
        wanted = f"{rng.randrange(10 ** len(pin)):0{len(pin)}d}"
        if wanted != pin:
            return wanted
