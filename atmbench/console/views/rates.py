"""Rates over the whole run so far, as rows of bars."""

from collections.abc import Sequence

from atmbench.console.model import Model
from atmbench.console.model_series import means
from atmbench.console.views.paint import Line, Tone, join, plain, spark, toned

LABEL_WIDTH = 16
FIGURE_WIDTH = 18


def rate_lines(model: Model, width: int) -> list[Line]:
    """Customers, messages, response times and stored messages, each with its highest figure."""
    rates = model.rates
    for series in rates.all():
        series.reach(model.now)
    mean_s = means(rates.response_sum_s, rates.responses)
    return [
        _row("approved", rates.approved.per_s(), Tone.GOOD, width, "most {:.1f}/s"),
        _row("declined", rates.declined.per_s(), Tone.NOTE, width, "most {:.1f}/s"),
        _row("not served", rates.not_served.per_s(), Tone.BAD, width, "most {:.1f}/s"),
        _row("messages", rates.messages.per_s(), Tone.PLAIN, width, "most {:.1f}/s"),
        _row("response, mean", mean_s, Tone.ACCENT, width, "most {:.3f} s"),
        _row("stored", rates.stored.bins, Tone.WARN, width, "most {:.0f}"),
    ]


def _row(label: str, values: Sequence[float], tone: Tone, width: int, figure: str) -> Line:
    bars = max(width - LABEL_WIDTH - FIGURE_WIDTH, 5)
    most = max(values, default=0.0)
    says = figure.format(most) if most else "none"
    return join(
        toned(f"{label:<{LABEL_WIDTH}}", Tone.DIM),
        toned(spark(values, bars), tone if most else Tone.DIM),
        plain(f" {says:>{FIGURE_WIDTH - 1}}"),
    )
