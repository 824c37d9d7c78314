"""Files told as another one: what is kept, replaced, left out, and what is refused."""

import msgspec
import pytest

from atmbench.datafile import EXTENDS_MAX, DataFileError, load_extending


class Part(msgspec.Struct, forbid_unknown_fields=True):
    size: int
    name: str = ""


class Book(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    parts: dict[int, Part] = {}
    words: tuple[str, ...] = ()


FILES = {
    "base": "title: base\nparts:\n  1: {size: 10, name: one}\n  2: {size: 20}\nwords: [a, b]\n",
    "middle": "extends: base\ntitle: middle\nparts: {3: {size: 30}}\n",
    "loop": "extends: pool\ntitle: x\n",
    "pool": "extends: loop\ntitle: x\n",
    **{f"long{n}": f"extends: long{n + 1}\ntitle: x\n" for n in range(EXTENDS_MAX + 1)},
}


def book(text: str) -> Book:
    return load_extending(text, Book, name="mine", find=FILES.__getitem__)


def test_a_file_that_extends_nothing_is_what_it_says() -> None:
    assert book("title: alone") == Book("alone")


def test_mappings_are_laid_over_one_another_and_the_rest_is_replaced() -> None:
    mine = book("extends: middle\ntitle: mine\nparts: {1: {size: 11}}\nwords: [c]\n")
    assert mine == Book("mine", {1: Part(11, "one"), 3: Part(30), 2: Part(20)}, ("c",))


def test_keys_of_the_own_file_come_first() -> None:
    assert list(book("extends: base\ntitle: mine\nparts: {9: {size: 9}, 2: {size: 2}}\n").parts) == [9, 2, 1]


def test_what_is_left_out_is_gone_before_the_own_keys_are_laid_over() -> None:
    assert book("extends: base\nwithout: [words, parts.1]\nparts: {1: {size: 5}}\n") == Book(
        "base", {1: Part(5), 2: Part(20)}
    )


def test_the_other_file_is_left_as_it_was() -> None:
    book("extends: base\nwithout: [parts]\n")
    assert book("extends: base").parts == {1: Part(10, "one"), 2: Part(20)}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("title: x\nextends: [base]\n", 2, "the name of one other file"),
        ("title: x\nextends:\n", 2, "the name of one other file"),
        ("extends: loop\n", 1, "mine > loop > pool > loop"),
        ("extends: long0\n", 1, f"at most {EXTENDS_MAX} files"),
        ("extends: base\nwithout: words\n", 2, "a list of keys"),
        ("extends: base\nwithout: [wrods]\n", 2, "'wrods' in 'without'"),
        ("extends: base\nwithout: [words.a]\n", 2, "'words.a' in 'without'"),
        ("extends: base\nparts: {2: {sise: 3}}\n", 2, "sise"),
        ("title: x\nwithout: [words]\n", 2, "without"),
    ],
)
def test_what_cannot_be_is_one_error(text: str, line: int, told: str) -> None:
    with pytest.raises(DataFileError) as caught:
        book(text)
    assert told in str(caught.value)
    assert caught.value.line == line or "chain" in str(caught.value)
