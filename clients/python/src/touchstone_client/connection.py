"""HTTP: requests, repeated where that is safe, and answers parsed, or raised as what they refuse."""

import ipaddress
import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from touchstone_client.credential import Credential
from touchstone_client.errors import AnswerTimeoutError, BadAnswerError, TouchstoneError, UnreachableError, refusal

if TYPE_CHECKING:
    from touchstone_client.client import Touchstone

T = TypeVar("T")

#: Seconds before each further try of a request that may be repeated.
_PAUSES_S = (0.3, 1.0, 2.5)
#: A page of a list.
_PAGE = 100
#: A file may be read for so long before the server has anything to say.
_FILE_TIMEOUT_S = 3600.0
#: What a proxy or a server that starts answers for a while.
_PASSING = {502, 503, 504}


class HasId(Protocol):
    @property
    def id(self) -> str: ...


#: An id, or a thing that has one.
Ref: TypeAlias = str | HasId


def id_of(ref: Ref) -> str:
    return ref if isinstance(ref, str) else ref.id


def segment(ref: Ref) -> str:
    """As a part of an address."""
    return quote(id_of(ref), safe="")


def given(**fields: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def new_request_id() -> str:
    return str(uuid.uuid4())


class Connection:
    """One server, asked with one key. The key is in the headers of its requests and nowhere else."""

    def __init__(self, credential: Credential, *, timeout_s: float, client: "Touchstone") -> None:
        self.url = credential.url.rstrip("/")
        self.timeout_s = timeout_s
        self._context = {"client": client}
        self._http = httpx.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {credential.api_key}"},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10)),
            # An instance on this machine is not asked through a proxy.
            trust_env=not _is_loopback(self.url),
        )

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"

    def close(self) -> None:
        self._http.close()

    def ask(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content: Iterable[bytes] | None = None,
    ) -> T:
        """Sends a request and parses its answer as `kind`. Raises TouchstoneError."""
        response = self._send(method, path, query=query, body=body, content=content)
        try:
            return TypeAdapter(kind).validate_json(response.content, context=self._context)
        except ValidationError as error:
            raise BadAnswerError(
                f"{self.url} answered {method} {path} with what this client does not know "
                f"({error.error_count()} differences, first: {_first_place(error)}). Are both of the same version?",
                code="BAD_ANSWER",
                status=response.status_code,
            ) from None

    def do(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Sends a request whose answer says nothing more. Raises TouchstoneError."""
        self._send(method, path, query=query, body=body)

    def pages(self, kind: type[T], path: str, *, limit: int | None, query: Mapping[str, Any]) -> list[T]:
        """The items of a list, page by page, at most `limit`."""
        items: list[T] = []
        adapter = TypeAdapter(kind)
        cursor: str | None = None
        while limit is None or len(items) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(items))
            page = self.ask(dict[str, Any], "GET", path, query={**query, **given(limit=size, cursor=cursor)})
            items += [adapter.validate_python(item, context=self._context) for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return items

    def download(self, path: str, to: str | Path, *, query: Mapping[str, Any] | None = None) -> Path:
        """Streams a file to `to`, which is there whole or not at all. Raises TouchstoneError."""
        target = Path(to)
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
        request = self._http.build_request("GET", path, params=_query(query), timeout=self._file_timeout())
        try:
            response = self._http.send(request, stream=True, follow_redirects=True)
            try:
                if not response.is_success:
                    response.read()
                    raise self._refusal(response)
                with part.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
            finally:
                response.close()
            os.replace(part, target)
        except httpx.HTTPError as error:
            raise self._unreachable(error, "The file was not kept.") from None
        finally:
            part.unlink(missing_ok=True)
        return target

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None = None,
        content: Iterable[bytes] | None = None,
    ) -> httpx.Response:
        # With a request_id the server does it once, however often it is asked.
        repeatable = content is None and (method == "GET" or (body is not None and "request_id" in body))
        for pause_s in (*_PAUSES_S, None):
            request = self._http.build_request(
                method,
                path,
                params=_query(query),
                content=content if body is None else json.dumps(body, default=_to_json).encode(),
                headers={} if body is None else {"content-type": "application/json"},
                timeout=httpx.USE_CLIENT_DEFAULT if content is None else self._file_timeout(),
            )
            try:
                response = self._http.send(request)
            except httpx.HTTPError as error:
                unsent = isinstance(error, httpx.ConnectError) and content is None
                if pause_s is None or not (repeatable or unsent):
                    raise self._unreachable(error, _what_then(method, repeatable)) from None
            else:
                if response.is_success:
                    return response
                if pause_s is None or not (repeatable and response.status_code in _PASSING):
                    raise self._refusal(response)
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _file_timeout(self) -> httpx.Timeout:
        return httpx.Timeout(_FILE_TIMEOUT_S, connect=min(self.timeout_s, 10))

    def _refusal(self, response: httpx.Response) -> TouchstoneError:
        try:
            error = response.json()["error"]
            return refusal(response.status_code, str(error["code"]), str(error["message"]))
        except (ValueError, KeyError, TypeError):
            return BadAnswerError(
                f"{self.url} does not answer as Touchstone does (HTTP {response.status_code}): is the address right?",
                code="BAD_ANSWER",
                status=response.status_code,
            )

    def _unreachable(self, error: httpx.HTTPError, then: str) -> TouchstoneError:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            message = f"Touchstone at {self.url} did not answer within {self.timeout_s:g} s. {then}"
            return AnswerTimeoutError(message.strip(), code="TIMEOUT")
        message = f"Touchstone does not answer at {self.url} ({type(error).__name__}). {then}"
        return UnreachableError(message.strip(), code="UNREACHABLE")


class Procedures:
    """What can be asked about one noun."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


def _what_then(method: str, repeatable: bool) -> str:
    if method == "GET" or repeatable:
        return "Is it running? `npm start` in its folder starts it."
    return "It is not known whether this was done: look before you do it again."


def _query(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """An object goes as JSON."""
    return {name: json.dumps(value) if isinstance(value, Mapping) else value for name, value in (fields or {}).items()}


def _to_json(value: object) -> object:
    """Shapes that were answered can be sent again; sequences of any kind are lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    # Not the value itself: it may be a secret.
    raise TypeError(f"A value of type {type(value).__name__} cannot be sent.")


def _first_place(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"]) or "all of it"


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
