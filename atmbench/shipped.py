"""Where the fixtures are that come with the bench: drills, dialects, golden frames.

In a wheel they lie inside the package, in a checkout beside it. Everything that names a fixture asks
here, so that a name works the same in both. This module must never look outside of those two places.
"""

from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from atmbench.errors import LocalError


def fixture(folder: str, name: str) -> Traversable:
    """The shipped file `name` of a folder: `fixture("dialects", "iso87-ascii.yaml")`.

    Raises LocalError, naming what there is, if no such file is shipped.
    """
    found = names(folder)
    if name not in found:
        close = get_close_matches(name, found, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise LocalError(f"no {name!r} is shipped in {folder!r}; there is: {', '.join(found) or 'nothing'}{hint}")
    return _root() / folder / name


def names(folder: str, suffix: str = "") -> list[str]:
    """The names of all shipped files of a folder that end in `suffix`, in alphabetical order.

    Raises LocalError, naming what there is, if no such folder is shipped.
    """
    folders = sorted(entry.name for entry in _root().iterdir() if entry.is_dir())
    if folder not in folders:
        raise LocalError(f"no folder {folder!r} is shipped; there is: {', '.join(folders) or 'nothing'}")
    files = (entry for entry in (_root() / folder).iterdir() if entry.is_file())
    return sorted(entry.name for entry in files if entry.name.endswith(suffix))


def read(folder: str, name: str) -> str:
    """The text of a shipped file. Raises LocalError as `fixture` does."""
    return fixture(folder, name).read_text(encoding="utf-8")


def _root() -> Traversable:
    packaged = resources.files("atmbench") / "fixtures"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parent.parent / "fixtures"
    if checkout.is_dir():
        return checkout
    raise LocalError(f"the fixtures of atmbench are missing: expected a folder {packaged} or {checkout}; install again")
