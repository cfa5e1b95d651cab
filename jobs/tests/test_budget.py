"""Budgets, as the driver keeps them: the endpoint's own ledger says what was really used."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from endpoint import Call, Endpoint, Handler, after, answer, refuse
from harness import Job, until
from touchstone_jobs.files import Grant, JournalLine, Spending
from touchstone_jobs.inference.budget import NOTHING, Budget
from touchstone_jobs.inference.model import Row

PRICE = {"input": 1000.0, "output": 2000.0}
"""A tenth of a cent for a token of the prompt."""
TEXTS = [{"examples": f"text {i:04d}"} for i in range(200)]


def used(call: Call, text: str) -> dict[str, int]:
    return {"prompt_tokens": len(call.prompt), "completion_tokens": len(text)}


def answering(seconds: float = 0.02) -> tuple[Handler, list[dict[str, int]]]:
    """Answers of 3 to 20 tokens, and what each came to."""
    ledger: list[dict[str, int]] = []

    async def handle(call: Call) -> web.StreamResponse:
        text = "x" * (3 + call.number % 18)
        ledger.append(used(call, text))
        await asyncio.sleep(seconds)
        return answer(call, text)

    return handle, ledger


def cost(ledger: list[dict[str, int]]) -> float:
    return (
        sum(one["prompt_tokens"] * PRICE["input"] + one["completion_tokens"] * PRICE["output"] for one in ledger) / 1e6
    )


def tokens(ledger: list[dict[str, int]]) -> int:
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in ledger)


def grant(**limits: Any) -> dict[str, Any]:
    return {"cost": None, "tokens": None, "calls": None} | limits


@pytest.mark.parametrize(
    ("limit", "spent"),
    [
        ({"cost": 1.5}, lambda ledger: cost(ledger) / 1.5),
        ({"tokens": 900}, lambda ledger: tokens(ledger) / 900),
        ({"calls": 37}, lambda ledger: len(ledger) / 37),
    ],
)
async def test_the_limit_is_never_passed_with_many_calls_in_flight(tmp_path: Path, limit: Any, spent: Any) -> None:
    job = Job(tmp_path, TEXTS)
    handle, ledger = answering()
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", price=PRICE, params={"max_tokens": 24})
        job.control(concurrency=32, budget=grant(**limit))
        status, output = await job.run_async()
    assert status == 0, output
    assert 0.8 < spent(ledger) <= 1.0
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.failed) == ("budget", 0)
    assert result.reason is not None
    assert "raise it" in result.reason
    assert result.spent is not None
    assert result.spent.cost == pytest.approx(cost(ledger))
    assert (result.spent.tokens, result.spent.calls) == (tokens(ledger), len(ledger))
    # An exact prefix of the order of work.
    done = result.outcome.rows.answered
    assert [row["row_id"] for row in job.rows()] == list(range(done))
    assert result.outcome.rows.not_run == len(TEXTS) - done


async def test_a_raised_limit_goes_on_with_the_rows_that_are_left(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS[:60])
    handle, ledger = answering()
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", price=PRICE, params={"max_tokens": 24})
        job.control(budget=grant(calls=20))
        assert (await job.run_async())[0] == 0
        assert len(ledger) == 20
        job.next_attempt(budget=grant(calls=45))
        assert (await job.run_async())[0] == 0
        assert len(ledger) == 45
        job.next_attempt(budget=None)
        assert (await job.run_async())[0] == 0
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered) == ("complete", 60)
    assert set(endpoint.prompts().values()) == {1}


async def test_a_limit_that_is_raised_while_it_runs_is_used(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS[:30])
    # Slow enough that the driver, which looks every second, sees the new limit before it has used up the old one.
    async with Endpoint(after(0.4)) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", params={"max_tokens": 24})
        job.control(concurrency=2, budget=grant(calls=20))
        process = await job.start()
        await until(lambda: len(endpoint.calls) > 3)
        job.control(budget=grant(calls=30))
        await process.communicate()
    assert job.inference_result().ended == "complete"


async def test_what_was_spent_before_a_kill_counts(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS)
    handle, ledger = answering(0.3)
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", price=PRICE, params={"max_tokens": 24})
        job.control(concurrency=6, budget=grant(calls=60))
        process = await job.start()
        await until(lambda: len(job.journal()) >= 12)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        before = job.progress()
        assert before is not None
        assert before.in_flight is not None
        assert before.in_flight.calls > 0
        job.next_attempt()
        status, output = await job.run_async()
    assert status == 0, output
    assert len(ledger) <= 60
    result = job.inference_result()
    assert result.ended == "budget"
    assert [row["row_id"] for row in job.rows()] == list(range(result.outcome.rows.answered))


async def test_calls_that_fail_count_and_refused_ones_cost_nothing(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS[:4])

    async def handle(call: Call) -> web.StreamResponse:
        return refuse(500) if call.number <= 2 else answer(call, "abc")

    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", price=PRICE, params={"max_tokens": 24})
        job.control(concurrency=1, budget=grant(calls=4))
        assert (await job.run_async())[0] == 0
    assert len(endpoint.calls) == 4
    result = job.inference_result()
    assert result.ended == "budget"
    assert result.spent is not None
    assert (result.spent.calls, result.spent.tokens) == (4, sum(len(call.prompt) + 3 for call in endpoint.calls[2:]))


async def test_an_answer_that_nobody_counted_counts_as_what_it_could_have_been(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS[:50])

    async def handle(call: Call) -> web.StreamResponse:
        message = {"role": "assistant", "content": "yes"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})

    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", params={"max_tokens": 24})
        job.control(budget=grant(tokens=1000))
        assert (await job.run_async())[0] == 0
        # A prompt of 9 bytes, the template's 64 tokens at most, and an answer of 24.
        assert len(endpoint.calls) == 1000 // (9 + 64 + 24)
        job.next_attempt()
        assert (await job.run_async())[0] == 0
    assert len(endpoint.calls) == 1000 // (9 + 64 + 24)


def is_held(job: Job) -> bool:
    progress = job.progress()
    return progress is not None and (progress.waiting_for or "").startswith("a yes")


async def test_the_first_rows_run_and_the_rest_waits_for_a_yes(tmp_path: Path) -> None:
    job = Job(tmp_path, TEXTS[:30])
    async with Endpoint(after(0.02)) as endpoint:
        job.openai(endpoint.url, prompt="{{examples}}", params={"max_tokens": 24})
        job.control(concurrency=8, hold_after=10)
        process = await job.start()
        await until(lambda: (progress := job.progress()) is not None and progress.rows.answered == 10)
        await until(lambda: is_held(job))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        job.next_attempt()
        process = await job.start()
        await until(
            lambda: (progress := job.progress()) is not None and (progress.waiting_for or "").startswith("a yes")
        )
        assert len(endpoint.calls) == 10
        job.control(hold_after=None)
        await process.communicate()
    assert job.inference_result().ended == "complete"
    assert set(endpoint.prompts().values()) == {1}


def line(row_id: int, tokens: int) -> JournalLine:
    return JournalLine(
        row_id=row_id,
        attempt=1,
        finished_at=0.0,
        prediction="a",
        error=None,
        finish_reason=None,
        latency_ms=None,
        prompt_tokens=tokens,
        completion_tokens=0,
        cost=None,
        calls=1,
    )


def test_a_new_row_leaves_what_the_next_call_of_an_old_one_needs() -> None:
    budget = Budget(
        NOTHING, lambda: Grant(cost=None, tokens=100, calls=None), lambda _: Spending(cost=0.0, tokens=50, calls=1)
    )
    first, second, third = (Row(i, {}) for i in range(3))
    assert budget.reserve(first)
    budget.settle(first, tokens=None, cost=None, billed=False, again=True)
    assert budget.reserve(second)
    assert budget.must_wait(third)
    assert not budget.reserve(third)
    budget.settle(second, tokens=60, cost=None, billed=True)
    assert budget.finish(line(1, 60)) is None
    assert not budget.reserve(first), "only 40 are left"
    assert budget.finish(line(0, 0)) is None
    assert not budget.must_wait(third)
    assert budget.spent == Spending(cost=0.0, tokens=60, calls=2)
