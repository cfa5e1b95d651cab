"""What a model is to the engine: `generate(rows) -> completions`, asynchronous, each row finishing on its own."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from touchstone_jobs.files import ErrorCode, Params, RowError


@dataclass(frozen=True, slots=True)
class Row:
    row_id: int
    values: Mapping[str, str]
    """The columns that the model needs."""
    repeat: int = 0
    """Which of the answers to this row, from 0."""


@dataclass(slots=True)
class Completion:
    """What came of one row: an answer (`prediction`, which may be empty) or an error."""

    row_id: int
    repeat: int = 0
    prediction: str | None = None
    error: RowError | None = None
    reasoning: str | None = None
    finish_reason: str | None = None
    truncated: bool = False
    """The input was cut to what the model takes."""
    latency_ms: float | None = None
    first_token_ms: float | None = None
    """Of a streamed answer: until its first piece of text, of reasoning or of the answer."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    """In US dollars; None: unknown."""
    calls: int = 0


class Rows(Protocol):
    """Rows to run, and leave to run them."""

    async def next(self) -> Row | None:
        """The next row, as soon as a call may start; None: no more."""

    @property
    def is_ready(self) -> bool:
        """Whether `next` would answer at once: the budget has enough left for a new row, or nothing for any."""

    async def ready(self) -> None:
        """Waits until then."""

    def settle(self, row: Row, *, tokens: int | None, cost: float | None, billed: bool, again: bool) -> None:
        """After each call of a row: what it came to, as the endpoint says; None: it does not say. `billed`: it may have
        been charged all the same. `again`: another one will follow.
        """

    def may_pay(self, row: Row) -> bool:
        """Before each further call for a row; False: the budget has nothing left for it."""

    async def may_call(self) -> bool:
        """Before each further call for a row. Waits while storage cannot be reached; False: start none any more."""

    @property
    def concurrency(self) -> int:
        """Calls at once that the server grants now."""

    @property
    def first_concurrency(self) -> int | None:
        """Calls at once to begin with, where the number is to be found by trying; None: somebody set it."""

    def report(
        self,
        concurrency: int,
        waiting_for: str | None,
        *,
        held: int | None = None,
        next_call_at: float | None = None,
    ) -> None:
        """What is shown of the model: calls at once right now, what it waits for, in words, and until when (Unix time).
        `held`: the grant that it keeps to, or more while calls of a larger one are under way.
        """


class Model(Protocol):
    def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        """Finished rows, in the order in which they finish. Raises EndpointRefuses where going on is pointless."""

    def columns(self) -> list[str]:
        """The columns that `Row.values` must have."""

    def libraries(self) -> list[str]:
        """Distributions that made a number, for the result's `versions`."""


class EndpointRefuses(Exception):
    """Every call fails for the same reason; the message says which. The rows without an answer were not run."""


def failed(row: Row, code: ErrorCode, message: str, *, calls: int = 0, latency_ms: float | None = None) -> Completion:
    error = RowError(code=code, message=message)
    return Completion(row.row_id, row.repeat, error=error, calls=calls, latency_ms=latency_ms)


def seed_for(params: Params, row: Row) -> dict[str, int]:
    """The seed of one answer: with the same one each time all answers to a row would be alike, so each repeat has the
    next.
    """
    return {"seed": params["seed"] + row.repeat} if "seed" in params else {}
