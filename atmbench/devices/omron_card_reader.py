"""The driver of an Omron 3S4YR motorised card reader: what the terminal wants of its card, and what came of it.

The terminal's wishes stand in line; each step of one follows from where the card is, as the reader itself says. After
any doubt (no answer, power, a port that was gone) the reader is asked again before anything else is done. Facts of a
card come from the machine where there is one, else from the reader; what the core hears comes from the reader alone.
Track data must never leave this module but into the hand of a customer.

Source: the maker's Data Transmission Specifications, Rev. A4 (facts of devices 2.3).
"""

from atmbench.devices import omron_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.card_slot import CardSlot
from atmbench.devices.condition import Condition
from atmbench.devices.customer import Customer
from atmbench.devices.omron_line import OmronLine
from atmbench.devices.omron_whereabouts import Became, Whereabouts
from atmbench.devices.omron_wishes import Want, Wish, Wishes
from atmbench.devices.pause import Pause
from atmbench.devices.port import Detail, Machine, Port
from atmbench.devices.roles import Entered
from atmbench.devices.states import DeviceState, MediaState
from atmbench.terminal import inputs

NAME = "card_reader"
START_S = 0.1
"""Between power and the first command. Our choice: no maker's figure was found."""
PAUSE_S = 5.0
"""Between two attempts at a reader that does not do what it should. Our choice."""
FAILURES_MAX = 3
"""So often a wish is tried at once; then with pauses. A customer who wants to come in does not wait for that."""
INTAKES_MAX = 3
"""So often the reader waits for a card, half a minute each time; then whoever stood there has gone. Our choice."""
DEAD = frozenset({DeviceState.OFFLINE, DeviceState.NO_DEVICE, DeviceState.HARDWARE_ERROR, DeviceState.POWER_OFF})
SILENT = "it does not answer, or nothing that can be understood"


class OmronCardReader:
    """The card reader of one terminal: a `roles.CardMover`. `machine` is None for a real one, and so is `customer`.

    Inputs are given on the agenda, never while something is being asked for.
    """

    def __init__(
        self, *, port: Port, machine: Machine | None, agenda: Agenda, scene: Scene, customer: Customer | None = None
    ) -> None:
        self._port = port
        self._agenda = agenda
        self._scene = scene
        self._condition = Condition(NAME, scene)
        self._condition.state = DeviceState.POWER_OFF  # nobody need be told: it has never been on
        self._slot = CardSlot(machine, agenda, scene, customer)
        self._line = OmronLine(self._send, agenda, self._on_ended)
        self._wishes = Wishes()
        self._card = Whereabouts()
        self._reset = ""
        """The Initial Reset that must come before anything else; empty if none."""
        self._pause = Pause(agenda)
        self._was_kept = False
        """The last card went into the bin. It stands in the terminal's non-volatile memory."""

    @property
    def state(self) -> DeviceState:
        """Whether the reader can be spoken to."""
        return self._condition.state

    @property
    def media(self) -> MediaState:
        """Where the card is, as the reader said last."""
        return self._card.media

    # --- what the terminal wants ----------------------------------------------------------------

    def insert(self, track2: str, now: float, entered: Entered) -> None:
        """A customer puts a card in, or is turned away if the reader takes none or cannot read it."""
        wish = Wish(Want.INSERT, track2=track2, entered=entered)
        if self.state in DEAD or not self._wishes.add(wish):
            entered(f"no card can be put in: the card reader is {self.state}", now)
            return
        if self.media is MediaState.ENTERING and wish is self._wishes.present:
            self._card.doubt()  # a hand may have taken what the terminal has forgotten
        self._go_on(now)

    def turn_away(self, now: float) -> None:
        """Give the card back to a customer who is not served; it is kept if nobody takes it."""
        self._want(Wish(Want.EJECT, is_unserved=True), now)

    def eject(self, key: str, now: float) -> None:
        """Begin to move the card to the slot; CardTaken follows when it is gone."""
        self._want(Wish(Want.EJECT, key), now)

    def retain(self, because: str, key: str, now: float) -> None:
        """Begin to move the card into the bin; CardTaken follows instead if a hand is faster."""
        self._want(Wish(Want.RETAIN, key, because), now)

    def _want(self, wish: Wish, now: float) -> None:
        if not self._wishes.add(wish):
            return
        if wish is self._wishes.present and self._line.command in words.WAITS_FOR_HAND:
            self._line.interrupt()
            self._card.doubt()
        self._go_on(now)

    # --- power and port -------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """Power is gone, for the reader too. The terminal will not remember what it wanted."""
        self._stop()
        self._wishes.clear()
        self._condition.becomes(DeviceState.POWER_OFF)
        self._slot.order("power_off")
        self._slot.nobody_comes()

    def power_on(self, now: float) -> None:
        """Power is back: after Initial Reset the reader says where the card is."""
        self._slot.order("power_on")
        self._stop()
        self._reset = words.INITIAL_RESET
        if self._port.is_open:
            self._condition.becomes(DeviceState.STARTING)
            self._pause.begin(START_S, now, self._go_on)
        else:
            self._condition.becomes(DeviceState.NO_DEVICE, "there is no port")

    def on_port_changed(self, now: float) -> None:
        """The port is there, or gone."""
        if not self._scene.has_power:
            return
        self._stop()
        if self._port.is_open:
            self._condition.becomes(DeviceState.STARTING)
            self._ask_afresh(now)
        else:
            self._condition.becomes(DeviceState.NO_DEVICE, "the port is gone")
            self._refuse("the card reader is gone", now)

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the reader."""
        if self._scene.has_power:
            self._line.on_bytes(data, now)

    def on_happened(self, event: str, detail: Detail, now: float) -> None:
        """Something has physically happened at the machine."""
        self._slot.on_happened(event, now)

    def _send(self, data: bytes) -> None:
        if self._port.is_open:
            self._port.send(data)

    def _stop(self) -> None:
        """Nothing is under way, and nothing is known."""
        self._line.drop()
        self._pause.stop()
        self._card.doubt()

    # --- step by step ---------------------------------------------------------------------------

    def _go_on(self, now: float) -> None:
        """The next command, if one is needed and may be sent."""
        is_free = not self._line.command and not self._pause.is_on
        if not (is_free and self._scene.has_power and self._port.is_open):
            return
        if self._reset:
            self._ask(self._reset, now, words.RESET_PARAMETERS)
        elif not self._card.is_known:
            self._ask(words.STATUS, now)
        elif self._card.must_count:
            self._ask(words.CAPTURED_NUMBER, now)
        else:
            self._fulfil(now)

    def _fulfil(self, now: float) -> None:
        wish = self._wishes.present
        if wish is None or wish.failures < FAILURES_MAX:
            self._condition.becomes(DeviceState.ONLINE)
        if wish is None:
            return
        if wish.want is Want.INSERT:
            self._take_in(wish, now)
            return
        if not wish.has_begun:
            wish.has_begun = True
            self._slot.begin(wish.key, wish.because)
        if self.media is MediaState.NOT_PRESENT:
            self._without_card(wish, now)
        elif wish.want is Want.EJECT:
            self._give_out(now)
        else:
            is_in_slot = self.media is MediaState.ENTERING
            self._ask(words.DRAW_IN_AND_CAPTURE if is_in_slot else words.CAPTURE, now)

    def _take_in(self, wish: Wish, now: float) -> None:
        """A card that is there before anybody came was left by somebody whom the terminal has forgotten."""
        if self.media is MediaState.ENTERING:
            self._report("occupied", "a card lies in the slot")
            self._refuse("a card lies in the slot", now)
            self._go_on(now)
        elif self.media is not MediaState.NOT_PRESENT and wish.has_begun:
            self._ask(words.READ_TRACK_2, now)
        elif self.media is not MediaState.NOT_PRESENT:
            self._slot.because = "it was left in the reader"
            self._ask(words.CAPTURE, now)
        else:
            if not wish.has_begun:
                wish.has_begun, self._was_kept = True, False
                self._slot.begin("", "")
                self._slot.somebody_comes(words.plain_track(wish.track2))
            self._ask(words.INTAKE, now)

    def _give_out(self, now: float) -> None:
        if self.media is MediaState.ENTERING:
            self._slot.tell_ejected()
            self._ask(words.AWAIT_REMOVAL, now)
        else:
            self._ask(words.RETURN, now)

    def _without_card(self, wish: Wish, now: float) -> None:
        """There is no card: the customer has it, unless the reader has kept it."""
        if wish.want is Want.EJECT and not wish.is_unserved:
            if self._was_kept:
                self._report("mediaRetained", "the card is in the bin")
            else:
                self._give_taken(now)
        self._wishes.done()
        self._go_on(now)

    def _ask(self, command: str, now: float, parameters: bytes = b"") -> None:
        self._line.ask(command, parameters, words.ANSWER_S.get(command, words.RESPONSE_S), now)

    # --- what the reader says -------------------------------------------------------------------

    def _on_ended(self, text: bytes | None, now: float) -> None:
        command, state = ("", "") if text is None else (text[1:3].decode("latin-1"), text[3:5].decode("latin-1"))
        if text is None or (text[:1] == b"P" and state not in words.POSITIONS):
            self._is_silent(now)
        elif text[:1] == b"N":
            self._on_error(command, state, now)
        else:
            self._on_good(command, words.POSITIONS[state], text[5:], now)

    def _is_silent(self, now: float) -> None:
        if self.state is not DeviceState.OFFLINE:
            self._condition.failed("deviceNotReady", SILENT, self._slot.key)
        self._refuse(SILENT, now)
        self._card.doubt()
        self._condition.becomes(DeviceState.OFFLINE, SILENT)
        self._pause.begin(PAUSE_S, now, self._ask_afresh)

    def _ask_afresh(self, now: float) -> None:
        """Whatever the reader may still be doing, it shall leave it and say where the card is."""
        if self._port.is_open:
            self._line.interrupt()
        self._go_on(now)

    def _on_good(self, command: str, media: MediaState, data: bytes, now: float) -> None:
        if command == words.CAPTURED_NUMBER:
            if not (len(data) == 3 and data.isdigit()):
                self._is_silent(now)
                return
            self._on_counted(self._card.counted(int(data), media), now)
        elif command == words.AWAIT_REMOVAL:
            self._line.interrupt()  # it may be a word of before that came late, and the reader still waits
            self._card.doubt()  # cash may follow a card that is gone: the sensors shall say so too
        else:
            self._card.see(media)
        if command in (words.CAPTURE, words.DRAW_IN_AND_CAPTURE):
            self._card.sent_to_bin()
        elif command == words.READ_TRACK_2:
            self._on_read(data, now)
        elif command == self._reset:
            self._reset = ""
        self._go_on(now)

    def _on_read(self, data: bytes, now: float) -> None:
        """Whose card a person has put in is not known here; what an order has put in is."""
        wish = self._wishes.present
        if wish is None or wish.want is not Want.INSERT:
            return
        if self._slot.has_machine and words.plain_track(data.decode("latin-1")) != words.plain_track(wish.track2):
            because = "track 2 is not that of the card that was put in"
            self._report("invalidMedia", because)
            self._refuse(because, now)
        else:
            self._wishes.done()
            wish.entered("", now)

    def _on_counted(self, became: Became, now: float) -> None:
        wish = self._wishes.present
        wants = wish.want if wish is not None else None
        if wish is not None and wish.want is Want.INSERT and not wish.has_begun:
            wants = None  # it was the card before
        if became is Became.CAPTURED:
            self._was_kept = True
            self._slot.tell_retained()
            if wants in (Want.INSERT, Want.EJECT):
                self._report("mediaRetained", "the reader has kept the card by itself")
        elif became is Became.TAKEN:
            self._slot.tell_taken()
            if wish is not None and wants in (Want.EJECT, Want.RETAIN) and not wish.is_unserved:
                self._give_taken(now)
        elif became is Became.LOST:
            self._report("hardwareError", "it says that the card went out at the rear, and has not counted it")
        if wants is None or became is Became.NOTHING:
            return
        if wants is Want.INSERT:
            self._refuse(f"the card is {became.name.lower()}", now)
        else:
            self._wishes.done()

    # --- what goes wrong ------------------------------------------------------------------------

    def _on_error(self, command: str, code: str, now: float) -> None:
        if code in words.NEEDS_RESET:
            self._must_reset(code, now)
        elif code in (words.NOT_INSERTED, words.NOT_TAKEN):
            self._nobody_moves(now)
        elif code == words.HELD:
            self._reset = ""
            self._card.see(MediaState.ENTERING)
            self._go_on(now)
        elif code == words.TAKEN:
            self._card.doubt()
            self._go_on(now)
        elif code == words.NOT_ALLOWED and command == words.STATUS:
            self._reset = words.RETURNING_RESET
            self._go_on(now)
        elif command == words.READ_TRACK_2 or code in words.WRONG_LENGTH:
            self._cannot_read(code, now)
        else:
            self._card.doubt()
            self._try_again(code, now)

    def _cannot_read(self, code: str, now: float) -> None:
        """The card is in there, and can only go out again."""
        self._card.see(MediaState.PRESENT)
        self._report(*words.error_of(code))
        self._refuse("the card cannot be read", now)
        self._go_on(now)

    def _nobody_moves(self, now: float) -> None:
        """No card was put in, or none was taken, for as long as the reader waits."""
        wish = self._wishes.present
        if wish is not None and wish.want is Want.INSERT:
            wish.intakes += 1
            if wish.intakes >= INTAKES_MAX:
                self._refuse("nobody has put a card in", now)
        elif wish is not None and wish.is_unserved and wish.want is Want.EJECT:
            self._wishes.change(Wish(Want.RETAIN, because="it was not taken", is_unserved=True))
        self._go_on(now)

    def _refuse(self, because: str, now: float) -> None:
        """Whoever wants to come in goes away. If the card may be inside it goes back."""
        wish = self._wishes.present
        if wish is None or wish.want is not Want.INSERT:
            return
        self._slot.nobody_comes()
        if wish.has_begun:
            self._wishes.change(Wish(Want.EJECT, is_unserved=True))
        else:
            self._wishes.done()
        wish.entered(because, now)

    def _must_reset(self, code: str, now: float) -> None:
        self._card.doubt(MediaState.JAMMED if code in words.JAMS else MediaState.UNKNOWN)
        self._reset = self._reset or words.INITIAL_RESET
        if code in words.STARTING:
            self._condition.becomes(DeviceState.STARTING)
            self._pause.begin(words.SETTLE_S, now, self._go_on)
        else:
            self._try_again(code, now)
            self._condition.becomes(DeviceState.HARDWARE_ERROR, words.error_of(code)[1])

    def _try_again(self, code: str, now: float) -> None:
        """Go on from where the card is; with a pause if that has not helped so far."""
        self._report(*words.error_of(code))
        wish = self._wishes.present
        is_fast = False
        if wish is not None:
            wish.failures += 1
            is_fast = wish.failures < FAILURES_MAX
        if not is_fast:
            self._refuse("the card reader does not work", now)
        self._pause.begin(words.SETTLE_S if is_fast else PAUSE_S, now, self._go_on)

    def _report(self, error: str, because: str) -> None:
        """A failure, once for each wish; where nothing is wanted, once until the reader works again."""
        wish = self._wishes.present
        if wish is None:
            if self.state is not DeviceState.HARDWARE_ERROR:
                self._condition.failed(error, because)
        elif error not in wish.reported:
            wish.reported.add(error)
            self._condition.failed(error, because, wish.key)

    # --- later ----------------------------------------------------------------------------------

    def _give_taken(self, now: float) -> None:
        self._agenda.plan(now, lambda at: self._scene.give(inputs.CardTaken()))
