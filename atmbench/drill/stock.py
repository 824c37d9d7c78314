"""The stock drills: those that are shipped, by name. Each says itself what it proves."""

from functools import lru_cache

import msgspec

from atmbench import shipped
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill

FOLDER = "drills"
SUFFIX = ".drill.yaml"


class StockDrill(msgspec.Struct, frozen=True):
    """A line of the list: the name to run a drill by, and what a passing run has shown."""

    name: str
    proves: str


def stock_drills() -> tuple[StockDrill, ...]:
    """All stock drills, by name. Raises LocalError if the installation lacks them."""
    return tuple(StockDrill(name, stock_drill(name).proves) for name in stock_drill_names())


def stock_drill_names() -> tuple[str, ...]:
    """Names of all stock drills, without reading any. Raises LocalError if the installation lacks them."""
    return tuple(sorted(name.removesuffix(SUFFIX) for name in shipped.names(FOLDER, SUFFIX)))


def stock_drill_text(name: str) -> str:
    """The file of a stock drill. Raises LocalError, naming those that exist, if there is none."""
    return shipped.fixture(FOLDER, f"{name}{SUFFIX}").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def stock_drill(name: str) -> Drill:
    """A stock drill. Raises LocalError, naming those that exist, if there is none."""
    return parse_drill(stock_drill_text(name), f"{name}{SUFFIX}")
