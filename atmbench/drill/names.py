"""Names of the things in a drill that the file does not name itself."""

from functools import lru_cache

from msgspec import inspect

from atmbench.facts import TESTER, AnyFact


@lru_cache(maxsize=8)
def terminal_names(count: int) -> tuple[str, ...]:
    """Names of so many terminals, all of one width: T01 to T20, or T0001 to T1000."""
    width = max(2, len(str(count)))
    return tuple(f"T{number:0{width}d}" for number in range(1, count + 1))


def client_names(prefix: str, count: int) -> tuple[str, ...]:
    """Names of so many clients of a channel, as those of terminals: W01 to W20."""
    width = max(2, len(str(count)))
    return tuple(f"{prefix}{number:0{width}d}" for number in range(1, count + 1))


def auto_name(kind: str, number: int, actor: str = "") -> str:
    """The name of the n-th fault that was given none: delay-1, or tester-delay-1 if a tester began it.

    Those of a tester are counted by themselves, so that what he does never renames a fault of the drill.
    """
    return f"{TESTER}-{kind}-{number}" if actor == TESTER else f"{kind}-{number}"


@lru_cache(maxsize=1)
def fact_kinds() -> dict[str, dict[str, type | None]]:
    """Kinds of facts as in history.jsonl, with the fields that a `where` may name and the type of each.

    A field that is a list or a mapping has the type None: it cannot be compared with one value.
    """
    union = inspect.type_info(AnyFact)
    assert isinstance(union, inspect.UnionType), "facts are a union of records"
    kinds: dict[str, dict[str, type | None]] = {}
    for info in union.types:
        assert isinstance(info, inspect.StructType), f"a fact that is no record: {info}"
        kinds[str(info.tag)] = {field.name: _plain_type(field.type) for field in info.fields if field.name != "t"}
    return kinds


def _plain_type(info: inspect.Type) -> type | None:
    if isinstance(info, inspect.UnionType):
        plain = [_plain_type(each) for each in info.types if not isinstance(each, inspect.NoneType)]
        return plain[0] if len(plain) == 1 else None
    types: dict[type[inspect.Type], type] = {
        inspect.StrType: str,
        inspect.IntType: int,
        inspect.BoolType: bool,
        inspect.FloatType: float,
    }
    return types.get(type(info))
