"""What a site or a terminal of one release speaks: dialect and codec, and what it does otherwise with both.

Dry: bytes and messages in, requests and answers out. It must never decide what is answered.
"""

from datetime import timedelta

from msgspec.structs import replace

from atmbench.errors import LocalError
from atmbench.messages.altered import altered
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.matching import next_stan
from atmbench.messages.moments import moment_of
from atmbench.messages.records import Message, Reply, Request
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.releases.records import NO_CHANGE, Behaviour, Release

OWN_STAN_FIRST = 500_000
"""Numbers that a host counts for itself begin far from those of terminals."""


class Speech:
    """One release as it is spoken at one place: a host's own numbers are counted here.

    `sealed` is None where messages carry no MAC.
    """

    def __init__(
        self,
        dialect: Dialect,
        codec: Codec,
        sealed: SealedCodec | None = None,
        *,
        behaviour: Behaviour = NO_CHANGE.behaviour,
    ) -> None:
        self.dialect = dialect
        self.codec = codec
        self.sealed = sealed
        self._does = behaviour
        self._stan = OWN_STAN_FIRST

    def read_request(self, message: Message) -> Request:
        """What a message of a terminal means here. Raises RemoteError."""
        request = self.dialect.read_request(message)
        if self._does.zone_h and request.local_time:
            return replace(request, local_time=hours_later(request.local_time, self._does.zone_h))
        return request

    def reply_message(self, to: Message, request: Request, reply: Reply) -> Message:
        """The answer to a message that was read as `request`. Raises LocalError if the dialect cannot say it."""
        does = self._does
        if does.omits_key_checks and reply.keys is not None:
            reply = replace(reply, keys=replace(reply.keys, pin_check="", mac_check=""))
        if does.own_stan:
            self._stan = next_stan(self._stan)
            request = replace(request, stan=self._stan)
        if does.own_stan or does.zone_h:
            # What is echoed is what this host has made of the request, and not what came.
            to = self.dialect.request_message(replace(request, repeat=False))
        return self.dialect.reply_message(to, reply)

    def value_in(self, field: str) -> str:
        """What a field of a request is for, by its number as errors name it: "reason", "original". Empty if unknown."""
        value = self.dialect.roles.of("").get(int(field)) if field.isdigit() else None
        return "" if value is None else str(value)


def speech_of(name: str, release: Release, base: Speech) -> Speech:
    """A fresh speech of a release, laid over that of N.

    Raises LocalError for a change that cannot be laid over the dialect, or that no running line can make.
    """
    dialect = altered(base.dialect, release.dialect, f"release {name}")
    codec = base.codec if dialect is base.dialect else Codec(dialect)
    _check_line(name, dialect, base.dialect)
    sealed = base.sealed
    if sealed is not None and dialect is not base.dialect:
        sealing = dialect.sealing
        assert sealing is not None, "a change leaves no part out that the base needs"
        sealed = SealedCodec(codec, sealing)
    return Speech(dialect, codec, sealed, behaviour=release.behaviour)


def hours_later(local_time: str, hours: int) -> str:
    """A local date and time, with or without its year, so many hours later. A time that is none stays as it is."""
    moment = moment_of(local_time)
    if moment is None:
        return local_time
    return (moment + timedelta(hours=hours)).strftime("%Y%m%d%H%M%S")[-len(local_time) :]


def _check_line(name: str, dialect: Dialect, base: Dialect) -> None:
    if dialect.framing != base.framing:
        raise LocalError(f"release {name} changes the framing; lines stay as they are, so change fields only")
    if (dialect.security is None) != (base.security is None):
        raise LocalError(f"release {name} leaves out `security`; a release changes the MAC's range at most")
    if dialect.security is not None and base.security is not None:
        mac = replace(
            dialect.security.mac,
            covers=base.security.mac.covers,
            ignores_repeat_digit=base.security.mac.ignores_repeat_digit,
        )
        if replace(dialect.security, mac=mac) != base.security:
            raise LocalError(
                f"release {name} changes keys, PIN format or MAC rule; the keys that are in use stay, so of `security` "
                "change mac.covers or mac.ignores_repeat_digit only"
            )
