"""Two hosts without a wire, the same probes for both: what `atmbench drift` does.

A host here is one site with its dialect, its tables and what its release changes. Nothing is judged here: the audit
compares.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from atmbench.audit.drift import NO_ANSWER, Answer, Drift, compare
from atmbench.drill.commands import Deploy
from atmbench.drill.records import Drill, Heal
from atmbench.drill.stock import stock_drill_names
from atmbench.errors import LocalError, RemoteError
from atmbench.host.core import Host
from atmbench.host.effects import SendReply
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, dialect_names
from atmbench.messages.dialect_file import Value
from atmbench.messages.masking import masked_fields
from atmbench.messages.wall_clock import WallClock
from atmbench.releases.catalogue import find_release, known_releases
from atmbench.releases.records import BASE, Release
from atmbench.releases.speech import Speech, speech_of
from atmbench.run.dialects import find_dialect
from atmbench.run.probes import STARTS_AT, Asked, Probes, people
from atmbench.run.rollout import site_software
from atmbench.run.source import DRILL_SUFFIX, find_drill

SITE = "A"
VOLATILE: Mapping[Value, str] = {
    Value.APPROVAL_CODE: "each host counts its own approvals",
}
"""Values in which right hosts differ, and why. All else must agree, the response code above all."""


class Subject(msgspec.Struct, frozen=True):
    """A host to be asked: whose word it was, how terminals speak to it, and what it runs."""

    name: str
    drill: Drill
    terminals: Dialect
    release_name: str = BASE
    release: Release = Release()


class DryHost:
    """One subject, ready to be asked."""

    def __init__(self, subject: Subject) -> None:
        drill = subject.drill
        self._terminals, self._codec = subject.terminals, Codec(subject.terminals)
        base = Speech(self._terminals, self._codec)
        self._speech = speech_of(subject.release_name, subject.release, base)
        # Alone, and each probe answered at once: what is compared is what it answers, not when.
        settings = msgspec.structs.replace(drill.host, sites=(SITE,), promote_after_silence_s=None, capacity=None)
        cards, accounts = people(drill.currency)
        self._host = Host(settings, cards, accounts, drill.currency, clock_of=lambda _: WallClock(STARTS_AT))
        self._host.install(SITE, site_software(subject.release, settings))

    def ask(self, asked: Asked) -> Answer:
        """What a terminal gets for a probe, by way of the bytes of both."""
        sent = self._codec.encode(self._terminals.request_message(asked.request))
        try:
            message = self._speech.codec.decode(sent)
            request = self._speech.read_request(message)
        except RemoteError as error:
            return Answer(refused=f"the host cannot read it: {error}")
        for effect in self._host.on_request(SITE, request, asked.at_s, "drift"):
            if isinstance(effect, SendReply):
                return self._read(self._speech.codec.encode(self._speech.reply_message(message, request, effect.reply)))
        return Answer(refused="the host does not answer")

    def _read(self, raw: bytes) -> Answer:
        try:
            message = self._codec.decode(raw)
            reply = self._terminals.read_reply(message)
        except RemoteError as error:
            return Answer(refused=f"the terminal cannot read the answer: {error}")
        return Answer(
            fields={"t": message.mti, **{str(number): text for number, text in message.fields.items()}},
            shown={"t": message.mti, **masked_fields(message, self._terminals.sensitive(message.mti))},
            outcome=reply.outcome,
            code=reply.code,
            local_time=reply.local_time,
        )


def drift(one: Subject, other: Subject, *, probes: int, seed: int, volatile: Sequence[int] = ()) -> Drift:
    """Ask both hosts the same, and compare their answers. `volatile` are more fields that are not compared.

    Raises LocalError if they cannot be asked the same.
    """
    if one.drill.currency != other.drill.currency:
        raise LocalError(
            f"{one.name} is in {one.drill.currency}, {other.name} in {other.drill.currency}; take one currency"
        )
    asked = Probes(seed, one.terminals, one.drill.currency).take(probes)
    hosts = DryHost(one), DryHost(other)
    pairs = [(hosts[0].ask(each), hosts[1].ask(each)) for each in asked]
    return compare(
        one.name,
        other.name,
        [each.probe for each in asked],
        pairs,
        volatile=_volatile(one.terminals, volatile),
        name_of=lambda field: _name(one.terminals, field),
    )


def find_subject(word: str, drill: Drill, dialect: Dialect) -> Subject:
    """What a word of the command line means, told against a drill.

    It is one of the drill's sites with what its steps put there; a release (N is what runs at the start); a dialect;
    another drill. Raises LocalError if it is none of these.
    """
    if word in drill.host.sites:
        name = release_at(word, drill)
        return Subject(f"site {word}", drill, dialect, name, find_release(name, drill.releases))
    if word in known_releases(drill.releases):
        return Subject(word, drill, dialect, word, find_release(word, drill.releases))
    if word in stock_drill_names() or word.endswith(DRILL_SUFFIX):
        source = find_drill(word)
        assert source.dialect is not None, "a drill that was found has its dialect"
        return Subject(word, source.drill, source.dialect)
    if word in dialect_names() or word.endswith(".yaml"):
        return Subject(word, drill, find_dialect(word).dialect)
    raise LocalError(
        f"{word!r} is no site, release, dialect or drill; there are the sites {', '.join(drill.host.sites)}, the "
        f"releases {', '.join(known_releases(drill.releases))}, `atmbench dialects` and `atmbench drills`"
    )


def usual_drill(drill: str, dialect: str) -> tuple[Drill, Dialect]:
    """The drill that words are told against, and its dialect: one that was named, or an empty one.

    Raises LocalError or DataFileError.
    """
    if drill:
        source = find_drill(drill, dialect=dialect)
        assert source.dialect is not None, "a drill that was found has its dialect"
        return source.drill, source.dialect
    empty = Drill(drill="drift", proves="nothing", heal=Heal(at=1.0))
    return empty, find_dialect(dialect or empty.dialect, Path()).dialect


def release_at(site: str, drill: Drill) -> str:
    """What a site runs after all steps of a drill, in the order of their times.

    Raises LocalError if a step that changes it has no time.
    """
    steps = [each for each in drill.steps if (order := each.deploy or each.rollback) is not None and order.site == site]
    if any(step.at is None for step in steps):
        raise LocalError(f"what site {site} runs depends on when a step comes (after, every); name the release instead")
    runs = [BASE]
    for step in sorted(steps, key=lambda each: each.at or 0.0):
        if isinstance(step.deploy, Deploy):
            runs.append(step.deploy.release)
        elif len(runs) > 1:
            runs.pop()
    return runs[-1]


def _volatile(dialect: Dialect, more: Sequence[int]) -> dict[str, str]:
    roles = dialect.roles.of("0210") or {}
    codes = [number for number in more if roles.get(number) is Value.RESPONSE_CODE]
    if codes:
        raise LocalError(
            f"DE{codes[0]} is the response code, which is what drift is about; declare other fields volatile"
        )
    said = {str(number): VOLATILE[value] for number, value in roles.items() if value in VOLATILE}
    return {**said, **{str(number): "declared volatile" for number in more}}


def _name(dialect: Dialect, field: str) -> str:
    layout = dialect.fields.get(int(field)) if field.isdigit() else None
    return layout.name if layout is not None else {"t": "message type", NO_ANSWER: "no answer"}.get(field, "")
