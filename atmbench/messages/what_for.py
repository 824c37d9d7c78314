"""Codes that say what a message is for: processing code (DE3), network code (DE70) and reasons.

Sources: iso8583 facts 1.3, 1.7 and 1.11. Every code is looked up in a table made at load, in both
directions; a code the table does not have is Unreadable.
"""

from typing import Any

from atmbench.errors import LocalError
from atmbench.messages.composites import Unreadable
from atmbench.messages.dialect_file import ProcessingCode
from atmbench.messages.records import SERVICES, AccountType, Purpose, Reason, Request


class ProcessingCodes:
    """DE3: type of service, account it is taken from, account it goes to."""

    def __init__(self, file: ProcessingCode, name: str) -> None:
        _demand_all(name, "processing_code.services", SERVICES, file.services)
        _demand_all(name, "processing_code.accounts", AccountType, file.accounts)
        _demand_distinct(name, "processing_code.services", list(file.services.values()))
        _demand_distinct(name, "processing_code.accounts", list(file.accounts.values()))
        self._codes = {
            (service, from_account, to_account): service_code + from_code + to_code
            for service, service_code in file.services.items()
            for from_account, from_code in file.accounts.items()
            for to_account, to_code in file.accounts.items()
        }
        self._meanings: dict[str, dict[str, Any]] = {
            code: {"service": service, "from_account": from_account, "to_account": to_account}
            for (service, from_account, to_account), code in self._codes.items()
        }

    def take(self, request: Request) -> str:
        """The code of a request or advice. Raises LocalError if it is about no service."""
        service = request.service or request.purpose
        code = self._codes.get((service, request.from_account, request.to_account))
        if code is None:
            raise LocalError(f"a {request.purpose} about {service} has no processing code; give it a `service`")
        return code

    def read(self, text: str) -> dict[str, Any]:
        """`service`, `from_account` and `to_account` of a code."""
        meaning = self._meanings.get(text)
        if meaning is None:
            raise Unreadable("is no processing code of this dialect")
        return meaning


class NetworkCodes:
    """DE70: sign-on, sign-off, echo."""

    def __init__(self, codes: dict[Purpose, str]) -> None:
        self._codes = codes
        self._purposes = {code: purpose for purpose, code in codes.items()}

    def take(self, request: Request) -> str:
        """The code of a network message; empty if the request is none."""
        return self._codes.get(request.purpose, "")

    def read(self, text: str) -> Purpose:
        """The purpose of a code."""
        purpose = self._purposes.get(text)
        if purpose is None:
            raise Unreadable("is no network code of this dialect")
        return purpose


class Reasons:
    """Why an advice is sent. Several reasons may share a code; the first listed is what is read."""

    def __init__(self, codes: dict[Reason, str], name: str) -> None:
        _demand_all(name, "reasons", Reason, codes)
        self._codes = codes
        self._reasons: dict[str, Reason] = {}
        for reason, code in codes.items():
            self._reasons.setdefault(code, reason)

    def take(self, request: Request) -> str:
        """The code of the request's reason; empty if it has none."""
        return "" if request.reason is None else self._codes[request.reason]

    def read(self, text: str) -> Reason:
        """The reason of a code."""
        reason = self._reasons.get(text)
        if reason is None:
            raise Unreadable("is no reason code of this dialect")
        return reason


def _demand_all(name: str, where: str, wanted: Any, found: Any) -> None:
    missing = sorted(str(each) for each in wanted if each not in found)
    if missing:
        raise LocalError(f"{name}: {where} does not list {', '.join(missing)}; the bench needs a code for each")


def _demand_distinct(name: str, where: str, codes: list[str]) -> None:
    if len(set(codes)) != len(codes) or any(len(code) != 2 for code in codes):
        raise LocalError(f"{name}: {where} needs a code of two characters for each entry, and no code twice")
