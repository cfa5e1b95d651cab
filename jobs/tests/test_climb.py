"""Endpoints as curves: throughput by calls at once."""

from collections.abc import Callable

import pytest

from touchstone_jobs.inference.climb import Climb


def climb(curve: Callable[[int], float], first: int, ceiling: int = 256) -> list[int]:
    """The limits that were tried, the last of them the one to stay at."""
    search = Climb(first, ceiling)
    limits = [search.limit]
    while not search.settled:
        search.measured(curve(search.limit))
        limits.append(search.limit)
        assert len(limits) < 25
    return limits


def queue(workers: int) -> Callable[[int], float]:
    return lambda limit: min(limit, workers) / 2.0


@pytest.mark.parametrize(
    ("workers", "first", "limits"),
    [
        (1, 4, [4, 8, 2, 1, 1]),
        (3, 4, [4, 8, 2, 3, 3]),
        (4, 4, [4, 8, 2, 4]),
        (6, 4, [4, 8, 16, 6, 6]),
        (50, 10, [10, 20, 40, 80, 160, 50, 50]),
        (1000, 10, [10, 20, 40, 80, 160, 256, 256]),
        (1, 32, [32, 64, 16, 8, 4, 2, 1, 1]),
    ],
)
def test_finds_the_parallelism_of_a_server_that_queues(workers: int, first: int, limits: list[int]) -> None:
    assert climb(queue(workers), first) == limits


def test_stays_where_a_server_that_batches_brings_nearly_its_best() -> None:
    """Each call is slower the more run at once: throughput rises less and less."""

    def batching(limit: int) -> float:
        return 40 * limit / (limit + 20)

    limits = climb(batching, 4)
    best = max(map(batching, limits))
    assert batching(limits[-1]) >= 0.9 * best
    assert limits[-1] < max(limits)


def test_a_ceiling_below_the_first_number_is_kept() -> None:
    assert max(climb(queue(1000), 10, ceiling=3)) == 3


def test_a_server_that_breaks_down_under_load_is_left_at_what_it_can_do() -> None:
    assert climb(lambda limit: limit if limit <= 16 else 2, 4)[-1] == 16
