"""Benchmark: what our codec costs in each dialect, as a ratio to bare pyiso8583 on the same message.

    python tools/bench_codec.py [--repeats 7] [--number 2000] [--json]

Below 1 is faster than pyiso8583. "checked" is the codec as the bench uses it, content checks included;
"reference" the same without what is compiled, as a message is read that was never met before. Both
sides take turns in one process; figures are medians.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import iso8583

from atmbench.messages.codec import Codec
from atmbench.messages.dialect import dialect_names, load_dialect
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request
from atmbench.messages.reference import ReferenceCodec

PAN = "9999990000000014"
WITHDRAWAL = Request(
    purpose=Purpose.WITHDRAWAL,
    service=Purpose.WITHDRAWAL,
    terminal="T07",
    stan=118,
    transmitted="0105080000",
    local_time="260105090000",
    rrn="010509000118",
    amount_minor=5000,
    currency="NGN",
    pan=PAN,
    track2=f"{PAN}=30122010000000000",
    pin_block="0412AC89ABCDEF67",
    acquirer="123456",
    merchant="ATMBENCH0000001",
    location="1 TEST STREET          LAGOS        LANG",
)
APPROVAL = Reply(
    purpose=Purpose.WITHDRAWAL,
    terminal="T07",
    stan=118,
    outcome=Outcome.APPROVED,
    code="",
    amount_minor=5000,
    currency="NGN",
    approval_code="123456",
)


def microseconds(act: Callable[[], object], number: int) -> float:
    """Of one call, over so many."""
    began = time.perf_counter()
    for _ in range(number):
        act()
    return (time.perf_counter() - began) / number * 1e6


def measured(name: str, message: Message, repeats: int, number: int) -> dict[str, float]:
    """Microseconds and ratios for one message of one dialect."""
    dialect = load_dialect(name)
    codec, plain = Codec(dialect), Codec(dialect, compiles=False)
    raw = codec.encode(message)
    for _ in range(4):
        codec.encode(message)
        codec.decode(raw)
    reference = ReferenceCodec(dialect.layout_for(message.mti))
    spec, plain_raw = reference.spec, reference.as_pyiso8583(raw)
    document, _ = iso8583.decode(plain_raw, spec)
    sides: dict[str, Callable[[], object]] = {
        "bare": lambda: (iso8583.encode(dict(document), spec), iso8583.decode(plain_raw, spec)),
        "checked": lambda: (codec.encode(message), codec.decode(raw)),
        "reference": lambda: (plain.encode(message), plain.decode(raw)),
    }
    turns = [{side: microseconds(act, number) for side, act in sides.items()} for _ in range(repeats)]
    return {
        "bytes": len(raw),
        "bare_us": round(statistics.median(turn["bare"] for turn in turns), 1),
        "checked_us": round(statistics.median(turn["checked"] for turn in turns), 1),
        "checked_ratio": round(statistics.median(turn["checked"] / turn["bare"] for turn in turns), 2),
        "reference_ratio": round(statistics.median(turn["reference"] / turn["bare"] for turn in turns), 2),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    table = {}
    for name in dialect_names():
        dialect = load_dialect(name)
        if dialect.layout.encoding.bitmaps == "always_two":
            continue  # pyiso8583 alone cannot read it: there is nothing to compare with
        request = dialect.request_message(WITHDRAWAL)
        for what, message in (("request", request), ("reply", dialect.reply_message(request, APPROVAL))):
            table[f"{name} {what} {message.mti}"] = measured(name, message, options.repeats, options.number)
    if options.json:
        print(json.dumps({"python": platform.python_version(), **table}))
        return
    print(f"Python {platform.python_version()}; encode and decode, microseconds and ratios to bare pyiso8583")
    columns = ("bytes", "bare_us", "checked_us", "checked_ratio", "reference_ratio")
    print(f"{'':<36}" + "".join(f"{column:>16}" for column in columns))
    for name, row in table.items():
        print(f"{name:<36}" + "".join(f"{row[column]:>16}" for column in columns))


if __name__ == "__main__":
    main(sys.argv[1:])
