"""Whatever comes to a PIN pad, it never raises, never grows, and never lets a secret out."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.outcomes import Send, Tell
from firmware_stubs.pin_pad.link import FRAME_BYTES_MAX, Reader, frame
from firmware_stubs.pin_pad.settings import Settings
from firmware_stubs.pin_pad.stub import PinPad
from tests.firmware_stubs.pin_pad_play import MASTER, WORKING, Play, framed

COMMANDS = st.sampled_from([*"123456789:INSsbF"])
DIGITS = st.text("0123456789ABCDEF", max_size=60)
FRAMED = st.builds(lambda command, data: framed(command + data), COMMANDS, DIGITS)
ANYTHING = st.one_of(
    FRAMED,
    st.binary(max_size=60),
    st.builds(lambda command, data: framed(command.encode() + data), COMMANDS, st.binary(max_size=40)),
    st.sampled_from([b"\x02", b"\x02000", b"\x02999", b"\x03", 300 * b"\x02000\x03"]),
)
HANDS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"do": "type_pin", "pin": "4271936", "every_s": 0.0},
        {"do": "press", "keys": ["1", "clear", "cancel", "00", "."], "every_s": 0.0},
        {"do": "power_off"},
        {"do": "power_on"},
        {"do": "link_fault", "at": "answer_late", "late_s": 1.0},
    ]
)


@given(st.lists(st.one_of(ANYTHING, HANDS), max_size=30), st.sampled_from(["zt598", "zt588"]), st.sampled_from([0, 3]))
def test_whatever_is_heard_is_answered_or_not_and_bounded(
    happens: list[bytes | dict[str, Any]], profile: str, answer_s: float
) -> None:
    play = Play(profile=profile, answer_s=answer_s)
    for each in happens:
        if isinstance(each, bytes):
            play.hear(each)
        else:
            play.order(**each)
        play.wait(0.1)
    play.wait(400)
    assert len(play.pad._reader._heard) <= FRAME_BYTES_MAX
    assert play.pad.deadline is None
    assert PinPad(Settings(profile=profile), play.pad.kept()).kept() == play.pad.kept()  # type: ignore[arg-type]


@given(st.lists(st.one_of(FRAMED, HANDS), max_size=25))
def test_no_key_and_no_pin_ever_comes_out(happens: list[bytes | dict[str, Any]]) -> None:
    play = Play(authentication="never").set_up()
    play.ask("600012")
    for each in happens:
        if isinstance(each, bytes):
            if each[4:7] == b"503" or each[4:5] in (b"1", b"2"):
                continue  # keys in the clear are wanted then; and a key that a host sends, it knows
            play.hear(each)
        else:
            play.order(**each)
    play.wait(400)
    said = b"".join(each.data for each in play.outcomes if isinstance(each, Send))
    told = repr([each for each in play.outcomes if isinstance(each, Tell)])
    for secret in (WORKING[:16], WORKING[16:], MASTER[:16], MASTER[16:], "4271936"):
        assert secret.encode() not in said
        assert secret not in told + repr(play.pad.seen())


@given(st.binary(max_size=600), st.integers(1, 9))
def test_an_answer_is_found_behind_any_noise_that_is_over(noise: bytes, size: int) -> None:
    reader = Reader(0.5)
    for at in range(0, len(noise), size):
        reader.feed(noise[at : at + size], 0.0)
    assert reader.feed(frame(b"3"), 1.0) == [b"3"]
