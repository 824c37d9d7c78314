"""What a read command answers: error ("" if none) and data, in the forms of the maker's text (5.2 to 5.4)."""

from firmware_stubs.card_reader.card import SET_OF, TRACK_SETS, Card

Result = tuple[str, bytes]

WRONG_PARAMETER = "02"
NOT_READ = "49"
GOOD = "00"


def one_track(card: Card, track: int) -> Result:
    """Magnetic data D: what stands between the sentinels."""
    result, data = card.read(track)
    return ("", data) if result == GOOD else (result, b"")


def one_track_in_memory(card: Card, given: bytes) -> Result:
    """Magnetic data D of command 69, whose parameter is one track; 49 if it could not be read."""
    if given not in (b"1", b"2", b"3"):
        return WRONG_PARAMETER, b""
    error, data = one_track(card, int(given))
    return (NOT_READ, b"") if error else ("", data)


def tracks_with_lowest(card: Card, given: bytes) -> Result:
    """Magnetic data E: the set of tracks that could be read, and the data of the lowest of them."""
    tracks = TRACK_SETS.get(given.decode("latin-1"))
    if tracks is None:
        return WRONG_PARAMETER, b""
    read = tuple(track for track in tracks if card.read(track)[0] == GOOD)
    if not read:
        return card.read(tracks[0])[0], b""
    return "", SET_OF[read].encode() + card.read(read[0])[1]


def several_tracks(card: Card, given: bytes) -> Result:
    """Magnetic data F: the set, then results, lengths and data of its tracks."""
    tracks = TRACK_SETS.get(given.decode("latin-1"))
    if tracks is None:
        return WRONG_PARAMETER, b""
    results = [card.read(track) for track in tracks]
    lengths = b"".join(b"%03d" % len(data) for _, data in results)
    codes = "".join(result for result, _ in results).encode()
    return "", given + codes + lengths + b"".join(data for _, data in results)
