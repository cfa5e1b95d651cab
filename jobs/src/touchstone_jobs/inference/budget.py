"""What the calls of a job may come to: reserved before each, settled after it, so that calls under way never take more
than the server granted.
"""

from collections.abc import Callable

from touchstone_jobs.files import Grant, JournalLine, Spending
from touchstone_jobs.fold import Key
from touchstone_jobs.inference.model import Row

NOTHING = Spending(cost=0.0, tokens=0, calls=0)
ONE_CALL = Spending(cost=0.0, tokens=0, calls=1)
ROUNDING = 1e-9
"""Sums of money that differ by less are equal."""


def plus(a: Spending, b: Spending) -> Spending:
    return Spending(cost=a.cost + b.cost, tokens=a.tokens + b.tokens, calls=a.calls + b.calls)


def minus(a: Spending, b: Spending) -> Spending:
    """Never below nothing, which rounding might make it."""
    return Spending(cost=max(a.cost - b.cost, 0.0), tokens=a.tokens - b.tokens, calls=a.calls - b.calls)


def counted(line: JournalLine) -> Spending:
    """What a finished row came to: what its line says that it counts, else what was reported of its last call."""
    if line.counted is not None:
        return line.counted
    tokens = (line.prompt_tokens or 0) + (line.completion_tokens or 0)
    return Spending(cost=line.cost or 0.0, tokens=tokens, calls=line.calls)


class Budget:
    """Of one job. A call of which nobody said what it came to counts as what it could have come to at most."""

    def __init__(
        self,
        spent: Spending,
        grant: Callable[[], Grant | None],
        most: Callable[[Row], Spending] = lambda _: ONE_CALL,
        hourly_cost: Callable[[], float | None] | None = None,
    ) -> None:
        """`spent`: by earlier attempts. `grant`: what this job may spend in all, as of now; None: there is no limit.
        `most`: what one call may come to. `hourly_cost`: in US dollars, of a model that is paid by the hour.
        """
        self._spent = spent
        self._grant = grant
        self._most = most
        self._hourly_cost = hourly_cost
        self._calls: dict[Key, Spending] = {}
        """Under way."""
        self._waiting: dict[Key, Spending] = {}
        """Rows between two calls: no new row takes what the next one needs."""
        self._rows: dict[Key, Spending] = {}
        """What the calls of unfinished rows came to."""
        self._in_flight = NOTHING
        self._needed = NOTHING

    @property
    def grant(self) -> Grant | None:
        return self._grant()

    @property
    def spent(self) -> Spending:
        cost = self._hourly_cost() if self._hourly_cost else None
        return self._spent if cost is None else self._spent.model_copy(update={"cost": cost})

    @property
    def in_flight(self) -> Spending:
        """What calls under way may come to."""
        return self._in_flight

    def must_wait(self, row: Row) -> bool:
        """Whether a new row has to wait for others: they may leave what it needs."""
        return not self._fits(row, new=True) and bool(self._calls or self._waiting)

    def reserve(self, row: Row) -> bool:
        """Before a call. False: there is too little left for it."""
        key = row.row_id, row.repeat
        again = self._waiting.pop(key, None)
        if again:
            self._needed = minus(self._needed, again)
        if not self._fits(row, new=again is None):
            return False
        most = self._most(row) if self.grant else ONE_CALL
        self._calls[key] = most
        self._in_flight = plus(self._in_flight, most)
        return True

    def settle(self, row: Row, *, tokens: int | None, cost: float | None, billed: bool, again: bool = False) -> None:
        """After a call. `tokens`, `cost`: as reported; None: unknown. `billed`: it may have been charged. `again`:
        another call for this row will follow.
        """
        key = row.row_id, row.repeat
        most = self._calls.pop(key, None)
        if most is None:
            return
        self._in_flight = minus(self._in_flight, most)
        if again:
            self._waiting[key] = most
            self._needed = plus(self._needed, most)
        bound = most if billed else ONE_CALL
        used = Spending(
            cost=bound.cost if cost is None else cost,
            tokens=bound.tokens if tokens is None else tokens,
            calls=1,
        )
        self._spent = plus(self._spent, used)
        self._rows[key] = plus(self._rows.get(key, NOTHING), used)

    def finish(self, line: JournalLine) -> Spending | None:
        """A row is over. What it counts, where its line does not say so itself."""
        key = line.row_id, line.repeat
        if key in self._calls:
            # Of a model that has no calls to settle one by one.
            reported = counted(line)
            self.settle(
                Row(line.row_id, {}, line.repeat), tokens=reported.tokens, cost=line.cost, billed=line.error is None
            )
        if again := self._waiting.pop(key, None):
            self._needed = minus(self._needed, again)
        used = self._rows.pop(key, None)
        return None if used is None or used == counted(line) else used

    def _fits(self, row: Row, *, new: bool) -> bool:
        grant = self.grant
        if grant is None:
            return True
        most = plus(plus(self.spent, self._in_flight), self._most(row))
        if new:
            most = plus(most, self._needed)
        return (
            (grant.cost is None or most.cost <= grant.cost * (1 + ROUNDING))
            and (grant.tokens is None or most.tokens <= grant.tokens)
            and (grant.calls is None or most.calls <= grant.calls)
        )
