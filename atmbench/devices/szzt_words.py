"""What is said to a ZT598 and what its answers mean, in names of XFS4IoT. Data and small functions, no state.

Facts of devices 3.4 to 3.6 and 7.
"""

from atmbench.devices.szzt_line import Ask
from atmbench.security.pin_block import PinFormat

ZEROS = bytes(16)
UID_KEY = 0x00
"""Key number of the key that is all zeros: other keys are put in under it first."""
TMK_USAGE, TPK_USAGE, TAK_USAGE = 2, 3, 5
FORMATS = {PinFormat.ISO_0: b" ", PinFormat.ISO_1: b"!", PinFormat.ISO_2: b'"', PinFormat.ISO_3: b"#"}
CHECK_DIGITS, BLOCK_DIGITS, MAC_DIGITS, PROOF_DIGITS = 16, 16, 16, 32
MAC_BYTES_MAX = 512
"""Of data in one command: 1024 digits."""
KEY_TABLE = b"123\x1b456\x08789\x07.0\x22\x0dACEGBDFH"
"""What the keys send: 1 2 3 cancel, 4 5 6 clear, 7 8 9 blank, . 0 00 enter, then the eight at the sides."""

HIDDEN, ENTER, CANCEL, CLEAR, TIME_OVER = 0x2A, 0x0D, 0x1B, 0x08, 0x80
"""Bytes outside of frames. What is sent when time is over is a gap; the pad is asked in any case."""

NO_SUCH_KEY, NOT_AUTHENTICATED, NO_UID, TAMPERED, REMOVED = 0xE4, 0xEC, 0xFA, 0xDD, 0xFF

_ERRORS = {
    0xDD: ("fraudAttempt", "it was tampered with"),
    0xFF: ("fraudAttempt", "its removal switch is open"),
    0xE0: ("hardwareError", "its battery is low"),
    0xFE: ("hardwareError", "its EEPROM fails"),
    0xE1: ("keyNotFound", "it has no IMK"),
    0xE2: ("keyNotFound", "it has no TMK"),
    0xE3: ("invalidKeyLength", "the length of the key is wrong"),
    0xE4: ("keyNotFound", "there is no key of that number"),
    0xE5: ("keyNotFound", "there is no key of that number for that use"),
    0xE6: ("invalidData", "the parity of the key is wrong"),
    0xE7: ("invalidData", "the check value of the key is wrong"),
    0xE8: ("invalidData", "the length of the command is wrong"),
    0xE9: ("invalidData", "the command holds illegal data"),
    0xEA: ("invalidData", "code information is missing"),
    0xEB: ("invalidData", "the type of a parameter is wrong"),
    0xEC: ("accessDenied", "authentication is needed or has failed"),
    0xED: ("accessDenied", "authentication is locked"),
    0xEE: ("entryTimeout", "the input has timed out"),
    0xF8: ("sequenceError", "that is not possible in this input mode"),
    0xFA: ("keyNotFound", "it has no UID"),
    0xFB: ("accessDenied", "the command is locked"),
}
_ERRORS_OF_BLOCK = {0xEB: ("formatNotSupported", "it knows no such PIN block"), 0xEF: ("noPin", "there is no PIN")}


class Failed(Exception):
    """A pad did not do what it was asked. `error` is a name of XFS4IoT; never leaves the driver as an exception."""

    def __init__(
        self, error: str, because: str, *, is_silent: bool = False, rtn: int = 0, is_news: bool = True
    ) -> None:
        super().__init__(because)
        self.error = error
        self.because = because
        self.is_silent = is_silent
        self.rtn = rtn
        self.is_news = is_news
        """Whether the history does not know it yet: that a pad is not well was told when it became so."""


def no_answer() -> Failed:
    """Nothing came."""
    return Failed("deviceNotReady", "the PIN pad does not answer", is_silent=True)


def refused(rtn: int, text: bytes) -> Failed:
    """The pad has refused the command `text`."""
    of_command = _ERRORS_OF_BLOCK if text[:1] == b"7" else {}
    error, because = of_command.get(rtn) or _ERRORS.get(rtn, ("hardwareError", "it gives no better reason"))
    return Failed(
        error, f"the PIN pad refuses command {text[:1].decode('latin-1')!r} with {rtn:02X}: {because}", rtn=rtn
    )


def control(parameter: str, value: int) -> Ask:
    """Command 5 with a byte."""
    return Ask(f"5{parameter}{value:02X}".encode())


def pin_length(parameter: str, digits: int) -> Ask:
    """Controls 4 and 5 take two decimal digits."""
    return Ask(f"5{parameter}{digits:02d}".encode())


RESET, WIPE, KEYS_OFF, SOUND_ON = (control("0", value) for value in (0x30, 0x31, 0x32, 0x35))
BEGIN_PIN = Ask(b"600012")
STATUS = Ask(b"I", 22, tries=1)
REMOVAL = Ask(b"N0", 3)
LOAD_KEY_TABLE = Ask(b"4" + KEY_TABLE.hex().upper().encode())


def load_zeros() -> Ask:
    """Command 1: key 00, which everybody knows."""
    return Ask(f"1{UID_KEY:02X}02{ZEROS.hex()}".encode(), 8)


def set_uid(uid: bytes) -> Ask:
    """Write the UID."""
    return Ask(f":80{uid.hex().upper()}".encode())


def load_under(master: int, number: int, usage: int, wrapped: str) -> Ask:
    """Command 2: a key in hexadecimal, under another."""
    length = len(wrapped) // 16
    return Ask(f"2{master:02X}{number:02X}{usage}{length}{wrapped}".encode(), CHECK_DIGITS, tries=1)


def give_block(number: int, format: PinFormat, account: str) -> Ask:
    """Command 7: two digits, two of PIN length, and the block."""
    return Ask(b"7%02X" % number + FORMATS[format] + account.encode(), 4 + BLOCK_DIGITS, tries=1)


def chain(number: int, blocks: bytes, *, by_whole_key: bool) -> Ask:
    """Command 8: the last block of CBC from zeros, under the first part of a key or under all of it."""
    return Ask(b"8%02X" % number + (b"A" if by_whole_key else b"2") + blocks, MAC_DIGITS, tries=1)


def draw(uid: bytes) -> Ask:
    """A random number to prove something by."""
    return Ask(f":A0{uid.hex().upper()}".encode(), PROOF_DIGITS, tries=1)


def challenge(number: int, random: bytes) -> Ask:
    """The random number under a key."""
    return Ask(b":%02X" % number + random, PROOF_DIGITS, tries=1)


def respond(response: bytes) -> Ask:
    """What was made of the challenge. A proof in the answer is not known of the ZT598: any size will do."""
    return Ask(f":90{response.hex().upper()}".encode(), None, tries=1)
