"""A model that runs on the cluster: copies of it in Ray actors, which share the rows."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from touchstone_jobs.errors import JobError
from touchstone_jobs.files import InferenceSpec, LocalModel, RowError, Task
from touchstone_jobs.inference.local.cluster import Place, connect, find_places, is_alive, options_for
from touchstone_jobs.inference.local.feed import MAX_DEATHS, Batch, Feed
from touchstone_jobs.inference.local.formats import Text
from touchstone_jobs.inference.local.loading import LoadProblem
from touchstone_jobs.inference.local.runner import Generated, Runner
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Row, Rows, failed
from touchstone_jobs.log import say
from touchstone_jobs.prompt import prompt_columns, render_prompt
from touchstone_jobs.secrets import SealedSecret
from touchstone_jobs.storage import open_storage

BATCH_SIZE = {"cpu": 8, "gpu": 32}
QUEUED = 2
"""Batches that a copy has at a time, the one that it runs included: it never waits for the next one."""
MAX_CRASHED_IN_A_ROW = 5
"""Rows set aside without an answer in between: then it is the model, or the memory, and not the rows."""
REPORT_S = 0.5
WATCH_S = 1.0
MISSING = (
    "The Ray nodes lack the extra hf (jobs/requirements-hf.txt), which models that run here need: "
    '"npm start -- --with hf" adds it.'
)


class Replica:
    """What runs in the actor. Loading is a call of its own, so that its error comes back as it is."""

    def pid(self) -> int:
        return os.getpid()

    def load(
        self, model: LocalModel, task: Task, secret: SealedSecret | None, *, use_gpu: bool, threads: int | None
    ) -> str:
        # Opened here: a key in clear crosses no network.
        token = secret.open(open_storage(os.environ["TOUCHSTONE_STORAGE_URL"])) if secret else None
        self._runner = Runner(model, task, use_gpu=use_gpu, threads=threads, token=token)
        return self._runner.describe()

    def generate(self, texts: list[Text]) -> list[Generated]:
        return self._runner.generate(texts)


class LocalModels:
    """Copies of one model."""

    def __init__(self, spec: InferenceSpec, model: LocalModel, secret: SealedSecret | None) -> None:
        """Raises JobError where the nodes lack the packages."""
        from importlib.util import find_spec

        if not (find_spec("torch") and find_spec("transformers")):
            raise JobError(MISSING)
        self._spec = spec
        self._model = model
        self._secret = secret

    def columns(self) -> list[str]:
        templates = [self._spec.prompt, self._spec.system_prompt or ""]
        return list(dict.fromkeys([self._spec.input_column, *(name for t in templates for name in prompt_columns(t))]))

    def libraries(self) -> list[str]:
        return ["transformers", "torch", "tokenizers"]

    async def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        connect()
        places = find_places(self._model.device)[: max(1, rows.concurrency)]
        size = self._model.batch_size or BATCH_SIZE["gpu" if places[0].gpus else "cpu"]
        copies = _Copies(self._spec, self._model, self._secret, Feed(rows, self._text, size), rows)
        async for completion in copies.run(places):
            yield completion

    def _text(self, row: Row) -> Text:
        system = self._spec.system_prompt
        return Text(
            row.row_id,
            row.values[self._spec.input_column],
            render_prompt(self._spec.prompt, row.values),
            None if system is None else render_prompt(system, row.values),
            row.repeat,
        )


class _Copies:
    def __init__(
        self, spec: InferenceSpec, model: LocalModel, secret: SealedSecret | None, feed: Feed, rows: Rows
    ) -> None:
        self._spec = spec
        self._model = model
        self._secret = secret
        self._feed = feed
        self._rows = rows
        self._finished: asyncio.Queue[Completion | None] = asyncio.Queue()
        self._actors: set[Any] = set()
        self._waiting: dict[Place, str] = {}
        self._crashed_in_a_row = 0

    async def run(self, places: list[Place]) -> AsyncIterator[Completion]:
        import ray

        serving = asyncio.create_task(self._serve_all(places))
        serving.add_done_callback(lambda _: self._finished.put_nowait(None))
        reporter = asyncio.create_task(self._report())
        try:
            while (completion := await self._finished.get()) is not None:
                yield completion
            await serving
        finally:
            serving.cancel()
            reporter.cancel()
            for actor in self._actors:
                ray.kill(actor)
            await asyncio.gather(serving, reporter, return_exceptions=True)

    async def _serve_all(self, places: list[Place]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for place in places:
                    group.create_task(self._serve(place))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        if not self._feed.is_over:
            raise EndpointRefuses(
                "Every node that ran the model has left the cluster. Resume the job when they are back."
            )

    async def _serve(self, place: Place) -> None:
        """One copy, started again where its process dies, until there are no more rows or its node has left."""
        from ray.exceptions import RayActorError, RayTaskError

        actor = await self._start(place)
        flight: deque[tuple[Batch, Any]] = deque()
        while actor:
            while len(flight) < QUEUED and (batch := await self._feed.next(wait=not flight)):
                flight.append((batch, actor.generate.remote(batch.texts)))
            if not flight:
                return
            batch, answers = flight[0]
            try:
                generated = await answers
            except RayActorError as error:
                self._actors.discard(actor)
                self._died(place, [batch for batch, _ in flight], error)
                flight.clear()
                actor = await self._start(place)
            except RayTaskError as error:
                flight.popleft()
                self._raised(batch, error)
            else:
                flight.popleft()
                self._crashed_in_a_row = 0
                for one in generated:
                    self._finished.put_nowait(_completion(one))
                self._feed.done()

    def _died(self, place: Place, batches: list[Batch], error: Exception) -> None:
        """Only the batch that ran is suspect, and none where the whole node has gone."""
        running, *queued = batches
        for batch in queued:
            self._feed.put_back(batch)
        if "node" in str(error) and not is_alive(place):
            say(f"the node {place.node} has left the cluster: {len(running.texts)} rows in flight are run elsewhere")
            self._feed.put_back(running)
            return
        say(f"the process of the model on {place.node} died with {len(running.texts)} rows: each is run alone")
        for text in self._feed.blame(running):
            message = f"The process that ran the model died {MAX_DEATHS} times on this row, the last time on it alone."
            self._set_aside(text, message)

    def _raised(self, batch: Batch, error: Exception) -> None:
        cause = getattr(error, "cause", error)
        what = " ".join(f"{type(cause).__name__}: {cause}".split())[:300]
        if len(batch.texts) > 1:
            say(f"a batch of {len(batch.texts)} rows failed ({what}): each is run alone")
            self._feed.blame(Batch(batch.texts))
        else:
            self._feed.done()
            self._set_aside(batch.texts[0], f"The model failed on this row: {what}")

    def _set_aside(self, text: Text, message: str) -> None:
        self._finished.put_nowait(failed(Row(text.row_id, {}, text.repeat), "row_crashed", message, calls=1))
        self._crashed_in_a_row += 1
        if self._crashed_in_a_row >= MAX_CRASHED_IN_A_ROW:
            raise EndpointRefuses(
                f"{MAX_CRASHED_IN_A_ROW} rows in a row could not be run, so the rest was not tried. The last: "
                f"{message} "
                "Is there enough memory for the model?"
            )

    async def _start(self, place: Place) -> Any | None:
        """An actor with the model loaded; None: its node has left, or there is nothing left to do."""
        import ray
        from ray.exceptions import ActorUnschedulableError, RayActorError

        for is_last in (False, True):
            if self._feed.is_over or not is_alive(place):
                return None
            actor: Any = ray.remote(Replica).options(**options_for(place)).remote()
            self._actors.add(actor)
            try:
                self._waiting[place] = f"room on the node {place.node}, where other models run"
                pid = await self._answer(place, actor.pid.remote())
                self._waiting[place] = f"the model to be loaded on {place.node}"
                loading = actor.load.remote(
                    self._model,
                    self._spec.task,
                    use_gpu=place.gpus > 0,
                    threads=place.cpus or None,
                    secret=self._secret,
                )
                words = None if pid is None else await self._answer(place, loading)
            except LoadProblem as problem:
                raise EndpointRefuses(str(getattr(problem, "cause", problem))) from None
            except ActorUnschedulableError:
                self._actors.discard(actor)
                return None
            except RayActorError:
                self._actors.discard(actor)
                if is_last and is_alive(place):
                    raise EndpointRefuses(
                        "The process died twice while it loaded the model: is there enough memory for it?"
                    ) from None
            else:
                if words is None:
                    self._actors.discard(actor)
                    ray.kill(actor)
                    return None
                say(f"a copy of the model on {place.node}, process {pid}: {words}")
                return actor
            finally:
                self._waiting.pop(place, None)
        return None

    async def _answer(self, place: Place, call: Any) -> Any | None:
        """What a call of a copy that starts comes to; None: its node has left meanwhile, or nothing is left to do."""
        answer = asyncio.ensure_future(_await(call))
        while not (await asyncio.wait({answer}, timeout=WATCH_S))[0]:
            if self._feed.is_over or not is_alive(place):
                answer.cancel()
                return None
        return answer.result()

    async def _report(self) -> None:
        while True:
            waiting = next(iter(self._waiting.values()), None) if len(self._waiting) >= len(self._actors) else None
            self._rows.report(max(1, len(self._actors) - len(self._waiting)), waiting)
            await asyncio.sleep(REPORT_S)


async def _await(call: Any) -> Any:
    return await call


def _completion(one: Generated) -> Completion:
    return Completion(
        one.row_id,
        one.repeat,
        prediction=one.text,
        error=None if one.error is None else RowError(code=one.error[0], message=one.error[1]),
        reasoning=one.reasoning,
        finish_reason=one.finish_reason,
        truncated=one.truncated,
        latency_ms=one.latency_ms,
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
        reasoning_tokens=one.reasoning_tokens,
        calls=1,
    )
