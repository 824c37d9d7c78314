"""The guard of one terminal: what PIN pad and chip add to a message as it is sent, and say to its answer.

The core never sees a PIN, a key or chip data: they are added here, after it has decided, and checked here,
before it is told. The guard must never decide what becomes of a message: it says what it found.
"""

from collections.abc import Callable, Mapping
from random import Random

import msgspec

from atmbench import money
from atmbench.devices.holder import Holder
from atmbench.devices.pin_pad import PinPad
from atmbench.errors import RemoteError
from atmbench.messages.dialect import Dialect
from atmbench.messages.records import NETWORK, SERVICES, Message, Outcome, Purpose, Reply, Request
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.security.emv import ISSUER_AUTHENTICATION
from atmbench.security.emv_card import ChipCard, terminal_data
from atmbench.security.tlv import TlvError, build, by_tag, parse

UNPREDICTABLE_BYTES = 4
_APPROVALS = frozenset({Outcome.APPROVED, Outcome.PARTIALLY_APPROVED})


class Guard:
    """Secrets of one terminal. `holders` are all customers by PAN; `sealed` is None where messages carry no MAC.

    `is_copied()` says whether the chip that is here now is a copy, `replays_pin_key()` whether the PIN is to be sealed
    under a DUKPT key that has served before.
    """

    def __init__(
        self,
        pin_pad: PinPad,
        holders: Mapping[str, Holder],
        dialect: Dialect,
        sealed: SealedCodec | None,
        *,
        country: str,
        rng: Random,
        is_copied: Callable[[], bool],
        replays_pin_key: Callable[[], bool] = lambda: False,
        trusts_any_answer: bool = False,
    ) -> None:
        self._pin_pad = pin_pad
        self._holders = holders
        self._dialect = dialect
        self._sealed = sealed
        self._country = country
        self._is_copied = is_copied
        self._replays_pin_key = replays_pin_key
        self._trusts_any_answer = trusts_any_answer
        """A planted defect (terminal.defects)."""
        self._rng = rng
        self._asked: Request | None = None
        """The request of the customer who was here last."""
        self._accepts: bool | None = None
        """What the chip said to the first approval of it. It is asked once, so that no second answer gets round it."""
        self._is_heard = False

    # --- on the way out ---------------------------------------------------------------------------

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
        pad = self._pin_pad
        pins = [holder.pin]
        if request.purpose is Purpose.PIN_CHANGE:
            pins.append(_another(holder.pin, self._rng))
            holder.chooses(pins[-1])
        again = pad.has_used_dukpt and self._replays_pin_key()
        sealed = pad.seal(request.pan, *pins, again=again)
        added = dict(zip(("pin_block", "new_pin_block"), sealed.blocks, strict=False))
        if sealed.key_serial:
            added["key_serial"] = sealed.key_serial
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

    def encode(self, message: Message, now: float) -> tuple[Message, bytes] | None:
        """The message as it is sent and its sealed bytes; None if this line knows no MAC."""
        if self._sealed is None:
            return None
        keys = self._pin_pad.mac_keys(now)
        return self._sealed.encode(message, keys[0] if keys else None)

    # --- on the way in ----------------------------------------------------------------------------

    def check(self, body: bytes, message: Message, reply: Reply, now: float) -> None:
        """Raises RemoteError if an answer must carry a MAC and none of this terminal's keys made it.

        A host that says that our MAC does not agree may have other keys: that much is believed without a MAC. It pays
        nothing out, and the terminal reverses and asks for keys. Keys that come prove themselves by their check values
        under the master key; and before there are any, a network message has nothing to be checked with.
        """
        if self._sealed is None or not self._sealed.wants(message.mti) or reply.outcome is Outcome.MAC_FAILED:
            return
        keys = self._pin_pad.mac_keys(now)
        if reply.purpose is Purpose.KEY_EXCHANGE or (reply.purpose in NETWORK and not keys):
            return
        if self._sealed.agrees(body, message, keys) is None and not self._trusts_any_answer:
            raise RemoteError("the MAC of the answer does not agree with any key of this terminal", raw=body)

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


def _another(pin: str, rng: Random) -> str:
    while True:
        wanted = f"{rng.randrange(10 ** len(pin)):0{len(pin)}d}"
        if wanted != pin:
            return wanted
