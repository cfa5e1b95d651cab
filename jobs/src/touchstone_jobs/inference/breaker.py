"""When to stop calling an endpoint, and when to leave it alone for a while: each further call would cost time or money
and teach nothing.
"""

import re
import time
from collections import Counter
from collections.abc import Callable

from touchstone_jobs.inference.provider_errors import Refusal

SAME_REFUSALS = 5
SILENT_ROWS_BEYOND_CONCURRENCY = 5
LOST_ROWS = 5
"""Rows that an endpoint which cannot be reached may cost; the others are kept until it is back."""
SUSPECT_AFTER_S = 3.0
"""After so long with nothing but failures it is said that the endpoint is waited for."""
DOWN_AFTER_S = 60.0
"""After so long with nothing but connection errors and 5xx the endpoint is paused: one call in so many seconds."""
PROBE_EVERY_S = 15.0
GIVE_UP_AFTER_S = 600.0
"""After a pause, or rate limits alone, for so long no call starts any more."""


class Breaker:
    """Told of every call. `tripped` is the reason in words why no call is to start any more, or None."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._succeeded = False
        self._fatal_in_a_row = 0
        self._refusals: Counter[str] = Counter()
        self._silent_rows = 0
        self._lost_rows = 0
        self._failing_since: float | None = None
        self._paused_at: float | None = None
        self._limited_since: float | None = None
        self._last_message = ""
        self.tripped: str | None = None

    @property
    def paused(self) -> bool:
        return self._paused_at is not None

    @property
    def spares_rows(self) -> bool:
        """Rows are kept and not failed where nobody answers: enough were lost since somebody did."""
        return self._lost_rows >= LOST_ROWS

    def suspicion(self) -> str | None:
        """Why nothing comes back just now; None: something does."""
        if self._failing_since is None or self._clock() - self._failing_since < SUSPECT_AFTER_S:
            return None
        return self._last_message

    def succeeded(self) -> None:
        self._succeeded = True
        self._fatal_in_a_row = 0
        self._limited_since = None
        self._is_up()

    def heard(self) -> None:
        """Of a call that got an answer of the endpoint's own, which the row cannot use."""
        self._limited_since = None
        self._is_up()

    def call_failed(self, refusal: Refusal) -> None:
        """Of any call that got no answer."""
        if refusal.fatal:
            self._fatal_in_a_row += 1
            if not self._succeeded or self._fatal_in_a_row >= SAME_REFUSALS:
                self._trip(refusal.message)
        elif refusal.code in ("auth", "bad_request") and not self._succeeded:
            gist = _gist(refusal.message)
            self._refusals[gist] += 1
            if self._refusals[gist] >= SAME_REFUSALS:
                self._trip(refusal.message)
        if refusal.code == "provider_unavailable":
            self._last_message = refusal.message
            self._failing_since = self._failing_since or self._clock()
        elif refusal.code == "rate_limited":
            self._last_message = refusal.message
            self._limited_since = self._limited_since or self._clock()
            self._is_up()
        elif refusal.code != "timeout":
            self._limited_since = None
            self._is_up()
        self.look()

    def row_failed(self, refusal: Refusal, concurrency: int) -> None:
        """Of a row that is given up."""
        self._lost_rows += refusal.away
        if refusal.code == "timeout" and not self._succeeded:
            self._silent_rows += 1
            if self._silent_rows >= concurrency + SILENT_ROWS_BEYOND_CONCURRENCY:
                self._trip(f"{self._silent_rows} rows timed out and none was answered. {refusal.message}")

    def asked_to_wait(self, seconds: float) -> None:
        """The endpoint wants to be left alone for so long."""
        if seconds > GIVE_UP_AFTER_S:
            self._trip(f"The endpoint asks to be left alone for {_words(seconds)}. {self._last_message}")

    def look(self) -> None:
        """Lets time pass: pauses, or trips after a pause that was too long."""
        now = self._clock()
        if self._failing_since is not None:
            failing_s = now - self._failing_since
            if self._paused_at is None and failing_s >= DOWN_AFTER_S:
                self._paused_at = now
            if self._paused_at is not None and now - self._paused_at >= GIVE_UP_AFTER_S:
                self._trip(f"Every call failed for {_words(failing_s)}. {self._last_message}")
        if self._limited_since is not None and now - self._limited_since >= GIVE_UP_AFTER_S:
            self._trip(f"Every call was refused for its rate for {_words(GIVE_UP_AFTER_S)}. {self._last_message}")

    def _is_up(self) -> None:
        """The endpoint said something of its own."""
        self._failing_since = None
        self._paused_at = None
        self._lost_rows = 0

    def _trip(self, reason: str) -> None:
        self.tripped = self.tripped or reason


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _gist(message: str) -> str:
    """The message without what changes from call to call: words with digits, such as a request's id."""
    return re.sub(r"[\w-]*\d[\w-]*", "#", message)
