"""What takes several commands at a ZT598: proofs before each use of a key, loading, PIN blocks, MACs, the first set-up.

Each is a generator: it yields what to ask and is sent the answer, None if there was none. So it reads from top to
bottom, and whoever runs it decides when, and drops it when power fails. Facts of devices 3.4, 3.6.
"""

from collections.abc import Generator
from typing import TypeVar

import msgspec

from atmbench.devices import szzt_words as words
from atmbench.devices.szzt_line import TRIES, Answer, Ask
from atmbench.devices.szzt_words import Failed
from atmbench.messages.records import WrappedKeys
from atmbench.security.key_exchange import wrap_bare
from atmbench.security.keys import DES_BYTES, Key, xor
from atmbench.security.mac import MacMethod, MacRule, pad
from atmbench.security.pin_block import PinFormat

T = TypeVar("T")
Steps = Generator[Ask, Answer | None, T]
"""What to ask, step by step; gives a T in the end or raises Failed."""

Numbers = tuple[int, int]
"""Key numbers of a PIN key and a MAC key."""


class Prover(msgspec.Struct, frozen=True):
    """What a driver proves itself by: the UID that the pad was given, and where its master key lies."""

    uid: bytes
    master_number: int

    def respond(self, challenge: bytes) -> bytes:
        """The challenge under the UID."""
        return Key(self.uid).encipher(challenge)

    def __repr__(self) -> str:
        return f"Prover(master_number={self.master_number:02X})"


def good(ask: Ask) -> Steps[bytes]:
    """The data of a good answer."""
    answer = yield ask
    if answer is None:
        raise words.no_answer()
    if not answer.is_good:
        raise words.refused(answer.rtn, ask.text)
    return answer.data


def prove(prover: Prover, number: int) -> Steps[None]:
    """Show that we may use a key."""
    random = yield from good(words.draw(prover.uid))
    _digits(random)
    challenge = yield from good(words.challenge(number, random))
    yield from good(words.respond(prover.respond(_digits(challenge))))


def proved(prover: Prover, number: int, ask: Ask) -> Steps[bytes]:
    """Use a key. After silence all of it is done again: what was proved may be used up by a command that was heard."""
    was_silent = False
    for left in reversed(range(TRIES)):
        try:
            yield from prove(prover, number)
            return (yield from good(ask))
        except Failed as failed:
            was_silent = was_silent or failed.is_silent
            is_doubtful = failed.is_silent or (was_silent and failed.rtn == words.NOT_AUTHENTICATED)
            if not left or not is_doubtful:
                raise
    raise AssertionError("the last try returns or raises")


def load(prover: Prover, numbers: Numbers, keys: WrappedKeys) -> Steps[None]:
    """Put new working keys, as a host has sent them, into these places. What is in others stays as it is."""
    both = ((keys.pin_key, keys.pin_check, words.TPK_USAGE), (keys.mac_key, keys.mac_check, words.TAK_USAGE))
    for number, (wrapped, check, usage) in zip(numbers, both, strict=True):
        if len(wrapped) not in (16, 32, 48) or not _is_hex(wrapped):
            raise Failed("invalidKeyLength", "the wrapped key is not hexadecimal for 8, 16 or 24 bytes")
        yield from _put(prover, prover.master_number, number, usage, wrapped, check)


def _put(prover: Prover, under: int, number: int, usage: int, wrapped: str, check: str) -> Steps[None]:
    ask = words.load_under(under, number, usage, wrapped)
    told = (yield from proved(prover, under, ask)).decode("latin-1")
    if len(check) < 4 or not told.upper().startswith(check.upper()):
        raise Failed(
            "invalidData",
            "the wrapped key has not the check value that came with it; compare the master keys of both ends",
        )


def block(prover: Prover, number: int, format: PinFormat, account: str) -> Steps[tuple[str, int]]:
    """The block of the PIN that was typed, and its number of digits."""
    data = yield from proved(prover, number, words.give_block(number, format, account))
    digits = data[2:4]
    if not digits.isdigit():
        raise _no_digits()
    return _digits(data[4:]).hex().upper(), int(digits)


def mac(prover: Prover, number: int, rule: MacRule, text: bytes) -> Steps[bytes]:
    """The MAC of a text, as it is sent.

    All blocks are chained by the first part of the key, for X9.19 the last one by the whole key.
    """
    blocks = pad(text, rule.padding)
    last = blocks[-DES_BYTES:] if rule.method is MacMethod.X9_19 else b""
    before = blocks[: len(blocks) - len(last)]
    chained = bytes(DES_BYTES)
    for at in range(0, len(before), words.MAC_BYTES_MAX):
        part = before[at : at + words.MAC_BYTES_MAX]
        part = xor(chained, part[:DES_BYTES]) + part[DES_BYTES:]
        chained = _digits((yield from proved(prover, number, words.chain(number, part, by_whole_key=False))))
    if last:
        end = words.chain(number, xor(chained, last), by_whole_key=True)
        chained = _digits((yield from proved(prover, number, end)))
    kept = DES_BYTES if rule.kept is None else rule.kept
    sent = kept if rule.sent is None else rule.sent
    return chained[:kept].ljust(sent, b"\0")


def make_ready(input_time_s: int) -> Steps[None]:
    """What its keys send, and how long a customer has."""
    yield from good(words.LOAD_KEY_TABLE)
    yield from good(words.control("2", input_time_s))


def set_up(prover: Prover, master: Key, numbers: Numbers, first_keys: tuple[Key, Key] | None) -> Steps[None]:
    """Wipe a pad and give it UID, master key and, if there are such, first working keys. For a secure room.

    No key goes over the line in the clear but the one of zeros; the master key goes under that, which is as good as
    in the clear: the room protects it.
    """
    yield from good(words.WIPE)
    for ask in (words.load_zeros(), words.set_uid(prover.uid)):
        try:
            yield from good(ask)
        except Failed as failed:
            if failed.rtn != words.NOT_AUTHENTICATED:  # it is there: an answer was lost; the proofs will show
                raise
    yield from _put_own(prover, words.UID_KEY, Key(words.ZEROS), prover.master_number, words.TMK_USAGE, master)
    for number, usage, key in zip(numbers, (words.TPK_USAGE, words.TAK_USAGE), first_keys or (), strict=False):
        yield from _put_own(prover, prover.master_number, master, number, usage, key)


def _put_own(prover: Prover, under: int, wrapper: Key, number: int, usage: int, key: Key) -> Steps[None]:
    yield from _put(prover, under, number, usage, wrap_bare(wrapper, key), key.check_value)


def _digits(data: bytes) -> bytes:
    """The bytes that hexadecimal digits stand for."""
    if len(data) % 2 or not _is_hex(data.decode("latin-1")):
        raise _no_digits()
    return bytes.fromhex(data.decode("ascii"))


def _is_hex(text: str) -> bool:
    return all(each in "0123456789ABCDEFabcdef" for each in text)


def _no_digits() -> Failed:
    return Failed("hardwareError", "the PIN pad answers with something else than digits")
