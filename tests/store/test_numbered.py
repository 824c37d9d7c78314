"""A numbered history: any reader finds any number, whatever was flushed when."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from atmbench.store import numbered
from atmbench.store.numbered import HistoryReader, NumberedHistory


def everything(reader: HistoryReader) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while (some := reader.read()) is not None:
        found += list(enumerate(some[1], start=some[0]))
    return found


def write(history: NumberedHistory, first: int, many: int) -> None:
    history.write(b"".join(b'{"n":%d}\n' % number for number in range(first, first + many)))


def test_a_reader_gets_what_is_on_disk_and_then_the_rest(tmp_path: Path) -> None:
    with (tmp_path / "h").open("ab") as file:
        history = NumberedHistory(tmp_path / "h", file)
        reader = HistoryReader(history, 0)
        assert reader.read() is None
        write(history, 1, 3)
        assert reader.behind == 3
        assert everything(reader) == []
        history.flush()
        assert everything(reader) == [(1, b'{"n":1}'), (2, b'{"n":2}'), (3, b'{"n":3}')]
        assert reader.behind == 0
        reader.close()


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    with (tmp_path / "h").open("ab", buffering=0) as file:
        history = NumberedHistory(tmp_path / "h", file)
        reader = HistoryReader(history, 0)
        file.write(b'{"a"')
        assert everything(reader) == []
        file.write(b":1}\n{")
        assert everything(reader) == [(1, b'{"a":1}')]
        reader.close()


def test_the_index_is_sparse_and_a_reader_can_go_to_the_end(tmp_path: Path) -> None:
    with (tmp_path / "h").open("ab") as file:
        history = NumberedHistory(tmp_path / "h", file)
        for first in range(1, 5_001, 250):
            write(history, first, 250)
        history.flush()
        assert history.mark_before(2_600) == (2_000, len(b"".join(b'{"n":%d}\n' % n for n in range(1, 2_001))))
        reader = HistoryReader(history, 2_600)
        assert reader.behind == 2_400
        assert reader.read() is not None
        reader.go_to(history.number)
        assert (everything(reader), reader.behind) == ([], 0)
        write(history, 5_001, 1)
        history.flush()
        assert everything(reader) == [(5_001, b'{"n":5001}')]
        reader.close()


@given(batches=st.lists(st.integers(0, 40), min_size=1, max_size=20), since=st.integers(0, 400), data=st.data())
def test_any_reader_gets_all_above_its_number_once(batches: list[int], since: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "h").open("ab") as file:
        was = numbered.MARK_EVERY
        reader: HistoryReader | None = None
        numbered.MARK_EVERY = data.draw(st.integers(1, 50))
        try:
            history = NumberedHistory(Path(folder) / "h", file)
            found: list[tuple[int, bytes]] = []
            begins = data.draw(st.integers(0, len(batches)))
            for at, many in enumerate(batches):
                if at == begins:
                    reader = HistoryReader(history, since)
                write(history, history.number + 1, many)
                if data.draw(st.booleans()):
                    history.flush()
                if reader is not None:
                    found += everything(reader)
            history.flush()
            reader = reader or HistoryReader(history, since)
            found += everything(reader)
        finally:
            numbered.MARK_EVERY = was
            if reader is not None:
                reader.close()
    assert found == [(number, b'{"n":%d}' % number) for number in range(since + 1, history.number + 1)]
