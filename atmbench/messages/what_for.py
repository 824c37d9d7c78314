"""Codes that say what a message is for: processing code (DE3), network code (DE70), function (DE24) and reasons.

Sources: iso8583 facts 1.3, 1.6, 1.7 and 1.11. Every code is looked up in a table made at load, in both
directions; a code the table does not have is Unreadable.
"""

from collections.abc import Mapping
from typing import Any

from atmbench.errors import LocalError
from atmbench.messages.composites import Unreadable
from atmbench.messages.dialect_file import Function, ProcessingCode
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


class Functions:
    """DE24 of advices since 1993: which kind it is, and whether it is about a part only."""

    def __init__(self, codes: Mapping[Function, str], name: str) -> None:
        if len(set(codes.values())) != len(codes):
            raise LocalError(f"{name}: functions names one code twice; a reader could not tell what is meant")
        self._name = name
        self._codes: dict[str, str] = {str(function): code for function, code in codes.items()}
        self._functions = {code: function for function, code in self._codes.items()}

    def take(self, request: Request) -> str:
        """The code of an advice. Raises LocalError if the dialect has none."""
        function = function_of(request.purpose, is_partial=request.actual_minor is not None)
        code = self._codes.get(function)
        if code is None:
            raise LocalError(f"{self._name} has no code for {function} under `functions`; add it")
        return code

    def read(self, text: str) -> dict[str, str]:
        """`function`."""
        function = self._functions.get(text)
        if function is None:
            raise Unreadable("is no function code of an advice in this dialect")
        return {"function": function}


def function_of(purpose: Purpose, *, is_partial: bool) -> str:
    """The word for an advice under `functions` of a dialect file."""
    return f"partial_{purpose}" if is_partial else str(purpose)


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
