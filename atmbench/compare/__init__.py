"""Two recorded runs held against each other: what a release changed that chance does not explain. Dry.

`recording` boils the facts of one run down to samples, `swap` is the one test of significance, `many` corrects for the
number of comparisons, `judging` puts the questions. It must never judge a run by itself (the audit does), nor report
a difference that two runs of one release could show.
"""

from atmbench.compare.judging import Comparison, Difference, compare
from atmbench.compare.recording import About, Recording, Settings

__all__ = ["About", "Comparison", "Difference", "Recording", "Settings", "compare"]
