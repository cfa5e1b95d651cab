"""Waiting for a run: it survives a server that is away, and giving it up leaves the run alone."""

import sys
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from touchstone_client.errors import BadAnswerError, ServerError, UnreachableError, WaitTimeoutError

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
#: A server that is away for longer is not waited for.
_PATIENCE_S = 600.0


class Run(Protocol):
    """What can be waited for."""

    def refresh(self) -> object: ...
    @property
    def is_over(self) -> bool: ...
    @property
    def waits_for_you(self) -> bool: ...
    @property
    def progress_line(self) -> str: ...


R = TypeVar("R", bound=Run)
#: True: a line that is kept up to date. A function is called with the run after each look.
Progress = bool | Callable[[R], object]


def wait_for(run: R, what: str, progress: Progress[R], timeout_s: float | None) -> R:
    """Looks again and again until the run is over, or waits for a person.

    Raises WaitTimeoutError after `timeout_s` seconds, and UnreachableError where the server was away for ten minutes.
    The run goes on in both cases, and after Ctrl-C.
    """
    begun = time.monotonic()
    line = Line(shown=progress is True)
    pause_s = _FIRST_PAUSE_S
    try:
        while True:
            if callable(progress):
                progress(run)
            line.show(run.progress_line)
            if run.is_over or run.waits_for_you:
                return run
            if timeout_s is not None and time.monotonic() - begun + pause_s > timeout_s:
                raise WaitTimeoutError(f"{what} is not over after {timeout_s:g} s. It goes on; wait() follows it.")
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.2, 2.0)
            _refresh(run, what, line)
    except KeyboardInterrupt:
        line.end()
        print(f"No longer waiting. {what} goes on: wait() follows it again, stop() ends it.", flush=True)
        raise
    finally:
        line.end()


def _refresh(run: Run, what: str, line: "Line") -> None:
    pause_s = _FIRST_PAUSE_S
    away_since = time.monotonic()
    while True:
        try:
            run.refresh()
            return
        except (UnreachableError, ServerError, BadAnswerError) as error:
            if isinstance(error, BadAnswerError) and error.status < 500:
                raise
            if time.monotonic() - away_since > _PATIENCE_S:
                error.args = (f"{error} {what} goes on without being watched.",)
                raise
            line.show("Touchstone does not answer; trying again")
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


class Line:
    """One line of output, written again when it changes: in place in a terminal or a notebook, else below the last."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._in_place = sys.stdout.isatty() or "ipykernel" in sys.modules
        self._last = ""

    def show(self, text: str) -> None:
        if not self._shown or text == self._last:
            return
        if self._in_place:
            print(f"\r{text.ljust(len(self._last))}", end="", flush=True)
        else:
            print(text, flush=True)
        self._last = text

    def end(self) -> None:
        if self._last and self._in_place:
            print(flush=True)
        self._last = ""
