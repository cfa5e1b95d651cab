"""How many calls run at once: what the server grants, and less while the endpoint limits the rate."""

import asyncio
from collections import deque

GROWTH = 0.25
"""After a rate limit the number of calls at once grows by this share for each round of successful calls."""


class Limiter:
    """Slots for calls. A row that comes back for another call goes before new rows. For one event loop."""

    def __init__(self, grant: int) -> None:
        self._grant = grant
        self._limit = float(grant)
        self._in_use = 0
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._paused_until = 0.0
        self._slowed_at = 0.0

    @property
    def limit(self) -> int:
        return max(int(self._limit), 1)

    @property
    def grant(self) -> int:
        return self._grant

    def set_grant(self, grant: int) -> None:
        """A changed grant takes effect at once; what the endpoint's rate limit took away stays away."""
        if grant != self._grant:
            self._limit = float(grant) if self._limit >= self._grant else min(self._limit, grant)
            self._grant = grant
            self._wake()

    def paused_for(self) -> float:
        """Seconds until a call may start, as the endpoint asked; 0: now."""
        return max(self._paused_until - asyncio.get_running_loop().time(), 0.0)

    async def acquire(self, *, again: bool = False) -> None:
        """Waits for a slot. `again`: for a row that has made a call before."""
        if self._free() and not self._first and (again or not self._others):
            self._in_use += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._first if again else self._others
        queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.release()
            else:
                queue.remove(waiter)
            raise

    def release(self) -> None:
        self._in_use -= 1
        self._wake()

    def succeeded(self) -> None:
        if self._limit < self._grant:
            self._limit = min(self._limit + GROWTH, float(self._grant))
            self._wake()

    def slow_down(self, call_started_at: float, pause_s: float | None) -> bool:
        """Halves, unless it was halved since that call started: calls of one round are one sign. Returns whether it
        did.

        `call_started_at`: time of the event loop. `pause_s`: what the endpoint asked for.
        """
        loop = asyncio.get_running_loop()
        if pause_s:
            self._paused_until = max(self._paused_until, loop.time() + pause_s)
            loop.call_later(pause_s + 0.001, self._wake)
        if call_started_at < self._slowed_at:
            return False
        self._slowed_at = loop.time()
        self._limit = max(self._limit / 2, 1.0)
        return True

    def _free(self) -> bool:
        return self._in_use < self.limit and self.paused_for() == 0

    def _wake(self) -> None:
        while (self._first or self._others) and self._free():
            waiter = (self._first or self._others).popleft()
            if not waiter.done():
                self._in_use += 1
                waiter.set_result(None)
