"""Check `releases`: what was deployed goes together with what was there, or is named before it spreads.

It appears where something was deployed, or a drill expects a name. What a release is made of is never looked at: the
name comes from what its messages did to others. A release that nobody has talked to has proven nothing.
"""

from atmbench.audit.book import Book
from atmbench.audit.release_log import Deployment, ReleaseLog, Sign
from atmbench.audit.verdict import Finding, Status, Verdict, count, judged, listed

CHECK = "releases"
NO_NAME = "not in the catalogue"


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run."""
    run = book.run_started
    return book.releases.is_used or (run is not None and bool(run.expect.get("incompatible")))


def check(book: Book) -> Verdict:
    """Judge all deployments of a run."""
    log, wanted = book.releases, book.expectations().incompatible
    signs = list(log.signs.values())
    findings = [Finding(sign.key, said(sign), (sign.fact,)) for sign in signs if sign.name not in wanted]
    for sign in _first_of_each(signs):
        late = _late(log, sign)
        if late is not None:
            findings.append(Finding("", _spread(sign, late), (sign.fact, late.fact)))
    named = {sign.name for sign in signs}
    findings += [Finding("", f"{name} was to be found, and was not") for name in wanted if name not in named]
    silent = _silent(log)
    if silent and not findings:
        because = f"{count(len(silent), 'deployment')} met no message, and so no proof: {listed(silent)}"
        return Verdict(CHECK, Status.UNKNOWN, because)
    return judged(
        CHECK,
        _passed(log, signs),
        f"{count(len(findings), 'finding')}: {listed((each.says for each in findings), 3)}",
        findings,
    )


def said(sign: Sign) -> str:
    """A sign in words, with its name at the end."""
    times = f" ({sign.times:,} times)" if sign.times > 1 else ""
    return f"{sign.says}{times}: {sign.name or NO_NAME}"


def _passed(log: ReleaseLog, signs: list[Sign]) -> str:
    if signs:
        return f"named before it spread: {listed((f'{said(sign)} at {sign.t:.3f} s' for sign in signs), 3)}"
    places = listed(dict.fromkeys(f"{each.release} at {_where(log, each)}" for each in log.deployments), 3)
    heard = sum(each.heard for each in log.deployments)
    return f"{places}: {count(heard, 'message')} read there, and nothing that does not go together"


def _where(log: ReleaseLog, deployment: Deployment) -> str:
    if deployment.side == "host":
        return f"site {deployment.place}"
    terminals = {
        each.place for each in log.deployments if each.release == deployment.release and each.side == "terminal"
    }
    return count(len(terminals), "terminal")


def _silent(log: ReleaseLog) -> list[str]:
    """Releases at a site, or in terminals, that have read no message there."""
    heard = {_side(each) for each in log.deployments if each.heard}
    return [place for place in dict.fromkeys(map(_side, log.deployments)) if place not in heard]


def _side(deployment: Deployment) -> str:
    where = f"site {deployment.place}" if deployment.side == "host" else "terminals"
    return f"{deployment.release} at {where}"


def _first_of_each(signs: list[Sign]) -> list[Sign]:
    """The first sign of each name that a release got. What shows after it, at another site too, is known by then."""
    first: dict[tuple[str, str], Sign] = {}
    for sign in signs:  # in the order of their times
        first.setdefault((sign.release, sign.name), sign)
    return list(first.values())


def _late(log: ReleaseLog, sign: Sign) -> Deployment | None:
    """The deployment of the same release that was at another site when it showed."""
    if sign.side != "host":
        return None
    for each in log.deployments:
        is_there = each.t <= sign.t and (each.until is None or each.until > sign.t)
        if each.side == "host" and each.release == sign.release and each.place != sign.site and is_there:
            return each
    return None


def _spread(sign: Sign, late: Deployment) -> str:
    name = sign.name or "something without a name"
    return f"{name} shows at {sign.t:.3f} s only, and site {late.place} has release {late.release} since {late.t:.3f} s"
