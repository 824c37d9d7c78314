"""What is answered when something cannot be done: application/problem+json (RFC 9457), one sentence in `detail`."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is an error."""

    type: str = "about:blank"
    title: str
    """The words of the status."""
    status: int
    detail: str
    """What was found, what was meant, and what to do."""


class Refused(Exception):
    """A request that is answered by a problem."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer."""
        problem = Problem(title=HTTPStatus(self.status).phrase, status=self.status, detail=self.detail)
        return Response(msgspec.json.encode(problem), self.status, self.headers, media_type=PROBLEM_JSON)
