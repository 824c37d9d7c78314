"""tools/conformance.py tells right from wrong on a small file, and says by which layout."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools import conformance

PLAIN = {"base": "default_ascii", "override": {}}
ECHO = {
    "id": "X-01",
    "dialect": "iso87-ascii",
    "hex": (b"0800822000000080000004000000000000001123192959000001T0000007301").hex(),
    "fields": {"t": "0800", "7": "1123192959", "11": "000001", "41": "T0000007", "70": "301"},
    "expect": "accept",
    "roundtrip": True,
    "spec": PLAIN,
}
CUT = {
    "id": "X-02",
    "dialect": "iso87-ascii",
    "hex": (b"04002000000000000200010000030ABC").hex(),
    "fields": {"t": "0400", "3": "010000"},
    "expect": "reject",
    "expect_error_field": "55",
    "expect_error_pos": 29,
    "spec": PLAIN,
}
CHIP = {
    "id": "X-03",
    "dialect": "of a kind nobody knows",
    "hex": b"0200".hex() + "0000000000000200" + b"009".hex() + "9F02029500820120" + "00",
    "fields": {"t": "0200", "55": "9F0202950082012000"},
    "de55": {"55.9F02": "9500", "55.82": "20", "55.00": "00"},
    "expect": "accept",
    "spec": {"base": "default", "override": {}},
}
NO_SHIPPED = {
    "id": "X-04",
    "dialect": "iso87-ascii",
    "hex": (b"HEADER02002000000000000000010000").hex(),
    "fields": {"h": "HEADER", "t": "0200", "3": "010000"},
    "expect": "accept",
    "roundtrip": True,
    "spec": {
        "base": "default_ascii",
        "override": {"h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 6}},
    },
}
TWO_BITMAPS = {
    "id": "X-05",
    "dialect": "none",
    "hex": (b"020020000000000000000400000000000000010000001").hex(),
    "fields": {"t": "0200", "3": "010000", "70": "001"},
    "expect": "accept",
    "roundtrip": True,
    "spec": {**PLAIN, "dialect_flag": conformance.ALWAYS_TWO},
}
EBCDIC = {
    "id": "X-06",
    "dialect": "ebcdic",
    "hex": "F0F2F0F0" + "2000000000000000" + "F0F1F0F0F0F0",
    "fields": {"t": "0200", "3": "010000"},
    "expect": "accept",
    "roundtrip": True,
    "spec": {
        "base": "default",
        "override": {
            "t": {"data_enc": "cp500", "len_enc": "cp500", "len_type": 0, "max_len": 4},
            "3": {"data_enc": "cp500", "len_enc": "cp500", "len_type": 0, "max_len": 6},
        },
    },
}


THIRD_BITMAP = {
    "id": "X-07",
    "dialect": "none",
    "hex": (b"0200A0000000000000008000000000000000400000000000000001000003abc").hex(),
    "fields": {"t": "0200", "3": "010000", "130": "abc"},
    "expect": "accept",
    "roundtrip": True,
    "spec": {
        "base": "default_ascii",
        "override": {"130": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 2, "max_len": 10}},
    },
}
ODD_LENGTHS = {
    "id": "X-08",
    "dialect": "none",
    "hex": b"0200".hex() + "4000000000000208" + "05" + "41111F" + "C8" + "AB" * 200 + b"00002xy".hex(),
    "fields": {"t": "0200", "2": "41111", "55": "AB" * 200, "61": "xy"},
    "expect": "accept",
    "roundtrip": True,
    "spec": {
        "base": "default",
        "override": {
            "2": {
                "data_enc": "b",
                "len_enc": "bcd",
                "len_type": 1,
                "max_len": 19,
                "len_count": "nibbles",
                "right_pad": "F",
            },
            "55": {"data_enc": "b", "len_enc": "b", "len_type": 1, "max_len": 255},
            "61": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 5, "max_len": 30},
        },
    },
}


def run(entries: object, path: Path) -> int:
    file = path / "messages.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    return conformance.main([str(file)])


def test_right_entries_pass_and_the_summary_says_by_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([ECHO, CUT, CHIP, NO_SHIPPED, TWO_BITMAPS, EBCDIC, THIRD_BITMAP, ODD_LENGTHS], tmp_path) == 0
    said = capsys.readouterr().out
    assert "8 messages:" in said
    assert "0 failed" in said
    assert "decoded in iso87-ascii" in said
    assert "by own layout  X-04 (iso87-ascii): iso87-ascii: refused at field p" in said


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (ECHO, {"fields": {**ECHO["fields"], "11": "000002"}}, "field 11 was read"),  # type: ignore[dict-item]
    (ECHO, {"fields": {**ECHO["fields"], "39": "00"}}, "fields 39 are on one side only"),  # type: ignore[dict-item]
    (ECHO, {"expect": "reject", "expect_error_field": "70", "expect_error_pos": 60}, "was read to its end"),
    (CUT, {"expect": "accept"}, "refused at field 55, byte 29"),
    (CUT, {"expect_error_pos": 28}, "meant to be refused at field 55, byte 28"),
    (CUT, {"fields": {"t": "0400", "3": "010000", "4": "1"}}, "fields 4 before the refusal were not read"),
    (CHIP, {"de55": {"55.9F02": "9501"}}, "tags 55.9F02"),
    (NO_SHIPPED, {"spec": {**PLAIN, "dialect_flag": "upside down"}}, "upside down"),
]


@pytest.mark.parametrize(("entry", "change", "told"), WRONG)
def test_a_wrong_entry_fails_and_says_what_was_meant(
    entry: dict[str, Any], change: dict[str, Any], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([{**entry, **change}], tmp_path) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"FAILED         {entry['id']}")
    assert told in said


def test_a_file_that_is_no_such_list_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"a": 1}, tmp_path) == 2
    assert "no list of messages" in capsys.readouterr().err
