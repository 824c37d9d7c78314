"""Key serial numbers of DUKPT, and the counters in them.

The two kinds of DUKPT (`dukpt_tdes`, `dukpt_aes`) count alike: a device skips every counter with too many ones, so
that no key is more than that many derivations away from its initial key. Sources: iso8583 facts 4.7, X9.24-1,
X9.24-3; the ends of the counters as in github.com/openemv/dukpt.
"""

from typing import ClassVar, Self

import msgspec

from atmbench.errors import LocalError, RemoteError


class DukptError(RemoteError):
    """A key serial number cannot be: wrong size, a counter no device reaches, another device, or an old counter."""


class CounterExhausted(LocalError):
    """A device has used all its keys and must be given a new initial key."""


class SerialNumber(msgspec.Struct, frozen=True):
    """Which key of which device: DE53, DE62 or DE120 in hexadecimal. Use TdesSerialNumber or AesSerialNumber.

    No secret, but it names a device.
    """

    device: int
    """Everything above the counter."""
    counter: int

    BYTES: ClassVar[int]
    COUNTER_BITS: ClassVar[int]
    ONES_MAX: ClassVar[int]
    """No used counter has more ones."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The serial number of hexadecimal text. Raises DukptError for anything else, and for too many ones."""
        try:
            octets = bytes.fromhex(text)
        except ValueError:
            octets = b""
        if len(octets) != cls.BYTES:
            raise DukptError(f"a key serial number has {2 * cls.BYTES} hexadecimal digits; something else was sent")
        whole = int.from_bytes(octets)
        number = cls(whole >> cls.COUNTER_BITS, whole & ((1 << cls.COUNTER_BITS) - 1))
        if number.counter.bit_count() > cls.ONES_MAX:
            raise DukptError(
                f"the counter {number.counter:#x} of a key serial number has more than {cls.ONES_MAX} ones; no device "
                "uses it"
            )
        return number

    @property
    def text(self) -> str:
        """In upper-case hexadecimal, as it is sent."""
        return ((self.device << self.COUNTER_BITS) | self.counter).to_bytes(self.BYTES).hex().upper()

    def next(self) -> Self:
        """The serial number of the next key. Raises CounterExhausted after the last."""
        counter = self.counter + 1
        while counter.bit_count() > self.ONES_MAX:
            counter += counter & -counter  # adding the lowest one skips all that differ only below it
        if counter >> self.COUNTER_BITS:
            raise CounterExhausted("the device has used all its DUKPT keys; give it a new initial key")
        return type(self)(self.device, counter)

    def check_newer(self, last: Self) -> None:
        """Pass if this key may be used after the last one seen. Whether any were left out, `last.next()` tells.

        Raises DukptError for another device, and for a counter that is not above the last: such a key is used up.
        """
        if self.device != last.device:
            raise DukptError("the key serial number is that of another device than before")
        if self.counter <= last.counter:
            raise DukptError(f"the key counter is {self.counter}, and {last.counter} has been seen before")

    def steps(self) -> list[int]:
        """The counters on the way from the initial key to this one: its ones, one more at a time, the highest first."""
        steps, reached = [], 0
        for at in range(self.COUNTER_BITS - 1, -1, -1):
            if self.counter >> at & 1:
                reached |= 1 << at
                steps.append(reached)
        return steps
