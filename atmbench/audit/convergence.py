"""Check `convergence`: after the heal phase began, the world came to rest within its budget."""

from atmbench.audit.book import Book, Missing
from atmbench.audit.verdict import Finding, Verdict, count, judged, listed


def check(book: Book) -> Verdict:
    """Judge HealStarted, Converged and what RunEnded says is still open."""
    ended = book.end()
    if book.heal is None:
        raise Missing(f"the run ended without a heal phase ({ended.because}): what was open then stays open")
    findings = [Finding("", what) for what in ended.pending]
    took_s = book.converged.t - book.heal.t if book.converged is not None else None
    if took_s is None:
        failed = f"the world did not converge within {book.heal.within_s:g} s of healing"
        findings = findings or [Finding("", "there is no Converged fact")]
    elif took_s > book.heal.within_s:
        failed = f"the world converged {took_s:.3f} s after healing began, {book.heal.within_s:g} s were allowed"
        findings.append(Finding("", failed))
    else:
        failed = "the world converged, and then was open again"
    if ended.pending:
        failed += f"; {count(len(ended.pending), 'thing')} still open: {listed(ended.pending, 3)}"
    passed = f"everything was settled {took_s or 0:.3f} s after healing began ({book.heal.within_s:g} s allowed)"
    return judged("convergence", passed, failed, findings)
