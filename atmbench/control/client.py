"""A client of the control plane, for the command line: it waits for every answer.

What a bench refuses is raised as the sentence that it said. It must never print.
"""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from atmbench.errors import LocalError, VenueError

ANSWER_S = 60.0
"""How long a bench may take for an answer: it is busy while it audits a long run."""
SILENCE_S = 30.0
"""A stream of facts says something every few seconds, if only an empty line."""


class Client:
    """A bench by its URL. `token` is empty where none is asked for; `ca` is who signed its certificate.

    Raises LocalError for what is no URL. All else raises VenueError if nobody answers, LocalError for a refusal.
    """

    def __init__(self, url: str, token: str = "", ca: Path | None = None) -> None:
        self._url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            verify = ssl.create_default_context(cafile=ca) if ca is not None else True
            self._client = httpx.Client(base_url=url, headers=headers, timeout=ANSWER_S, trust_env=False, verify=verify)
        except (httpx.InvalidURL, OSError, ValueError) as error:
            raise LocalError(f"there can be no bench at {url!r}: {error}") from None

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """One question; gives the values of a JSON answer, or the text of another."""
        try:
            answer = self._client.request(method, path, json=body, params=query)
        except httpx.HTTPError as error:
            raise self._unheard(error) from None
        _demand_good(answer)
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    def facts(self, query: Mapping[str, Any]) -> Iterator[str]:
        """Lines of /v1/facts as they come, without empty ones."""
        timeout = httpx.Timeout(ANSWER_S, read=SILENCE_S)
        try:
            with self._client.stream("GET", "/v1/facts", params=query, timeout=timeout) as answer:
                if answer.is_error:
                    answer.read()
                _demand_good(answer)
                yield from (line for line in answer.iter_lines() if line)
        except httpx.HTTPError as error:
            raise self._unheard(error) from None

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _unheard(self, error: httpx.HTTPError) -> VenueError:
        because = str(error) or type(error).__name__
        return VenueError(f"no bench answers at {self._url}: {because}; start one with `atmbench serve`, or give --url")


def _demand_good(answer: httpx.Response) -> None:
    if not answer.is_error:
        return
    detail = answer.reason_phrase
    if "json" in answer.headers.get("content-type", ""):
        told = answer.json()
        detail = str(told.get("detail", detail)) if isinstance(told, dict) else detail
    raise LocalError(f"the bench says ({answer.status_code}): {detail}")
