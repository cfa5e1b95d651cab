import asyncio

import pytest

from touchstone_jobs.inference.limiter import Limiter
from virtual_time import run_virtually


async def took(limiter: Limiter, *, again: bool = False) -> bool:
    """Whether a slot comes at once."""
    try:
        async with asyncio.timeout(0.01):
            await limiter.acquire(again=again)
    except TimeoutError:
        return False
    return True


async def free_slots(limiter: Limiter) -> int:
    slots = 0
    while await took(limiter):
        slots += 1
    return slots


async def test_gives_as_many_slots_as_granted() -> None:
    limiter = Limiter(3)
    assert await free_slots(limiter) == 3
    limiter.release()
    assert await free_slots(limiter) == 1


async def test_follows_the_grant() -> None:
    limiter = Limiter(2)
    assert await free_slots(limiter) == 2
    limiter.set_grant(5)
    assert await free_slots(limiter) == 3
    limiter.set_grant(1)
    for _ in range(4):
        limiter.release()
    assert await free_slots(limiter) == 0
    limiter.release()
    assert await free_slots(limiter) == 1


@pytest.mark.parametrize(("first", "limit"), [(None, 6), (4, 4)])
async def test_waits_for_a_first_grant(first: int | None, limit: int) -> None:
    limiter = Limiter(0, first)
    assert await free_slots(limiter) == 0
    limiter.set_grant(6, first)
    assert await free_slots(limiter) == limit


async def test_a_raised_grant_wakes_who_waits() -> None:
    limiter = Limiter(1)
    await limiter.acquire()
    waiting = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0)
    limiter.set_grant(2)
    async with asyncio.timeout(1):
        await waiting


async def test_a_row_that_comes_back_goes_first() -> None:
    limiter = Limiter(1)
    await limiter.acquire()
    order: list[str] = []

    async def take(name: str, again: bool) -> None:
        await limiter.acquire(again=again)
        order.append(name)
        limiter.release()

    tasks = [asyncio.create_task(take("new", False)), asyncio.create_task(take("again", True))]
    await asyncio.sleep(0)
    limiter.release()
    await asyncio.gather(*tasks)
    assert order == ["again", "new"]


async def test_a_slot_given_to_someone_who_left_is_given_on() -> None:
    limiter = Limiter(1)
    await limiter.acquire()
    leaving = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0)
    limiter.release()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await free_slots(limiter) == 1


def succeed(limiter: Limiter, times: int) -> None:
    now = asyncio.get_running_loop().time()
    for _ in range(times):
        limiter.finished(now, succeeded=True)


async def test_halves_once_a_round_and_grows_back() -> None:
    log: list[str] = []
    limiter = Limiter(64, log=log.append)
    now = asyncio.get_running_loop().time()
    limiter.slow_down(now, None)
    limiter.slow_down(now - 0.1, None)
    assert limiter.limit == 32
    succeed(limiter, 32)
    assert limiter.limit == 40
    succeed(limiter, 200)
    assert limiter.limit == 64
    assert log == [
        "32 calls at once from now on (before: 64): rate limited",
        "64 calls at once from now on (before: 32): calls succeed again",
    ]


async def test_failures_do_not_shrink_it() -> None:
    limiter = Limiter(64)
    for _ in range(100):
        limiter.finished(0, succeeded=False)
    assert limiter.limit == 64


async def test_never_below_one() -> None:
    limiter = Limiter(2)
    for _ in range(5):
        limiter.slow_down(asyncio.get_running_loop().time() + 1, None)
    assert limiter.limit == 1


async def test_a_lower_grant_does_not_raise_what_was_halved() -> None:
    limiter = Limiter(64)
    limiter.slow_down(asyncio.get_running_loop().time(), None)
    limiter.set_grant(100)
    assert limiter.limit == 32
    limiter.set_grant(10)
    assert limiter.limit == 10


async def test_holds_what_is_under_way() -> None:
    limiter = Limiter(4)
    assert await free_slots(limiter) == 4
    limiter.set_grant(2)
    assert limiter.held == 4
    limiter.release()
    limiter.release()
    assert limiter.held == 2
    limiter.release()
    assert limiter.held == 2


async def test_pauses_as_long_as_asked() -> None:
    limiter = Limiter(8)
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    limiter.slow_down(asked_at, 0.2)
    await limiter.acquire()
    assert loop.time() - asked_at >= 0.2
    assert limiter.paused_for() == 0


async def test_pauses_longer_and_longer_where_no_time_is_named_and_nothing_succeeds() -> None:
    limiter = Limiter(8)

    def refused() -> float:
        limiter.slow_down(asyncio.get_running_loop().time(), None)
        return limiter.paused_for()

    assert refused() == 0
    assert 0.2 < refused() <= 0.5
    for _ in range(10):
        refused()
    assert 4 <= refused() <= 8
    limiter.resume()
    succeed(limiter, 1)
    assert refused() == 0


async def test_probes_one_at_a_time_until_it_goes_on() -> None:
    limiter = Limiter(8)
    limiter.probe_after(0.05)
    assert await free_slots(limiter) == 0
    await limiter.acquire()
    assert await free_slots(limiter) == 0
    limiter.resume()
    assert await free_slots(limiter) == 7


async def test_a_number_that_somebody_set_takes_the_place_of_one_found_by_trying() -> None:
    limiter = Limiter(256, first=4)
    assert limiter.limit == 4
    limiter.set_grant(30, None)
    assert limiter.limit == 30
    limiter.set_grant(256, 4)
    assert limiter.limit == 4


async def run_queue(workers: int, limiter: Limiter, calls: int, seconds: float = 2.0) -> list[int]:
    """A server that queues what it cannot run. Returns the limits, as they followed each other."""
    loop = asyncio.get_running_loop()
    free = asyncio.Semaphore(workers)
    limits = [limiter.limit]

    async def call() -> None:
        started = loop.time()
        async with free:
            await asyncio.sleep(seconds)
        limiter.finished(started, succeeded=True)
        limiter.release()
        if limiter.limit != limits[-1]:
            limits.append(limiter.limit)

    async with asyncio.TaskGroup() as group:
        for _ in range(calls):
            await limiter.acquire()
            group.create_task(call())
    return limits


@pytest.mark.parametrize(("first", "workers"), [(4, 1), (4, 3), (4, 6), (10, 8), (10, 24), (4, 4)])
def test_settles_near_what_a_server_that_queues_can_run(first: int, workers: int) -> None:
    limits = run_virtually(lambda: run_queue(workers, Limiter(256, first), 700))
    assert 0.9 * workers <= limits[-1] <= 1.1 * workers + 1
    assert max(limits) <= max(4 * workers, 2 * first)


def test_doubles_to_the_ceiling_where_everything_runs_at_once() -> None:
    assert run_virtually(lambda: run_queue(1000, Limiter(100, 10), 700)) == [10, 20, 40, 80, 100]


async def test_does_not_climb_while_too_few_calls_run() -> None:
    limiter = Limiter(256, first=16)
    for _ in range(60):
        started = asyncio.get_running_loop().time()
        await limiter.acquire()
        await asyncio.sleep(0.002)
        limiter.finished(started, succeeded=True)
        limiter.release()
    assert limiter.limit == 16
