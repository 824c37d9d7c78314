"""JUnit XML of an audit: one test case per check, for build servers. UNKNOWN is an error, never a skip."""

from xml.etree import ElementTree

from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status, Verdict
from atmbench.report.text import Stories, findings_of, replay_command


def render(audit: Audit, stories: Stories | None = None, *, replay: str = "") -> str:
    """The XML document as text. `stories` and `replay` as in `text.render`."""
    run = audit.book.run_started
    name = run.drill if run is not None else "atmbench"
    ended = audit.book.ended
    took_s = f"{ended.t if ended is not None else 0.0:.3f}"
    figures = {
        "name": name,
        "tests": str(len(audit.verdicts)),
        "failures": str(sum(verdict.status is Status.FAIL for verdict in audit.verdicts)),
        "errors": str(sum(verdict.status is Status.UNKNOWN for verdict in audit.verdicts)),
        "time": took_s,
    }
    root = ElementTree.Element("testsuites", figures)
    suite = ElementTree.SubElement(root, "testsuite", figures)
    if run is not None:
        properties = ElementTree.SubElement(suite, "properties")
        for key, value in (
            ("seed", str(run.seed)),
            ("venue", run.venue),
            ("version", run.version),
            ("defects", ", ".join(run.defects)),
        ):
            ElementTree.SubElement(properties, "property", {"name": key, "value": value})
    for verdict in audit.verdicts:
        _add_case(suite, name, verdict, stories or {})
    out = ElementTree.SubElement(suite, "system-out")
    out.text = f"replay: {replay or replay_command(audit.book)}"
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add_case(suite: ElementTree.Element, drill: str, verdict: Verdict, stories: Stories) -> None:
    case = ElementTree.SubElement(suite, "testcase", {"classname": f"atmbench.{drill}", "name": verdict.check})
    if verdict.status is Status.PASS:
        out = ElementTree.SubElement(case, "system-out")
        out.text = verdict.because
        return
    kind = "failure" if verdict.status is Status.FAIL else "error"
    element = ElementTree.SubElement(
        case, kind, {"message": _clean(verdict.because), "type": f"{verdict.check}-{verdict.status.value.lower()}"}
    )
    element.text = _clean("\n".join([verdict.because, *findings_of(verdict, stories)]))


def _clean(text: str) -> str:
    """Text without the control characters that XML 1.0 forbids; a peer's bytes may have brought some."""
    return "".join(char if char >= " " or char in "\n\t" else "?" for char in text)
