"""The shipped releases: each says what it changes, and what does not fit says why and from where."""

import pytest

from atmbench.datafile import DataFileError
from atmbench.errors import LocalError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.releases.catalogue import find_release, incompatibilities, parse_release, release_names, shipped_release
from atmbench.releases.records import BASE, NO_CHANGE, Release
from atmbench.releases.speech import Speech, speech_of

DIALECT = load_dialect("iso87-ascii")
SPEECH = Speech(DIALECT, Codec(DIALECT))


@pytest.mark.parametrize("name", release_names())
def test_a_shipped_release_says_what_it_is_and_can_be_laid_over_the_usual_dialect(name: str) -> None:
    release = shipped_release(name)
    assert release.changes
    assert release.source
    speech_of(name, release, SPEECH)


def test_the_catalogue_has_the_known_ways_not_to_fit() -> None:
    assert set(incompatibilities()) >= {
        "new-mandatory-field",
        "longer-field",
        "changed-original-layout",
        "other-matching-key",
        "time-zone",
        "new-response-code",
        "changed-mac-range",
        "key-check-omitted",
        "reversal-reason-moved",
        "duplicate-window-shortened",
    }


def test_a_release_is_found_among_the_drills_own_first() -> None:
    own = {"N+1": Release(changes="mine"), "other": Release(like="time-zone")}
    assert find_release("N+1", own).changes == "mine"
    assert find_release("other", own) is shipped_release("time-zone")
    assert find_release(BASE, own) is NO_CHANGE
    with pytest.raises(LocalError, match="there is no release 'N\\+2'; there are N, N\\+1, other, changed-mac-range"):
        find_release("N+2", own)


def test_a_release_file_with_a_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(DataFileError, match="found the key 'behavior'"):
        parse_release("changes: x\nbehavior: {zone_h: 1}", "mine")


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"framing": "length4"}, "changes the framing"),
        ({"security": {"mac": {"rule": {"method": "x9.9"}}}}, "changes keys, PIN format or MAC rule"),
        ({"without": ["security"]}, "leaves out `security`"),
        ({"without": ["templates.refund"]}, "leaves out 'templates.refund', which the dialect has not"),
        ({"fields": {"38": {"size": "many"}}}, "cannot be laid over the dialect iso87-ascii"),
        ({"templates": {"service": {"request": {"mandatory": {"200": "pan"}}}}}, "Expected `int` <= 128"),
    ],
)
def test_a_change_that_no_running_line_can_make_is_refused(changes: dict[str, object], because: str) -> None:
    with pytest.raises(LocalError, match=because):
        speech_of("N+1", Release(dialect=changes), SPEECH)
