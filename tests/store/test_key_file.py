"""Key files: who may read them, what they say, and that no error gives a key away."""

import os
from pathlib import Path

import pytest

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key
from atmbench.store.key_file import FILE_BYTES_MAX, KEYS_MAX, keys_of_environment, read_key_file
from tests.security.secrecy import leaks, refusal

TMK = "0123456789ABCDEFFEDCBA9876543210"
AES_KEY = "00112233445566778899AABBCCDDEEFF"


def key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "bench.keys"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_keys_are_read_by_name(tmp_path: Path) -> None:
    spaced = "01234567 89abcdef FEDCBA98 76543210"
    lines = ["# ours", "", f"TMK={TMK}", f" TAK_2 = aes:{AES_KEY}  # AES", f"TPK={spaced}", f"DES={TMK[:16]}"]
    assert read_key_file(key_file(tmp_path, "\n".join(lines))) == {
        "TMK": Key.parse(TMK),
        "TAK_2": Key.parse(AES_KEY, Algorithm.AES),
        "TPK": Key.parse(TMK),
        "DES": Key.parse(TMK[:16]),
    }


def test_flat_yaml_is_read_too(tmp_path: Path) -> None:
    text = f"---\nTMK: {TMK}\nTPK: \"{TMK}\" # quoted\nTAK: 'AES:{AES_KEY}'\n"
    assert read_key_file(key_file(tmp_path, text)) == {
        "TMK": Key.parse(TMK),
        "TPK": Key.parse(TMK),
        "TAK": Key.parse(AES_KEY, Algorithm.AES),
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path, f"TMK={TMK}", mode)
    with pytest.raises(LocalError, match=rf"\(mode {mode:o}\); run `chmod 600 "):
        read_key_file(path)
    path.chmod(0o400)
    assert list(read_key_file(path)) == ["TMK"]


def test_a_link_does_not_hide_who_may_read(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(key_file(tmp_path, f"TMK={TMK}", 0o644))
    with pytest.raises(LocalError, match="chmod 600"):
        read_key_file(link)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TMK, "line 1: no key stands there; expected NAME = HEX"),
        (f"TMK={TMK}\n{TMK}=TPK", "line 2: the name is none"),
        (f"tmk={TMK}", "line 1: the name is none"),
        ("ABCDEFABCDEFABCDEFABCDEFABCDEFAB=TMK", "line 1: the name is none"),
        (f"TMK={TMK}\nTMK={TMK}", "line 2: the key TMK stands there again"),
        (f"\nTMK={TMK}0", "line 2: a key is not hexadecimal text"),
        (f"TMK={TMK[:-1]}O", "line 1: a key is not hexadecimal text"),
        (f"TMK={TMK[:-2]}", "line 1: a key of 15 bytes was given"),
        (f"TMK=aes:{TMK[:16]}", "line 1: a key of 8 bytes was given; aes keys"),
        (f'TMK="{TMK}', "line 1: no key stands there"),
        (f"TMK={TMK}{' ' * 100_000}'", "line 1: no key stands there"),
        (f"{'TMK' * 100_000}={TMK}", "line 1: no key stands there"),
        ("TMK=", "line 1: a key of 0 bytes was given"),
        (f"TMK={TMK}\u00e9", "is not ASCII text"),
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_not_quoted(tmp_path: Path, text: str, says: str) -> None:
    refused = refusal(lambda: read_key_file(key_file(tmp_path, text)), LocalError)
    assert says in refused
    assert not leaks(refused, [bytes.fromhex(TMK), "ABCDEFAB"])


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be read: No such file"):
        read_key_file(tmp_path / "none")
    with pytest.raises(LocalError, match="cannot be read: Is a directory"):
        read_key_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(LocalError, match="is no plain file"):
            read_key_file(tmp_path / "pipe")
    finally:
        os.close(reader)


def test_there_are_bounds(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=f"more than {FILE_BYTES_MAX} bytes"):
        read_key_file(key_file(tmp_path, "#" * (FILE_BYTES_MAX + 1)))
    many = "".join(f"K{number}={TMK[:16]}\n" for number in range(KEYS_MAX + 1))
    with pytest.raises(LocalError, match="one key too many"):
        read_key_file(key_file(tmp_path, many))


def test_keys_are_taken_from_the_environment() -> None:
    environment = {"ATMBENCH_KEY_TMK": TMK, "ATMBENCH_KEY_TAK": f"aes:{AES_KEY}", "HOME": "/", "ATMBENCH_SEED": "7"}
    assert keys_of_environment(environment) == {"TMK": Key.parse(TMK), "TAK": Key.parse(AES_KEY, Algorithm.AES)}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ATMBENCH_KEY_TMK", TMK[:-1], "the variable ATMBENCH_KEY_TMK: a key is not hexadecimal text"),
        (f"ATMBENCH_KEY_{TMK}", "TMK", "a variable ATMBENCH_KEY_...: the name is none"),
        ("ATMBENCH_KEY_", TMK, "a variable ATMBENCH_KEY_...: the name is none"),
    ],
)
def test_a_wrong_variable_is_not_quoted(variable: str, value: str, says: str) -> None:
    refused = refusal(lambda: keys_of_environment({variable: value}), LocalError)
    assert says in refused
    assert not leaks(refused, [bytes.fromhex(TMK)])
