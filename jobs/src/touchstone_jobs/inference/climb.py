"""How many calls at once an endpoint has a use for, found by trying: double while that brings more throughput, then
look for the smallest number that brings as much. Pure.

A server of one's own queues what it cannot run: beyond its real parallelism more calls at once raise the latency and
nothing else. What is reported as its latency would be its queue.
"""

RISE = 0.25
"""Twice the calls at once must bring this much more throughput; all of it would be 1."""
ENOUGH = 0.9
"""The smallest number that reaches this share of the best throughput is the one to stay at."""
MAX_REFINEMENTS = 8


class Climb:
    def __init__(self, first: int, ceiling: int) -> None:
        self._ceiling = ceiling
        self._throughput: dict[int, float] = {}
        self._before: tuple[int, float] | None = None
        """The number before the last doubling, and its throughput."""
        self._doubling = True
        self._refinements = 0
        self.limit = min(first, ceiling)
        """Calls at once to try, or to stay at."""
        self.settled = False

    def measured(self, throughput: float) -> str:
        """Takes calls a second of a round at `limit`, in which the endpoint refused none, and chooses the next limit.
        Returns why.
        """
        self._throughput[self.limit] = throughput
        if self._doubling and self._rises(throughput):
            if self.limit == self._ceiling:
                self.settled = True
                return "as many as there may be"
            self._before = (self.limit, throughput)
            self.limit = min(2 * self.limit, self._ceiling)
            return f"{self._before[0]} brought {throughput:.1f} a second and no refusal"
        self._doubling = False
        return self._refine()

    def _rises(self, throughput: float) -> bool:
        if self._before is None:
            return True
        limit, before = self._before
        return throughput >= before * (1 + RISE * (self.limit / limit - 1))

    def _refine(self) -> str:
        """Between the greatest number that brings less and the smallest that is enough; a share of calls that does not
        wait in a queue brings its share of throughput.
        """
        best = max(self._throughput.values())
        enough = min(limit for limit, found in self._throughput.items() if found >= ENOUGH * best)
        less = max((limit for limit in self._throughput if limit < enough), default=0)
        guess = max(round(less * best / self._throughput[less]), less + 1) if less else enough // 2
        self._refinements += 1
        self.settled = not 0 < guess < enough or self._refinements > MAX_REFINEMENTS
        self.limit = enough if self.settled else guess
        return f"more bring no more than {best:.1f} a second"
