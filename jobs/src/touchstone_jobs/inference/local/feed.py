"""Hands out batches of rows of like length, and takes back those whose process died."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from touchstone_jobs.inference.local.formats import Text
from touchstone_jobs.inference.model import Row, Rows

WINDOW = 8
"""Batches' worth of rows that are sorted by length at a time."""
MAX_DEATHS = 2
"""A row in whose run so many processes died is set aside."""


@dataclass(slots=True)
class Batch:
    texts: list[Text]
    deaths: int = 0
    """Processes that died while they ran these rows."""


class Feed:
    def __init__(self, rows: Rows, make: Callable[[Row], Text], batch_size: int) -> None:
        self._rows = rows
        self._make = make
        self._size = batch_size
        self._batches: deque[Batch] = deque()
        self._again: deque[Batch] = deque()
        self._out = 0
        self._exhausted = False
        self._filling = asyncio.Lock()
        self._changed = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Nothing is left, and nothing can come back."""
        return self._exhausted and not self._batches and not self._again and self._out == 0

    async def next(self, *, wait: bool) -> Batch | None:
        """The next batch; None: there is none, or (without `wait`) none right now. Who has batches under way must not
        wait: rows may be kept back until those are finished with.
        """
        while True:
            if batch := await self._take(wait=wait):
                self._out += 1
                return batch
            if self.is_over or not wait:
                return None
            self._changed.clear()
            await self._changed.wait()

    def done(self) -> None:
        """A batch is finished with."""
        self._out -= 1
        self._changed.set()

    def put_back(self, batch: Batch) -> None:
        """It was not begun, or what happened is not its fault."""
        self._again.append(batch)
        self.done()

    def blame(self, batch: Batch) -> list[Text]:
        """The process that ran it died: its rows are run again one by one. Returns the row that did so too often."""
        deaths = batch.deaths + 1
        given_up = batch.texts if deaths >= MAX_DEATHS and len(batch.texts) == 1 else []
        if not given_up:
            self._again.extend(Batch([text], deaths) for text in batch.texts)
        self.done()
        return given_up

    async def _take(self, *, wait: bool) -> Batch | None:
        if self._filling.locked() and not wait:
            return None
        async with self._filling:
            if not self._again and not self._batches and not self._exhausted:
                await self._fill(wait=wait)
            source = self._again or self._batches
            if not source:
                return None
            if not await self._rows.may_call():
                self._exhausted = True
                self._again.clear()
                self._batches.clear()
                self._changed.set()
                return None
            return source.popleft()

    async def _fill(self, *, wait: bool) -> None:
        """Rows that are kept back are waited for only where there is nothing else to run."""
        window: list[Text] = []
        while len(window) < WINDOW * self._size and (self._rows.is_ready or (wait and not window)):
            row = await self._rows.next()
            if row is None:
                self._exhausted = True
                self._changed.set()
                break
            window.append(self._make(row))
        # The longest first: where they do not fit, it shows at once.
        window.sort(key=lambda text: -len(text.text) - len(text.prompt))
        self._batches.extend(Batch(window[at : at + self._size]) for at in range(0, len(window), self._size))
