"""The compiled codec says what the reference says, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.messages.compiled import COMPILED_MAX, MET_BEFORE_COMPILING, CompiledCodec, can_compile
from atmbench.messages.failures import DecodeFailed, EncodeFailed
from atmbench.messages.layout import Layout
from atmbench.messages.layout_file import Content, Form
from atmbench.messages.records import Message
from atmbench.messages.reference import ReferenceCodec
from tests.messages.layouts import LAYOUTS

COMPILING = {name: layout for name, layout in LAYOUTS.items() if can_compile(layout)}
ALPHABETS = {Content.N: "0123456789", Content.Z: "0123456789D", Content.B: "0123456789ABCDEF"}


def text_for(layout: Layout, number: int) -> st.SearchStrategy[str]:
    slot = layout.slots[number]
    size = slot.size
    if slot.content is Content.XN:
        return st.builds("{}{:0{}d}".format, st.sampled_from("CD"), st.integers(0, 10**8 - 1), st.just(size - 1))
    alphabet = ALPHABETS.get(slot.content) or "".join(map(chr, range(32, 127)))
    least, most = (0, min(size, 45)) if slot.prefix_digits else (size, size)
    text = st.text(alphabet, min_size=least, max_size=most)
    if slot.content is Content.B:
        return st.binary(min_size=least, max_size=most).map(lambda data: data.hex().upper())
    return text


def messages(layout: Layout) -> st.SearchStrategy[Message]:
    numbers = st.sets(st.sampled_from(sorted(layout.slots)), max_size=17)
    return numbers.flatmap(
        lambda chosen: st.builds(
            Message,
            st.text("0123456789", min_size=4, max_size=4),
            st.fixed_dictionaries({number: text_for(layout, number) for number in chosen}),
            st.just(layout.header.value if layout.header else ""),
        )
    )


def trained(layout: Layout, message: Message, raw: bytes) -> CompiledCodec:
    compiled = CompiledCodec(layout)
    for _ in range(MET_BEFORE_COMPILING):
        compiled.met_message(message)
        compiled.met_bytes(raw, Message(message.mti, dict(sorted(message.fields.items())), message.header))
    return compiled


def read(codec: ReferenceCodec, raw: bytes) -> Message | None:
    try:
        return codec.decode(raw)
    except DecodeFailed:
        return None


@pytest.mark.parametrize("name", COMPILING)
@given(data=st.data())
def test_both_codecs_say_the_same_of_a_sound_message(name: str, data: st.DataObject) -> None:
    layout = LAYOUTS[name]
    reference = ReferenceCodec(layout)
    message = data.draw(messages(layout))
    raw = reference.encode(message)
    compiled = trained(layout, message, raw)
    assert compiled.encode(message) in (raw, None)
    assert compiled.decode(raw) in (reference.decode(raw), None)
    if all(message.fields.values()):  # an empty field is left to the reference
        assert compiled.encode(message) == raw
        assert compiled.decode(raw) == reference.decode(raw) == message


@pytest.mark.parametrize("name", COMPILING)
@given(data=st.data())
def test_damaged_bytes_are_never_read_as_anything_else(name: str, data: st.DataObject) -> None:
    layout = LAYOUTS[name]
    reference = ReferenceCodec(layout)
    message = data.draw(messages(layout))
    raw = reference.encode(message)
    compiled = trained(layout, message, raw)
    for place, junk, inserts in data.draw(
        st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=2), st.booleans()), min_size=1, max_size=3)
    ):
        at = place % (len(raw) + 1)
        raw = raw[:at] + junk + raw[at + (0 if inserts else len(junk)) :]
    got = compiled.decode(raw)
    assert got is None or got == read(reference, raw)


@pytest.mark.parametrize("name", COMPILING)
@given(data=st.data())
def test_a_field_that_does_not_fit_is_never_encoded(name: str, data: st.DataObject) -> None:
    layout = LAYOUTS[name]
    reference = ReferenceCodec(layout)
    message = data.draw(messages(layout))
    compiled = trained(layout, message, reference.encode(message))
    mti = data.draw(st.sampled_from([message.mti, "020", "02X0", "02²0", "00200"]))
    fields = {number: data.draw(st.just(text) | st.text(max_size=45)) for number, text in message.fields.items()}
    odd = Message(mti, fields, message.header)
    try:
        expected: bytes | None = reference.encode(odd)
    except EncodeFailed:
        expected = None
    assert compiled.encode(odd) in (expected, None)


def test_noise_is_not_compiled_for() -> None:
    layout = LAYOUTS["text"]
    compiled = CompiledCodec(layout)
    raw = ReferenceCodec(layout).encode(Message("0200", {3: "010000"}))
    compiled.met_bytes(raw, Message("0200", {3: "010000"}))
    assert compiled.decode(raw) is None
    compiled.met_bytes(raw, Message("0200", {3: "010000"}))
    assert compiled.decode(raw) == Message("0200", {3: "010000"})


def test_only_so_many_sets_of_fields_are_compiled() -> None:
    layout = LAYOUTS["text"]
    compiled = CompiledCodec(layout)
    fixed = [number for number, slot in layout.slots.items() if slot.prefix_digits == 0]
    sets = [[n for bit, n in enumerate(fixed) if chosen >> bit & 1] for chosen in range(COMPILED_MAX + 20)]
    texts = {n: ("C" if n == 28 else "0") + "0" * (_characters(layout, n) - 1) for n in fixed}
    for _ in range(MET_BEFORE_COMPILING):
        for chosen in sets:
            compiled.met_message(Message("0200", {n: texts[n] for n in chosen}))
    made = [compiled.encode(Message("0200", {n: texts[n] for n in chosen})) for chosen in sets]
    assert sum(raw is not None for raw in made) == COMPILED_MAX


def _characters(layout: Layout, number: int) -> int:
    slot = layout.slots[number]
    return slot.size * 2 if slot.form is Form.HEX else slot.size
