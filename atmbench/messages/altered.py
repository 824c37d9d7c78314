"""A dialect with some of its file laid over: what a release of host or terminals speaks in place of the one before.

Works on the record of the file, so that a change is held against the same rules as a file. It must never open one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from atmbench.errors import LocalError
from atmbench.messages.dialect import Dialect
from atmbench.messages.dialect_file import DialectFile

WITHOUT = "without"
"""Keys of the dialect that are left out first, as in a dialect file: [templates.reversal.request.optional.39]."""


def altered(dialect: Dialect, changes: Mapping[str, Any], name: str) -> Dialect:
    """The dialect with these keys of its file replaced, as a file that extends it would say it.

    Mappings are laid over one another with those of `changes` in front; all else is replaced. All keys are text.
    `name` is what errors call the outcome. Raises LocalError for a change that is none of a dialect, or contradicts
    the rest.
    """
    if not changes:
        return dialect
    laid = dict(changes)
    tree = msgspec.to_builtins(dialect.file, str_keys=True)
    for path in _left_out(laid.pop(WITHOUT, ()), name):
        _leave_out(tree, path, name)
    try:
        file = msgspec.convert(_laid_over(tree, laid), DialectFile, str_keys=True)
    except msgspec.ValidationError as error:
        raise LocalError(f"{name} cannot be laid over the dialect {dialect.name}: {error}") from None
    return Dialect(file, name)


def _left_out(paths: Any, name: str) -> Sequence[str]:
    if not isinstance(paths, Sequence) or isinstance(paths, str) or not all(isinstance(each, str) for each in paths):
        raise LocalError(f"{name} says `{WITHOUT}: {paths!r}`; expected a list of keys, such as [fields.55]")
    return paths


def _leave_out(tree: dict[str, Any], path: str, name: str) -> None:
    *above, last = path.split(".")
    inner: Any = tree
    for key in above:
        inner = inner.get(key) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or last not in inner:
        raise LocalError(f"{name} leaves out {path!r}, which the dialect has not; name a key that it has")
    del inner[last]


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    laid: dict[str, Any] = {}
    for key, value in above.items():
        under = below.get(key)
        both = isinstance(value, Mapping) and isinstance(under, Mapping)
        laid[key] = _laid_over(under, value) if both else value  # type: ignore[arg-type]
    for key, value in below.items():
        laid.setdefault(key, value)
    return laid
