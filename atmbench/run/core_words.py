"""How a dialect calls what a switch tells its core afterwards."""

from atmbench.host.cores import AdviceWords, Words
from atmbench.messages.dialect import Dialect
from atmbench.messages.records import ADVICES, Purpose


def advice_words(dialect: Dialect) -> Words:
    """MTIs of advices to a core, first and repeated, and the reason of those in stand-in where there is a place."""
    return {
        purpose: AdviceWords(
            *dialect.advice_mtis(purpose),
            reason=dialect.stand_in_reason if purpose is Purpose.COMPLETION else "",
        )
        for purpose in sorted(ADVICES)
        if dialect.has(purpose)
    }
