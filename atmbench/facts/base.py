"""What every fact has, and how it gets its time. Data only."""

import msgspec
from msgspec.structs import force_setattr


def _snake_case(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="fact", tag=_snake_case):
    """When, and who saw it. Both are set once, by `stamp`."""

    t: float = 0.0
    actor: str = ""


def kind_of(fact: Fact | type[Fact]) -> str:
    """The name of a kind of fact in a history: "cash_taken"."""
    return str(fact.__struct_config__.tag)


def stamp(fact: Fact, t: float, actor: str) -> None:
    """Set time (whole microseconds) and actor of a fresh fact, which is frozen from then on. For the recorder only."""
    force_setattr(fact, "t", t)
    force_setattr(fact, "actor", actor)
