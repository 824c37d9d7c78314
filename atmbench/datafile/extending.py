"""Files told as another file with some keys replaced: `extends` and `without`.

Works on trees, before types are looked at, so that a short file is as strict as a long one. It must never
open a file: the caller gives the text of a name.
"""

from collections.abc import Callable
from functools import lru_cache

from atmbench.datafile.error import mistake
from atmbench.datafile.nodes import Mapping, Node, Scalar, Sequence, compose

EXTENDS_MAX = 8
"""Files that may extend one another in a row."""
COMPOSED_KEPT_MAX = 32
"""Trees of texts that are kept: reading them is most of the work."""


def extended(text: str, name: str, find: Callable[[str], str]) -> Node:
    """The tree of a text laid over those it extends. Raises DataFileError."""
    layers: list[Mapping] = []
    names: list[str] = []
    while True:
        root = _composed(text, name)
        names.append(name)
        if not isinstance(root, Mapping):
            return root
        root = Mapping(root.line, dict(root.items), dict(root.keys))
        layers.append(root)
        parent = _taken(root, "extends")
        if parent is None:
            break
        if not isinstance(parent, Scalar) or not parent.text:
            raise mistake(name, parent.line, "no name after 'extends'", "the name of one other file")
        if parent.text in names or len(names) == EXTENDS_MAX:
            found = f"a chain of files that extend one another: {' > '.join([*names, parent.text])}"
            raise mistake(name, parent.line, found, f"at most {EXTENDS_MAX} files, none of them twice")
        text, name = find(parent.text), parent.text
    tree = layers.pop()
    for layer, name in zip(reversed(layers), reversed(names[:-1]), strict=True):
        tree = _laid_over(tree, layer, name)
    return tree


@lru_cache(maxsize=COMPOSED_KEPT_MAX)
def _composed(text: str, name: str) -> Node:
    """The tree of a text, which is not to be changed: many files extend the same one."""
    return compose(text, name)


def _taken(root: Mapping, key: str) -> Node | None:
    root.keys.pop(key, None)
    return root.items.pop(key, None)


def _laid_over(below: Mapping, above: Mapping, name: str) -> Mapping:
    without = _taken(above, "without")
    for path in _paths(without, name):
        below = _leave_out(below, path.text.split("."), path, name)
    return _merged(below, above)


def _paths(without: Node | None, name: str) -> list[Scalar]:
    if without is None:
        return []
    if not isinstance(without, Sequence) or not all(isinstance(item, Scalar) for item in without.items):
        raise mistake(name, without.line, "something else after 'without'", "a list of keys such as [responses]")
    return [item for item in without.items if isinstance(item, Scalar)]


def _leave_out(tree: Mapping, keys: list[str], path: Scalar, name: str) -> Mapping:
    first, *rest = keys
    inner = tree.items.get(first)
    if inner is None or (rest and not isinstance(inner, Mapping)):
        raise mistake(name, path.line, f"{path.text!r} in 'without'", "a key that the extended file has")
    items, written = dict(tree.items), dict(tree.keys)
    if rest and isinstance(inner, Mapping):
        items[first] = _leave_out(inner, rest, path, name)
    else:
        del items[first], written[first]
    return Mapping(tree.line, items, written)


def _merged(below: Mapping, above: Mapping) -> Mapping:
    items: dict[str, Node] = {}
    for key, node in above.items.items():
        under = below.items.get(key)
        both = isinstance(node, Mapping) and isinstance(under, Mapping)
        items[key] = _merged(under, node) if both else node  # type: ignore[arg-type]
    for key, node in below.items.items():
        items.setdefault(key, node)
    return Mapping(above.line, items, {**below.keys, **above.keys})
