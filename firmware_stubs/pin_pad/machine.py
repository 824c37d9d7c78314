"""The firmware of a PIN pad: what each command does and says (facts of devices 3.4). Knows no frame and no time.

`happened` fills with what somebody at the machine would see; a key, a PIN or a digit of it is never in it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from firmware_stubs.pin_pad import crypto
from firmware_stubs.pin_pad.fields import Fields
from firmware_stubs.pin_pad.keypad import KEYS, KINDS, Entry, Mode, Rules, Stage
from firmware_stubs.pin_pad.registers import STEP_BACK, USER_BYTES, fresh, restored, set_control, set_table
from firmware_stubs.pin_pad.settings import PIN_DIGITS_MAX, PIN_DIGITS_MIN, Settings
from firmware_stubs.pin_pad.vault import (
    COMMAND_LENGTH,
    ILLEGAL_DATA,
    KEY_LENGTH,
    NO_PIN,
    REMOVED,
    TAK,
    TAMPERED,
    TIMED_OUT,
    TPK,
    WRONG_PARAMETER,
    Refused,
    Vault,
)

RESET, WIPE, INPUT_OFF, INPUT_PLAIN, SOUND_OFF, SOUND_ON, BEEP = 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3D
MAC_BY_FIRST_PART, MAC_BY_WHOLE_KEY = b"2", b"A"
MAC_BYTES_MAX = 512
ENCIPHERED_LENGTHS = "123"
ACCOUNT_DIGITS = 12
RESPONSE, RESPONSE_BY_IMK, RANDOM, SET_UID = 0x90, 0x91, 0xA0, 0x80
AUTHENTICATION_BYTES = 16
ANSWERED_IN_ANY_STATE = frozenset({b"3", b"5", b"N", b"S"})
"""What a pad answers to that was tampered with or stands with an open removal switch. Our choice."""

Happening = tuple[str, dict[str, Any]]


class Machine:
    """One pad. `kept` is what an earlier one has kept."""

    def __init__(self, settings: Settings, kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self.vault = Vault(settings, kept)
        self.registers = restored(settings, kept.get("registers", {}))
        self.mode = Mode.OFF
        self.entry: Entry | None = None
        """The last one, over or not."""
        self.happened: list[Happening] = []
        self.wants_restart = False
        """A reset was ordered: whoever runs this restarts it when the answer is out."""
        self._block: tuple[int, int, str] | None = None
        """ZT588: key number, format and account that came with command 6."""
        self._commands: dict[bytes, Callable[[Fields], bytes]] = {
            b"1": self._load_plain,
            b"2": self._load_enciphered,
            b"3": self._information,
            b"4": self._load_table,
            b"5": self._control,
            b"6": self._begin_entry,
            b"7": self._give_block,
            b"8": self._mac,
            b":": self._authenticate,
            b"I": self._identify,
            b"N": self._tell_removal,
            b"S": self._forget_removal,
        }

    def restart(self) -> None:
        """Power came, or a reset: memory that needs power is empty."""
        self.mode = Mode.OFF
        self.entry = self._block = None
        self.vault.forget_visitor()
        self.wants_restart = False

    def obey(self, text: bytes) -> bytes:
        """What a command is answered by: a return byte, and data if it is a good one."""
        command = text[:1]
        try:
            perform = self._commands.get(command)
            if perform is None:
                raise Refused(self._settings.unknown_command if command else COMMAND_LENGTH)
            if command not in ANSWERED_IN_ANY_STATE:
                self._check_state()
            return bytes([self._settings.good]) + perform(Fields(text[1:]))
        except Refused as refusal:
            return bytes([refusal.rtn])

    def _check_state(self) -> None:
        if self.vault.is_tampered:
            raise Refused(TAMPERED)
        if self.registers.is_removed:
            raise Refused(REMOVED)

    # --- keys -------------------------------------------------------------------------------------

    def _load_plain(self, fields: Fields) -> bytes:
        number, usage = fields.number(), int(fields.decimal(1))
        key = self._key(fields, self._settings.plain_lengths)
        check = self.vault.load_plain(number, usage, key)
        self._tell_key(number)
        told = self._told(check)
        return bytes.fromhex(told) if self._settings.sends_raw_check else told.encode()

    def _load_enciphered(self, fields: Fields) -> bytes:
        under, number, usage = fields.number(), fields.number(), int(fields.decimal(1))
        if usage == 0:
            fields.take(1)
            fields.end()
            self.vault.erase(number)
            self.happened.append(("key_erased", {"number": f"{number:02X}"}))
            return b""
        blocks = self._key(fields, ENCIPHERED_LENGTHS)
        check = self.vault.load_enciphered(under, number, usage, blocks)
        self._tell_key(number)
        return self._told(check).encode()

    def _key(self, fields: Fields, lengths: str) -> bytes:
        length = fields.decimal(1)
        if length not in lengths:
            raise Refused(KEY_LENGTH)
        return fields.hex(crypto.KEY_BYTES[lengths.index(length)])

    def _told(self, check: bytes) -> str:
        digits = self._settings.check_digits
        return check.hex().upper()[: digits - digits % 2]

    def _tell_key(self, number: int) -> None:
        name = f"{number:02X}"
        self.happened.append(("key_loaded", {"number": name, "check_value": self.vault.shown()[name]}))

    def wipe(self) -> None:
        """All keys and settings are gone; what the switches say is not."""
        registers = fresh(self._settings)
        registers.is_removed, registers.was_removed = self.registers.is_removed, self.registers.was_removed
        self.registers = registers
        self.vault.wipe()
        self.restart()
        self.happened.append(("wiped", {}))

    # --- authentication ---------------------------------------------------------------------------

    def _authenticate(self, fields: Fields) -> bytes:
        code = fields.number()
        if code == SET_UID:
            self.vault.set_uid(fields.hex((self._settings.uid_digits or 0) // 2))
            return b""
        if code in (RESPONSE, RESPONSE_BY_IMK):
            respond = self.vault.respond if code == RESPONSE else self.vault.respond_by_imk
            proof = respond(fields.hex(AUTHENTICATION_BYTES))
        else:
            data = fields.hex(AUTHENTICATION_BYTES)
            proof = self.vault.draw() if code == RANDOM else self.vault.challenge(code, data)
        return proof.hex().upper().encode()

    # --- what it is and how it is set -------------------------------------------------------------

    def _information(self, fields: Fields) -> bytes:
        if not fields.is_empty:
            user = fields.rest()
            if len(user) > USER_BYTES:
                raise Refused(COMMAND_LENGTH)
            self.registers.user = user.decode("latin-1")
            return b""
        settings, registers = self._settings, self.registers
        shown = registers.shown(is_blank=self.vault.is_blank, has_input=self.mode is not Mode.OFF)
        unit = f"{settings.function_code}{settings.model:<6}{settings.hardware}{settings.software}"
        return (
            registers.user.encode("latin-1").ljust(USER_BYTES)
            + registers.table.upper().encode()
            + shown.hex().upper().encode()
            + f"{unit}{settings.made}{settings.serial}".encode()
        )

    def _load_table(self, fields: Fields) -> bytes:
        set_table(self.registers, fields.hex(len(KEYS)))
        return b""

    def _control(self, fields: Fields) -> bytes:
        parameter, value = fields.take(1), fields.number()
        fields.end()
        if parameter == b"0":
            self._control_misc(value)
        else:
            set_control(self.registers, parameter, value, is_decimal=bool(self._settings.lengths_are_decimal))
        return b""

    def _control_misc(self, value: int) -> None:
        if value == RESET:
            self.wants_restart = True
        elif value == WIPE:
            self.wipe()
        elif value in (INPUT_OFF, INPUT_PLAIN):
            if self.mode is Mode.PIN:
                self._end_entry(Stage.CANCELLED)
            self.mode = Mode.OFF if value == INPUT_OFF else Mode.PLAIN
        elif value in (SOUND_OFF, SOUND_ON):
            self.registers.sound = value == SOUND_ON
        elif value == BEEP:
            self.happened.append(("beep", {}))
        else:
            raise Refused(ILLEGAL_DATA)

    def _identify(self, fields: Fields) -> bytes:
        fields.end()
        return f"{self._settings.made}{self._settings.serial}".encode() + b"0" * 8 + b"000000"

    def _tell_removal(self, fields: Fields) -> bytes:
        if fields.rest() != b"0":
            raise Refused(WRONG_PARAMETER)
        return b"001" if self.registers.was_removed else b"000"

    def _forget_removal(self, fields: Fields) -> bytes:
        fields.end()
        if self.registers.is_removed:
            raise Refused(REMOVED)
        self.registers.was_removed = False
        return b""

    # --- PINs -------------------------------------------------------------------------------------

    def _begin_entry(self, fields: Fields) -> bytes:
        registers, settings = self.registers, self._settings
        most, can_step_back = registers.pin_max, registers.clear_key == STEP_BACK
        if settings.account_comes_first:
            number, format = fields.number(), fields.take(1)[0]
            fields.decimal(1)
            most = int(fields.decimal(2))
            self._block = number, self._format(format), self._account(fields, format)
        else:
            if fields.decimal(4) != "0001":
                raise Refused(ILLEGAL_DATA)
            way = fields.decimal(1)
            fields.end()
            if way not in "12":
                raise Refused(ILLEGAL_DATA)
            can_step_back = way == "1"
        if not max(1, registers.pin_min) <= most:
            raise Refused(ILLEGAL_DATA)
        mask = registers.mask if settings.mask is None else settings.mask
        self.entry = Entry(Rules(registers.pin_min, most, mask, can_step_back, settings.at_max))
        self.mode = Mode.PIN
        self.happened.append(("pin_entry_began", {}))
        return b""

    def _give_block(self, fields: Fields) -> bytes:
        if self._settings.account_comes_first:
            fields.end()
            if self._block is None:
                raise Refused(NO_PIN)
            number, format, account = self._block
        else:
            number, format = fields.number(), self._format(fields.take(1)[0])
            account = self._account(fields, format)
        entry = self.entry
        if entry is not None and entry.stage is Stage.TIMED_OUT:
            raise Refused(TIMED_OUT)
        if entry is None or not PIN_DIGITS_MIN <= len(entry.pin) <= PIN_DIGITS_MAX:
            raise Refused(NO_PIN)
        key = self.vault.use(number, frozenset({TPK}))
        block = crypto.pin_block(key, format, entry.pin, account, self.vault.chance())
        size = len(entry.pin)
        if not self._settings.pin_stays:
            entry.end(Stage.NONE)
        self.happened.append(("pin_block_given", {}))
        return f"{self._settings.before_pin_length}{size:02d}{block.hex().upper()}".encode()

    def _format(self, format: int) -> int:
        if format not in crypto.FORMATS:
            raise Refused(WRONG_PARAMETER)
        return format

    def _account(self, fields: Fields, format: int) -> str:
        if fields.is_empty and format not in crypto.WITH_ACCOUNT:
            return ""
        account = fields.decimal(ACCOUNT_DIGITS)
        fields.end()
        return account

    def _mac(self, fields: Fields) -> bytes:
        number, kind, blocks = fields.number(), fields.take(1), fields.rest()
        if kind not in (MAC_BY_FIRST_PART, MAC_BY_WHOLE_KEY):
            raise Refused(WRONG_PARAMETER)
        if not blocks or len(blocks) % crypto.BLOCK_BYTES or len(blocks) > MAC_BYTES_MAX:
            raise Refused(COMMAND_LENGTH)
        key = self.vault.use(number, frozenset({TAK}))
        chain = crypto.chained if kind == MAC_BY_WHOLE_KEY else crypto.chained_by_first_part
        return chain(key, blocks).hex().upper().encode()

    # --- fingers and time -------------------------------------------------------------------------

    def press(self, name: str) -> bytes:
        """Somebody presses a key; gives what is sent for it."""
        self.happened.append(("key_pressed", {"kind": KINDS.get(name, "other")}))
        table = self.registers.table_bytes()
        if self.mode is Mode.PLAIN:
            return table[KEYS.index(name) :][:1].strip(b"\0")
        if self.mode is Mode.PIN and self.entry is not None:
            sent = self.entry.press(name, table)
            self._look_at_entry()
            return sent
        return b""

    def time_is_over(self) -> bytes:
        """The time for a PIN has passed; gives what is sent if it was not typed by then."""
        if self.entry is None or self.entry.stage is not Stage.TYPING:
            return b""
        self._end_entry(Stage.TIMED_OUT)
        return bytes([self._settings.timed_out])

    def _end_entry(self, stage: Stage) -> None:
        assert self.entry is not None, "keys hide PINs while there is an entry"
        self.entry.end(stage)
        self._look_at_entry()

    def _look_at_entry(self) -> None:
        if self.entry is not None and self.entry.stage is not Stage.TYPING:
            self.mode = Mode.OFF
            self.happened.append(("pin_entry_ended", {"how": str(self.entry.stage)}))

    # --- asked ------------------------------------------------------------------------------------

    def shown(self) -> dict[str, Any]:
        """What may be seen of it, without any secret."""
        registers = self.registers
        return {
            "keys": self.vault.shown(),
            "tampered": self.vault.is_tampered,
            "removed": registers.is_removed,
            "was_removed": registers.was_removed,
            "input": str(self.mode),
            "entry": str(self.entry.stage if self.entry is not None else Stage.NONE),
        }
