"""The driver as Ray starts it, against a real endpoint; the endpoint's ledger is the witness."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import pytest
from aiohttp import web

from endpoint import Call, Endpoint, after, always, answer, refuse
from examples import read_fixture, read_rows
from harness import Job, until
from touchstone_jobs.files import Progress, Tokens
from touchstone_jobs.inference.baselines import copy, lead, most_central

PATIENCE_S = 30
"""For what takes a second or two on an idle machine, and must never take the minute of a slow endpoint."""


NOTHING_YET = Progress.model_validate(read_fixture("progress-starting"))


def texts(count: int) -> list[dict[str, str]]:
    return [{"examples": f"text {i}", "ground_truth": f"reference {i}"} for i in range(count)]


@pytest.mark.parametrize(
    ("name", "summarize"),
    [("baseline/lead-3", lead), ("baseline/lexrank", most_central), ("baseline/copy", copy)],
)
def test_baselines(tmp_path: Path, name: str, summarize: object) -> None:
    rows = read_rows()
    sample = [5, 0, 9, 8]
    job = Job(tmp_path, rows, sample)
    job.baseline(name)
    assert job.run().returncode == 0
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.rows.total) == ("complete", 4, 4)
    assert callable(summarize)
    assert [(row["row_id"], row["prediction"]) for row in job.rows()] == [
        (i, summarize(rows[i]["examples"])) for i in sample
    ]
    progress = job.progress()
    assert progress is not None
    assert (progress.stage, progress.rows.answered, progress.rows.pending) == ("done", 4, 0)
    assert "complete: 4 answered" in job.log()
    assert result.versions["touchstone_jobs"]


async def test_every_row_is_called_once_and_kept(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(40), sample=list(range(39, -1, -1)))
    async with Endpoint(after(0.05)) as endpoint:
        job.openai(endpoint.url, params={"temperature": 0.5, "seed": 3}, stop=["END"], extra_body={"top_k": 4})
        job.control(concurrency=7)
        assert (await job.run_async())[0] == 0
        assert set(endpoint.prompts().values()) == {1}
        assert endpoint.max_in_flight == 7
        request = endpoint.calls[0].body
    assert request == {
        "model": "m",
        "messages": [{"role": "user", "content": "Summarize:\n\ntext 39"}],
        "temperature": 0.5,
        "seed": 3,
        "stop": ["END"],
        "top_k": 4,
    }
    rows = job.rows()
    assert [row["row_id"] for row in rows] == list(range(39, -1, -1))
    assert rows[3]["prediction"] == "echo: Summarize:\n\ntext 36"
    assert all(row["finish_reason"] == "stop" and row["calls"] == 1 and 45 < row["latency_ms"] < 2000 for row in rows)
    result = job.inference_result()
    assert result.outcome.tokens is not None
    assert result.outcome.tokens.prompt == sum(row["prompt_tokens"] for row in rows)
    assert result.outcome.cost is None
    assert 0.25 < result.seconds < 5
    assert "Authorization" not in endpoint.calls[0].request.headers


async def test_reasoning_tokens_and_cost_stand_beside_the_answer(tmp_path: Path) -> None:
    job = Job(tmp_path, [{"examples": f"text {n}", "ground_truth": "x"} for n in range(3)])

    def think(call: Call) -> web.Response:
        if "text 2" in call.prompt:
            return refuse(400)
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "completion_tokens_details": {"reasoning_tokens": 60}}
        message = {"role": "assistant", "content": "<think>why</think>because"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})

    async with Endpoint(always(think)) as endpoint:
        job.openai(endpoint.url, price={"input": 1.0, "output": 10.0})
        assert (await job.run_async())[0] == 0
    answered = [row for row in job.rows() if row["prediction"] is not None]
    assert [(row["prediction"], row["reasoning"], row["reasoning_tokens"], row["cost"]) for row in answered] == [
        ("because", "why", 60, pytest.approx(0.002))
    ] * 2
    [failed_row] = [row for row in job.rows() if row["prediction"] is None]
    assert failed_row["cost"] is None
    outcome = job.inference_result().outcome
    assert outcome.cost == pytest.approx(0.004)
    assert outcome.tokens == Tokens(prompt=2000, completion=200, reasoning=120)


async def test_messages_of_anthropic(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(4))

    def reply(call: Call) -> web.Response:
        if call.number == 1:
            error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
            return web.json_response(error, status=529)
        content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": f"re: {call.prompt}"}]
        usage = {"input_tokens": 100, "output_tokens": 20}
        return web.json_response({"content": content, "stop_reason": "end_turn", "usage": usage})

    key = "sk-ant-canary-0123456789"
    async with Endpoint(always(reply)) as endpoint:
        job.openai(
            endpoint.url,
            protocol="anthropic",
            params={"temperature": 0.5},
            stop=["END"],
            system_prompt="Be brief.",
            prompt="{{examples}}",
            price={"input": 3.0, "output": 15.0},
            has_secret=True,
        )
        job.seal(key, endpoint.url)
        assert (await job.run_async())[0] == 0
        call = endpoint.calls[-1]
    assert call.request.path == "/v1/messages"
    assert call.body == {
        "model": "m",
        "max_tokens": 4096,
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "system": "Be brief.",
        "messages": [{"role": "user", "content": call.prompt}],
    }
    assert (call.request.headers["x-api-key"], "Authorization" in call.request.headers) == (key, False)
    assert call.request.headers["anthropic-version"] == "2023-06-01"
    for row in job.rows():
        assert (row["prediction"], row["reasoning"]) == (f"re: text {row['row_id']}", "hm")
        assert (row["finish_reason"], row["cost"]) == ("stop", pytest.approx(0.0006))


async def test_texts_arrive_as_they_are(tmp_path: Path) -> None:
    nasty = [
        "quotes \" ' ` and \\ backslashes \\n \\\\",
        "lines\nof\r\ntext\twith\ttabs",
        "$(touch x) `id` ${HOME} $HOME ; & | > < * ? ~ !",
        "{{x}} {{examples}} {{ground_truth}} {{{{}}}} %s {0} \\1 \\g<0> $1 $&",
        "🙂 会议 שלום é \u2028 \u0000 end",
        "",
    ]
    job = Job(tmp_path, [{"examples": text, "ground_truth": "{{examples}}"} for text in nasty])
    async with Endpoint(always(answer)) as endpoint:
        job.openai(endpoint.url, prompt="<{{examples}}|{{ground_truth}}>", system_prompt="Be brief: {{examples}}")
        assert (await job.run_async())[0] == 0
        arrived = {call.prompt: call.body["messages"][0] for call in endpoint.calls}
    assert arrived == {
        f"<{text}|{{{{examples}}}}>": {"role": "system", "content": f"Be brief: {text}"} for text in nasty
    }
    assert [row["prediction"] for row in job.rows()] == [f"echo: <{text}|{{{{examples}}}}>" for text in nasty]


async def test_kill_and_a_new_attempt_lose_no_row_and_repeat_only_the_last_second(tmp_path: Path) -> None:
    concurrency, latency = 8, 0.1
    job = Job(tmp_path, texts(400))
    async with Endpoint(after(latency)) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=concurrency)
        process = await job.start()
        await until(lambda: len(endpoint.calls) > 150)
        acknowledged = {line.row_id for line in job.journal()}
        shown = job.progress()
        process.kill()
        await process.wait()
        before = len(endpoint.calls)
        kept = {line.row_id for line in job.journal()}
        assert acknowledged <= kept
        assert len(kept) > 50
        assert shown is not None
        assert shown.rows.answered <= len(kept)

        job.next_attempt()
        assert (await job.run_async())[0] == 0
        result = job.inference_result()
        assert (result.outcome.rows.answered, result.ended) == (400, "complete")
        assert [row["row_id"] for row in job.rows()] == list(range(400))
        repeated = len(endpoint.calls) - 400
        # In flight, and what a little more than a second can finish at this latency.
        assert repeated <= concurrency + 1.5 * concurrency / latency
        again = {call.prompt for call in endpoint.calls[before:]}
        assert not again & {f"Summarize:\n\ntext {row_id}" for row_id in kept}
    # Both attempts count: the second alone had to run fewer rows than that.
    assert result.seconds > 0.8 * 400 * latency / concurrency


async def test_stop_keeps_what_is_done(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(4000))
    async with Endpoint(after(0.1)) as endpoint:
        job.openai(endpoint.url)
        process = await job.start()
        await until(lambda: len(endpoint.calls) > 60)
        job.control(stop=True)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
        result = job.inference_result()
        assert result.ended == "stopped"
        assert result.outcome.rows.answered == len(job.rows())
        assert 0 <= sum(endpoint.answered.values()) - result.outcome.rows.answered <= 8
        assert result.outcome.rows.not_run == 4000 - result.outcome.rows.answered
        assert result.outcome.rows.pending == 0


async def test_stop_does_not_wait_for_a_slow_endpoint(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(20))
    async with Endpoint(after(60)) as endpoint:
        job.openai(endpoint.url)
        process = await job.start()
        await until(lambda: len(endpoint.calls) == 8)
        job.control(stop=True)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
    assert job.inference_result().outcome.rows.not_run == 20


async def test_sigterm_with_stop_leaves_a_result_and_without_stop_none(tmp_path: Path) -> None:
    async with Endpoint(after(0.1)) as endpoint:
        for stop in [True, False]:
            folder = tmp_path / str(stop)
            folder.mkdir()
            job = Job(folder, texts(4000))
            job.openai(endpoint.url)
            process = await job.start()
            await until(lambda job=job: len(job.journal()) > 0)  # type: ignore[misc]
            if stop:
                job.control(stop=True)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                assert await process.wait() == (0 if stop else 143)
            assert job.has_result() == stop
            answered = sum(1 for line in job.journal() if line.error is None)
            assert answered > 0


@pytest.mark.parametrize("gone", [True, False])
async def test_a_fenced_driver_ends_without_a_result(tmp_path: Path, gone: bool) -> None:
    job = Job(tmp_path, texts(4000))
    async with Endpoint(after(0.1)) as endpoint:
        job.openai(endpoint.url)
        process = await job.start()
        await until(lambda: len(endpoint.calls) > 30)
        if gone:
            (job.folder / "storage" / "jobs" / job.id / "control.json").unlink()
        else:
            job.control(attempt=2)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 3
        calls = len(endpoint.calls)
        await asyncio.sleep(0.3)
        assert len(endpoint.calls) == calls
    assert not job.has_result()
    if not gone:
        # Answers that were paid for are kept, but for those still on their way.
        assert 0 <= sum(endpoint.answered.values()) - len(job.journal()) <= 8


async def test_a_fenced_attempt_does_not_start(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(3))
    async with Endpoint(always(answer)) as endpoint:
        job.openai(endpoint.url)
        job.control(attempt=2)
        assert (await job.run_async())[0] == 3
        assert endpoint.calls == []


async def test_frozen_and_thawed_after_a_newer_attempt_began(tmp_path: Path) -> None:
    """A driver that slept calls nothing before it has looked at control.json again."""
    job = Job(tmp_path, texts(4000))
    async with Endpoint(after(0.05)) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=1)
        process = await job.start()
        await until(lambda: len(endpoint.calls) > 10)
        process.send_signal(signal.SIGSTOP)
        job.control(attempt=2)
        await asyncio.sleep(3.5)
        calls = len(endpoint.calls)
        process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 3
        assert len(endpoint.calls) <= calls + 1


async def test_lost_storage_stops_new_calls_until_it_is_back(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(2000))
    async with Endpoint(after(0.05)) as endpoint:
        job.openai(endpoint.url)
        process = await job.start()
        await until(lambda: len(job.journal()) > 0)
        folder = job.folder / "storage" / "jobs" / job.id
        aside = folder.with_name("aside")
        folder.rename(aside)
        folder.write_text("not a folder: every read and write fails, and not as a missing file")
        await asyncio.sleep(5)
        calls = len(endpoint.calls)
        await asyncio.sleep(0.5)
        assert len(endpoint.calls) == calls
        folder.unlink()
        aside.rename(folder)
        await until(lambda: len(endpoint.calls) > calls)
        job.control(concurrency=200)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
        assert job.inference_result().outcome.rows.answered == 2000
        assert set(endpoint.prompts().values()) == {1}
    assert "storage: control.json fails" in job.log()
    assert "works again" in job.log()


async def test_concurrency_follows_control(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(300))
    async with Endpoint(after(0.1)) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=0)
        process = await job.start()
        await until(lambda: "other jobs" in ((job.progress() or NOTHING_YET).waiting_for or ""), PATIENCE_S)
        assert endpoint.calls == []
        job.control(concurrency=2)
        await until(lambda: len(endpoint.calls) > 4)
        assert endpoint.max_in_flight == 2
        job.control(concurrency=30)
        await until(lambda: endpoint.in_flight == 30)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
        assert endpoint.max_in_flight == 30


@pytest.mark.parametrize("status", [401, 404])
async def test_a_wrong_key_or_model_costs_few_calls(tmp_path: Path, status: int) -> None:
    concurrency = 8
    job = Job(tmp_path, texts(200))
    async with Endpoint(always(lambda _: refuse(status, "No such thing"))) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=concurrency)
        assert (await job.run_async())[0] == 0
        assert len(endpoint.calls) <= 5 + concurrency
    result = job.inference_result()
    assert result.ended == "breaker"
    assert result.reason is not None
    assert "No such thing" in result.reason
    assert result.outcome.rows.failed == len(endpoint.calls)
    assert result.outcome.rows.not_run == 200 - result.outcome.rows.failed
    assert list(result.outcome.errors) == ["auth" if status == 401 else "bad_request"]


async def test_retry_failed_and_resume(tmp_path: Path) -> None:
    """Errors are kept until someone asks for them; rows that were not run are run by any new attempt."""
    failing = {f"Summarize:\n\ntext {i}" for i in range(0, 30, 3)}
    job = Job(tmp_path, texts(30))

    def handle(call: Call) -> web.Response:
        return refuse(400, f"bad {call.prompt[-2:]}") if call.prompt in failing else answer(call)

    async with Endpoint(always(handle)) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=1)
        assert (await job.run_async())[0] == 0
        assert job.inference_result().outcome.rows.failed == 10
        failing.clear()
        calls = len(endpoint.calls)

        job.next_attempt()
        assert (await job.run_async())[0] == 0
        assert len(endpoint.calls) == calls
        assert job.inference_result().outcome.rows.failed == 10

        job.next_attempt(retry_failed_before=3)
        assert (await job.run_async())[0] == 0
        assert len(endpoint.calls) == calls + 10
    rows = job.inference_result().outcome.rows
    assert (rows.answered, rows.failed) == (30, 0)
    assert {row["calls"] for row in job.rows()} == {1, 2}


async def test_rate_limits_are_waited_for(tmp_path: Path) -> None:
    """429 with Retry-After at first: no call comes early, and no row fails."""
    loop = asyncio.get_running_loop()
    started: list[float] = []
    limited: list[float] = []
    early: list[float] = []

    async def handle(call: Call) -> web.StreamResponse:
        now = loop.time()
        started.append(now)
        if limited and limited[0] + 1 < now < limited[0] + 1.9:
            early.append(now - limited[0])
        if now - started[0] < 0.3:
            limited.append(now)
            return refuse(429, "slow down", Retry_After="2")
        await asyncio.sleep(0.05)
        return answer(call)

    job = Job(tmp_path, texts(60))
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=16)
        assert (await job.run_async())[0] == 0
        assert max(endpoint.prompts().values()) <= 5
    assert limited
    assert early == []
    assert job.inference_result().outcome.rows.answered == 60
    assert "8 calls at once from now on (before: 16): rate limited, none for 2.0 s" in job.log()


async def test_passing_failures_are_tried_again(tmp_path: Path) -> None:
    seen: set[str] = set()

    async def handle(call: Call) -> web.StreamResponse:
        if call.prompt in seen:
            return answer(call)
        seen.add(call.prompt)
        if call.number % 2:
            return refuse(500)
        assert call.request.transport is not None
        call.request.transport.close()
        return answer(call)

    job = Job(tmp_path, texts(10))
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url)
        assert (await job.run_async())[0] == 0
        assert len(endpoint.calls) == 20
    assert {row["calls"] for row in job.rows()} == {2}
    assert job.inference_result().outcome.rows.answered == 10


async def test_a_failing_row_is_called_five_times_and_is_that_rows_error(tmp_path: Path) -> None:
    def handle(call: Call) -> web.Response:
        return refuse(503, "Broken here") if call.prompt.endswith("text 1") else answer(call)

    job = Job(tmp_path, texts(3))
    async with Endpoint(always(handle)) as endpoint:
        job.openai(endpoint.url)
        assert (await job.run_async())[0] == 0
        assert sorted(endpoint.prompts().values()) == [1, 1, 5]
    row = job.rows()[1]
    assert (row["prediction"], row["error_code"], row["calls"]) == (None, "provider_unavailable", 5)
    assert "Broken here" in row["error_message"]
    assert job.inference_result().ended == "complete"


async def test_an_endpoint_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    job = Job(tmp_path, texts(200))
    job.openai(f"http://127.0.0.1:{port}/v1")
    process = await job.start()
    waits = f"the endpoint to answer again: Cannot connect to http://127.0.0.1:{port}: Connection refused"
    await until(lambda: ((job.progress() or NOTHING_YET).waiting_for or "").startswith(waits), PATIENCE_S)
    await until(lambda: len(job.journal()) == 5, PATIENCE_S)
    async with Endpoint(always(answer), port=port):
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
    result = job.inference_result()
    assert result.ended == "complete"
    assert (result.outcome.rows.answered, result.outcome.rows.failed) == (195, 5)
    assert list(result.outcome.errors) == ["provider_unavailable"]


async def test_an_endpoint_that_stays_away_can_be_stopped(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(200))
    job.openai("http://127.0.0.1:9/v1")
    process = await job.start()
    await until(lambda: (job.progress() or NOTHING_YET).waiting_for is not None, PATIENCE_S)
    job.control(stop=True)
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == 0
    result = job.inference_result()
    assert result.ended == "stopped"
    assert result.outcome.rows.failed <= 5
    assert result.outcome.rows.not_run == 200 - result.outcome.rows.failed


async def test_a_number_that_nobody_set_is_found_by_trying(tmp_path: Path) -> None:
    """A server that runs six calls and queues the others."""
    workers = asyncio.Semaphore(6)

    async def handle(call: Call) -> web.StreamResponse:
        async with workers:
            await asyncio.sleep(0.05)
        return answer(call)

    job = Job(tmp_path, texts(400))
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=256, first_concurrency=4)
        assert (await job.run_async())[0] == 0
        assert 6 < endpoint.max_in_flight <= 16
    assert "8 calls at once from now on (before: 4): 4 brought" in job.log()
    progress = job.progress()
    assert progress is not None
    assert progress.concurrency is not None
    assert 4 <= progress.concurrency <= 9


async def test_redirects_are_refused(tmp_path: Path) -> None:
    async with Endpoint(always(answer)) as elsewhere:
        where = f"{elsewhere.url}/chat/completions"
        async with Endpoint(always(lambda _: refuse(307, Location=where))) as endpoint:
            job = Job(tmp_path, texts(2))
            job.openai(endpoint.url, has_secret=True)
            job.seal("sk-not-for-others-123", endpoint.url)
            assert (await job.run_async())[0] == 0
        assert elsewhere.calls == []
    row = job.rows()[0]
    assert row["error_code"] == "bad_request"
    assert "redirect" in row["error_message"]


async def test_odd_answers_are_that_rows_errors(tmp_path: Path) -> None:
    bodies = {"text 0": "<html>", "text 1": "{}", "text 3": '{"error": {"message": "no", "code": 400}}'}

    def handle(call: Call) -> web.Response:
        for ending, body in bodies.items():
            if call.prompt.endswith(ending):
                return web.Response(text=body, content_type="application/json")
        return answer(call, "")

    job = Job(tmp_path, texts(4))
    async with Endpoint(always(handle)) as endpoint:
        job.openai(endpoint.url)
        assert (await job.run_async())[0] == 0
    rows = job.rows()
    assert [row["error_code"] for row in rows] == ["malformed", "malformed", None, "bad_request"]
    assert (rows[2]["prediction"], rows[2]["finish_reason"]) == ("", "stop")


async def test_the_key_reaches_its_endpoint_and_is_nowhere_else(tmp_path: Path) -> None:
    secret = 'sk-canary-7f3a9b/"quoted"\\x'
    seen: set[str | None] = set()

    def handle(call: Call) -> web.Response:
        seen.add(call.request.headers.get("Authorization"))
        if call.number <= 2:
            return refuse(400, f"The key {secret} may not do this ({call.prompt})")
        if call.number == 3:
            return web.Response(status=500, text=f"Authorization: Bearer {secret} " + "x" * 2000)
        return answer(call, f"Your key is {secret}.")

    job = Job(tmp_path, texts(6))
    async with Endpoint(always(handle)) as endpoint:
        job.openai(endpoint.url, has_secret=True)
        job.seal(secret, endpoint.url)
        status, output = await job.run_async()
        assert status == 0
    assert seen == {f"Bearer {secret}"}
    assert "[key]" in json.dumps(job.rows())
    assert "canary" not in output
    files = [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]
    assert len(files) > 6
    for path in files:
        assert b"canary" not in path.read_bytes(), path
    assert "canary" not in json.dumps(job.rows())


@pytest.mark.parametrize("broken", ["missing", "moved", "spec"])
async def test_a_key_that_was_sealed_for_something_else_is_not_used(tmp_path: Path, broken: str) -> None:
    job = Job(tmp_path, texts(2))
    async with Endpoint(always(answer)) as endpoint:
        job.openai(endpoint.url, has_secret=True)
        if broken == "moved":
            job.seal("sk-0123456789", "http://127.0.0.1:1/v1")
        if broken == "spec":
            job.seal("sk-0123456789", endpoint.url)
            job.openai(endpoint.url, has_secret=True, model="another")
        status, output = await job.run_async()
        assert endpoint.calls == []
    assert status == 2
    assert "sealed key" in output
    assert not job.has_result()


def test_a_job_that_cannot_run_says_why(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(2))
    job.spec({"kind": "inference", "version": 2})
    assert job.run().returncode == 2
    assert "made by a newer Touchstone: its spec has version 2, the jobs on this cluster know 1" in job.log()
    job.openai("http://127.0.0.1:1/v1", prompt="{{missing}}")
    assert job.run().returncode == 2
    assert 'no column "missing"' in job.log()
    job.base["data"]["sha256"] = "0" * 64
    job.baseline("baseline/copy")
    assert job.run().returncode == 2
    assert "has changed" in job.log()
    assert not job.has_result()


async def test_progress_beats_while_nothing_finishes(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(2))
    async with Endpoint(after(60)) as endpoint:
        job.openai(endpoint.url)
        process = await job.start()
        await until(lambda: len(endpoint.calls) == 2)
        first = job.progress()
        assert first is not None
        await until(lambda: (now := job.progress()) is not None and now.beat >= first.beat + 2)
        second = job.progress()
        job.control(stop=True)
        await process.wait()
    assert second is not None
    assert (second.stage, second.rows.pending, second.concurrency) == ("inference", 2, 8)
    assert endpoint.answered.total() == 0


def sse(*events: object) -> bytes:
    return b"".join(
        b"data: %s\n\n" % (e if isinstance(e, bytes) else json.dumps(e, ensure_ascii=False).encode()) for e in events
    )


async def stream(call: Call, *pieces: bytes, pause: float = 0.0) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(call.request)
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(pause)
    await response.write_eof()
    return response


async def test_streamed_answers_have_a_time_to_the_first_token(tmp_path: Path) -> None:
    def delta(finish: str | None = None, **fields: object) -> dict[str, object]:
        return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}

    async def handle(call: Call) -> web.StreamResponse:
        if call.prompt.endswith("text 1"):
            return answer(call, "not streamed")
        await asyncio.sleep(0.1)
        head = sse(delta(role="assistant", content=""), delta(reasoning_content="hm"))
        tail = sse(delta(content="é!"), delta("stop"), {"choices": [], "usage": {"prompt_tokens": 9}}, b"[DONE]")
        border = tail.index("é".encode()) + 1
        return await stream(call, head, tail[:border], tail[border:], pause=0.1)

    job = Job(tmp_path, texts(4))
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, stream=True, extra_body={"stream_options": {"include_usage": True}})
        assert (await job.run_async())[0] == 0
        assert endpoint.calls[0].body["stream"] is True
        assert endpoint.calls[0].body["stream_options"] == {"include_usage": True}
    streamed, whole = job.rows()[0], job.rows()[1]
    assert (streamed["prediction"], streamed["reasoning"], streamed["prompt_tokens"]) == ("é!", "hm", 9)
    assert 95 < streamed["first_token_ms"] < streamed["latency_ms"] - 90
    assert (whole["prediction"], whole["first_token_ms"]) == ("not streamed", None)
    outcome = job.inference_result().outcome
    assert outcome.first_token_ms is not None
    assert outcome.first_token_ms.p50 == pytest.approx(sorted(r["first_token_ms"] or 0 for r in job.rows())[2])


async def test_half_a_stream_is_no_answer_and_is_asked_for_again(tmp_path: Path) -> None:
    half = sse({"choices": [{"index": 0, "delta": {"content": "Half"}}]})
    rest = sse({"choices": [{"index": 0, "delta": {"content": " and half"}, "finish_reason": "stop"}]})
    seen: set[str] = set()

    async def handle(call: Call) -> web.StreamResponse:
        if call.prompt in seen:
            return await stream(call, half, rest)
        seen.add(call.prompt)
        if call.prompt.endswith("0"):
            return await stream(call, half)
        if call.prompt.endswith("1"):
            return await stream(call, half, sse({"error": {"message": "Overloaded"}}), rest)
        assert call.request.transport is not None
        call.request.transport.close()
        return await stream(call)

    job = Job(tmp_path, texts(3))
    async with Endpoint(handle) as endpoint:
        job.openai(endpoint.url, stream=True)
        assert (await job.run_async())[0] == 0
    assert [(row["prediction"], row["calls"]) for row in job.rows()] == [("Half and half", 2)] * 3
    assert "broke off" in job.log()
    assert "Overloaded" in job.log()


async def test_a_model_paid_by_the_hour_costs_the_time_it_answered(tmp_path: Path) -> None:
    job = Job(tmp_path, texts(20))
    async with Endpoint(after(0.1)) as endpoint:
        job.openai(endpoint.url, price={"per_hour": 3600.0})
        job.control(concurrency=5)
        status, output = await job.run_async()
    assert status == 0, output
    result = job.inference_result()
    assert result.outcome.cost == pytest.approx(result.seconds, abs=0.01)
    assert result.seconds >= 0.4
    assert {row["cost"] for row in job.rows()} == {None}
