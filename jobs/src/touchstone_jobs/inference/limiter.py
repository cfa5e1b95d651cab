"""How many calls run at once: never more than the server grants; where nobody set a number, as many as bring more
throughput; and fewer while the endpoint limits the rate.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable

from touchstone_jobs.inference.climb import Climb

GROWTH = 0.25
"""After a rate limit the number of calls at once grows by this share for each round of successful calls."""
MIN_ROUND = 20
"""Calls that a round is measured over, at least."""
SATURATED = 0.8
"""Share of the calls allowed at once that must have run for a round to say anything of the endpoint."""
FAILED = 0.1
"""A round with a greater share of failed calls says nothing either."""
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 8.0
"""Where an endpoint refuses every call and names no time, nothing is called for so long, doubling."""


class Limiter:
    """Slots for calls. A row that comes back for another call goes before new rows. For one event loop.

    `first`: calls at once to begin with, where the number is to be found by trying; None: somebody set it.
    `log` is told of every change and its reason.
    """

    def __init__(self, grant: int, first: int | None = None, log: Callable[[str], None] = lambda _: None) -> None:
        self._grant = grant
        self._log = log
        self._is_set = first is None
        self._climb = None if first is None else Climb(first, grant)
        self._limit = float(self.aim)
        self._in_use = 0
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._paused_until = 0.0
        self._probing = False
        self._slowed_at = 0.0
        self._pause_s = 0.0
        self._logged_limit = self.limit
        self._round_from = 0.0
        """Time of the event loop from which on calls count."""
        self._round_began_at = 0.0
        self._round = -self.limit
        """Calls that count; below 0: how many do not yet."""
        self._round_failed = 0
        self._round_busy_s = 0.0

    @property
    def limit(self) -> int:
        """Calls at once right now; 0 only while the server grants none."""
        return max(int(self._limit), 1) if self._grant else 0

    @property
    def aim(self) -> int:
        """Calls at once while the endpoint refuses none."""
        return self._climb.limit if self._climb else self._grant

    @property
    def held(self) -> int:
        """The grant, or more while calls of a larger one are under way."""
        return max(self._grant, self._in_use)

    def set_grant(self, grant: int, first: int | None = None) -> None:
        """A changed grant takes effect at once; what the endpoint's rate limit took away stays away. A number that is
        found by trying is looked for anew: there is more room now, or less.
        """
        if (grant, first is None) == (self._grant, self._is_set):
            return
        reached_aim = self._limit >= self.aim
        begin_with = self._climb.limit if self._climb and self._climb.limit else first
        self._grant, self._is_set = grant, first is None
        self._climb = None if first is None or begin_with is None else Climb(begin_with, grant)
        self._limit = float(self.aim) if reached_aim else min(self._limit, self.aim)
        self._changed(f"the server grants {grant}")

    def paused_for(self) -> float:
        """Seconds until a call may start; 0: now."""
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

    def finished(self, call_started_at: float, *, succeeded: bool) -> None:
        """Of each call that was not refused for its rate. `call_started_at`: time of the event loop."""
        if succeeded:
            self._pause_s = 0.0
            if self._limit < self.aim:
                self._limit = min(self._limit + GROWTH, float(self.aim))
                if self._limit >= self.aim or self.limit >= 2 * self._logged_limit:
                    self._changed("calls succeed again")
                else:
                    self._wake()
        if self._climb and not self._climb.settled:
            self._measure(self._climb, call_started_at, succeeded=succeeded)

    def slow_down(self, call_started_at: float, pause_s: float | None, why: str = "rate limited") -> None:
        """Halves, unless it was halved since that call started: calls of one round are one sign.

        `pause_s`: what the endpoint asked for. Where it named no time, and nothing succeeded since it last refused,
        all calls pause, for longer each time.
        """
        now = asyncio.get_running_loop().time()
        is_new = call_started_at >= self._slowed_at
        if not pause_s and is_new:
            pause_s = self._pause_s * random.uniform(0.5, 1.0)
            self._pause_s = min(max(2 * self._pause_s, FIRST_PAUSE_S), MAX_PAUSE_S)
        if pause_s:
            self._pause(now + pause_s)
        self._begin_round()
        if is_new:
            self._slowed_at = now
            self._limit = max(self._limit / 2, 1.0)
            self._changed(why + (f", none for {pause_s:.1f} s" if pause_s else ""))

    def probe_after(self, pause_s: float) -> None:
        """One call in so many seconds, until `resume`."""
        self._probing = True
        self._pause(asyncio.get_running_loop().time() + pause_s)

    def resume(self) -> None:
        """No pause any more."""
        self._probing = False
        self._paused_until = 0.0
        self._wake()

    def _measure(self, climb: Climb, call_started_at: float, *, succeeded: bool) -> None:
        """Throughput is the number of calls at once by how long one takes: that is smooth where calls come back in
        bursts. Calls that were started at another limit do not count, nor as many after them: of calls that were
        started together the quick ones come back first.
        """
        if self._limit < climb.limit:
            self._begin_round()
        if call_started_at < self._round_from:
            return
        now = asyncio.get_running_loop().time()
        self._round += 1
        if self._round <= 0:
            self._round_began_at = now
            return
        self._round_failed += not succeeded
        self._round_busy_s += now - call_started_at
        if self._round < climb.limit * -(-MIN_ROUND // climb.limit):
            return
        is_full = self._round_busy_s >= SATURATED * climb.limit * (now - self._round_began_at)
        if is_full and self._round_failed <= FAILED * self._round and self._round_busy_s > 0:
            why = climb.measured(climb.limit * self._round / self._round_busy_s)
            self._limit = float(climb.limit)
            self._changed(why)
        else:
            self._begin_round()

    def _begin_round(self) -> None:
        if self._climb and not self._climb.settled:
            self._round_from = asyncio.get_running_loop().time()
            self._round = -self.limit
            self._round_failed = 0
            self._round_busy_s = 0.0

    def _changed(self, why: str) -> None:
        self._begin_round()
        if self.limit != self._logged_limit:
            self._log(f"{self.limit} calls at once from now on (before: {self._logged_limit}): {why}")
            self._logged_limit = self.limit
        self._wake()

    def _pause(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        if until > self._paused_until:
            self._paused_until = until
            loop.call_at(until + 0.001, self._wake)

    def _free(self) -> bool:
        return self._in_use < (1 if self._probing else self.limit) and self.paused_for() == 0

    def _wake(self) -> None:
        while (self._first or self._others) and self._free():
            waiter = (self._first or self._others).popleft()
            if not waiter.done():
                self._in_use += 1
                waiter.set_result(None)
