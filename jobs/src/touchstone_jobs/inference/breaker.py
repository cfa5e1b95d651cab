"""When to stop calling an endpoint that refuses every call: each further call would cost time or money and teach
nothing.
"""

import re
import time
from collections import Counter
from collections.abc import Callable

from touchstone_jobs.inference.provider_errors import Refusal

SAME_REFUSALS = 5
DEAD_ROWS_BEYOND_CONCURRENCY = 5
DEAD_AFTER_S = 30.0


class Breaker:
    """Told of every call; `tripped` is the reason in words, or None."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._succeeded = False
        self._fatal_in_a_row = 0
        self._refusals: Counter[str] = Counter()
        self._dead_rows = 0
        self._unconnected_since: float | None = None
        self.tripped: str | None = None

    def succeeded(self) -> None:
        self._succeeded = True
        self._fatal_in_a_row = 0

    def call_failed(self, refusal: Refusal, *, connected: bool) -> None:
        """Of any call that got no answer. `connected`: the endpoint said something."""
        if refusal.fatal:
            self._fatal_in_a_row += 1
            if not self._succeeded or self._fatal_in_a_row >= SAME_REFUSALS:
                self._trip(refusal.message)
        elif refusal.code in ("auth", "bad_request") and not self._succeeded:
            gist = _gist(refusal.message)
            self._refusals[gist] += 1
            if self._refusals[gist] >= SAME_REFUSALS:
                self._trip(refusal.message)
        if connected:
            self._unconnected_since = None
        elif not self._succeeded:
            self._unconnected_since = self._unconnected_since or self._clock()
            if self._clock() - self._unconnected_since >= DEAD_AFTER_S:
                self._trip(f"No call got through for {DEAD_AFTER_S:.0f} s. {refusal.message}")

    def row_failed(self, refusal: Refusal, concurrency: int) -> None:
        """Of a row that is given up after its retries."""
        if refusal.code in ("provider_unavailable", "timeout") and not self._succeeded:
            self._dead_rows += 1
            if self._dead_rows >= concurrency + DEAD_ROWS_BEYOND_CONCURRENCY:
                self._trip(f"{self._dead_rows} rows failed and none was answered. {refusal.message}")

    def _trip(self, reason: str) -> None:
        self.tripped = self.tripped or reason


def _gist(message: str) -> str:
    """The message without what changes from call to call: words with digits, such as a request's id."""
    return re.sub(r"[\w-]*\d[\w-]*", "#", message)
