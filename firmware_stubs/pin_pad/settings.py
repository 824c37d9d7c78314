"""How one PIN pad is built and set up. Where the drivers that are known disagree, or no source says, stands a setting.

Facts of devices 3.2 to 3.6 and 3.8; what is marked as a gap there is our choice here, and said so.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Byte = Annotated[int, Meta(ge=0, le=0xFF)]
Seconds = Annotated[float, Meta(ge=0)]
Profile = Literal["zt598", "zt588"]

PIN_DIGITS_MIN, PIN_DIGITS_MAX = 4, 12
"""Of a PIN in a block of ISO 9564."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One PIN pad. Times are in seconds."""

    profile: Profile = "zt598"

    # --- where the two models differ: None is as the profile has it -------------------------------

    plain_lengths: Annotated[str, Meta(pattern="^[0-9]{3}$")] = ""
    """The length digits of a single, double and triple key in command 1: 123 or (ZT588) 012."""
    sends_raw_check: bool | None = None
    """Command 1 is answered by the bytes of the check value, and not by its digits (ZT598)."""
    account_comes_first: bool | None = None
    """Key, format and account come with command 6 (ZT588), and not with 7."""
    mask: Byte | None = None
    """What a hidden digit sends: 2A, or (ZT588) what control 3 has set."""
    lengths_are_decimal: bool | None = None
    """Controls 4 and 5 bring two decimal digits (ZT598), and not two hexadecimal ones."""
    double_zero: Byte | None = None
    """What the key 00 sends before a table is loaded: 22 or (ZT588) 23."""
    uid_digits: Literal[16, 32] | None = None
    """Of the UID: 32, or (ZT588, single DES) 16."""
    uid: Annotated[str, Meta(pattern="^([0-9A-F]{16}|[0-9A-F]{32})?$")] = ""
    """What a wiped pad has for UID; empty is none, as the ZT598 is. The ZT588 has eight 11."""
    proves_itself: bool | None = None
    """An accepted authentication is answered by the response enciphered once more (ZT588)."""
    authentication: Literal["", "every", "once", "never"] = ""
    """Which uses of keys must be authenticated: each by itself (ZT598), all after one (ZT588), or none."""
    at_max: Literal["", "wait", "enter", "silent"] = ""
    """What a PIN of full length does: it waits for enter (ZT598), sends enter, or just ends (ZT588). Our choice."""

    # --- what no source says: our choice -----------------------------------------------------------

    good: Annotated[int, Meta(ge=0x60, le=0x9F)] = 0x60
    """RTN of every good answer; what each of 60 to 9F means is not known."""
    unknown_command: Byte = 0xEB
    """RTN for a command that this stub does not know."""
    before_pin_length: Annotated[str, Meta(pattern="^[0-9]{2}$")] = "00"
    """The two digits before the PIN length in the answer to 7."""
    timed_out: Byte = 0x80
    """The byte that is sent once when the time for a PIN is over."""
    check_digits: Annotated[int, Meta(ge=4, le=16)] = 16
    """How much of a check value is told, in digits."""
    pin_stays: bool = True
    """A PIN can be fetched again after it was fetched, until the next entry, a reset or a power failure."""
    removal_wipes: bool = False
    """An open removal switch is taken for tampering."""
    input_time_s: Annotated[int, Meta(ge=1, le=255)] = 30
    """For a whole PIN, until control 2 sets another."""
    pin_min: Annotated[int, Meta(ge=0, le=PIN_DIGITS_MAX)] = PIN_DIGITS_MIN
    pin_max: Annotated[int, Meta(ge=1, le=16)] = PIN_DIGITS_MAX
    answer_s: Seconds = 0.0
    """Until an answer is sent."""
    restart_s: Seconds = 0.5
    """How long it is deaf after power-on and reset."""
    quiet_s: Seconds = 0.5
    """A frame in which nothing comes for so long is forgotten."""
    model: Annotated[str, Meta(pattern="^[ -~]{1,6}$")] = ""
    function_code: Annotated[str, Meta(pattern="^[ -~]{8}$")] = "STUB0001"
    hardware: Annotated[str, Meta(pattern="^[ -~]{3}$")] = "100"
    software: Annotated[str, Meta(pattern="^[ -~]{3}$")] = "100"
    made: Annotated[str, Meta(pattern="^[ -~]{4}$")] = "2401"
    serial: Annotated[str, Meta(pattern="^[0-9]{4}$")] = "0001"

    def filled(self) -> "Settings":
        """The same with everything said that the profile says."""
        of_profile = PROFILES[self.profile]
        unsaid = {name: value for name, value in of_profile.items() if getattr(self, name) in (None, "")}
        return msgspec.structs.replace(self, **unsaid)


PROFILES: dict[str, dict[str, Any]] = {
    "zt598": {
        "plain_lengths": "123",
        "sends_raw_check": True,
        "account_comes_first": False,
        "mask": 0x2A,
        "lengths_are_decimal": True,
        "double_zero": 0x22,
        "uid_digits": 32,
        "proves_itself": False,
        "authentication": "every",
        "at_max": "wait",
        "model": "ZT598 ",
    },
    "zt588": {
        "plain_lengths": "012",
        "sends_raw_check": False,
        "account_comes_first": True,
        "lengths_are_decimal": False,
        "double_zero": 0x23,
        "uid_digits": 16,
        "uid": "11" * 8,
        "proves_itself": True,
        "authentication": "once",
        "at_max": "silent",
        "model": "ZT588 ",
    },
}
