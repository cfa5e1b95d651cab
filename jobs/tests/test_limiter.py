import asyncio

import pytest

from touchstone_jobs.inference.limiter import Limiter


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


async def test_halves_once_a_round_and_grows_back() -> None:
    limiter = Limiter(64)
    now = asyncio.get_running_loop().time()
    assert limiter.slow_down(now, None)
    assert not limiter.slow_down(now - 0.1, None)
    assert limiter.limit == 32
    for _ in range(32):
        limiter.succeeded()
    assert limiter.limit == 40
    for _ in range(200):
        limiter.succeeded()
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


async def test_pauses_as_long_as_asked() -> None:
    limiter = Limiter(8)
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    limiter.slow_down(asked_at, 0.2)
    await limiter.acquire()
    assert loop.time() - asked_at >= 0.2
    assert limiter.paused_for() == 0
