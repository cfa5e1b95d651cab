"""Baselines with no model in them: the floor of every comparison."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from touchstone_jobs.errors import JobError
from touchstone_jobs.inference.model import Completion, Rows, failed
from touchstone_jobs.inference.sentences import split_sentences

SENTENCES = 3


def lead(text: str) -> str:
    """The first three sentences, one a line (which is how ROUGE-Lsum tells sentences apart)."""
    return "\n".join(split_sentences(text)[:SENTENCES])


def most_central(text: str) -> str:
    """The three most central sentences in their order, one a line."""
    from touchstone_jobs.inference.lexrank import lexrank

    sentences = split_sentences(text)
    return "\n".join(sentences[i] for i in lexrank(sentences, SENTENCES))


def copy(text: str) -> str:
    return text


_SUMMARIZERS: dict[str, Callable[[str], str]] = {
    "baseline/lead-3": lead,
    "baseline/lexrank": most_central,
    "baseline/copy": copy,
}


class Baseline:
    """Works on the input column itself; prompts are for models. One row at a time: it is all computation."""

    def __init__(self, name: str, input_column: str) -> None:
        """Raises JobError on an unknown name."""
        if name not in _SUMMARIZERS:
            raise JobError(f'There is no baseline "{name}". Known: {", ".join(_SUMMARIZERS)}.')
        self._name = name
        self._summarize = _SUMMARIZERS[name]
        self._column = input_column

    def columns(self) -> list[str]:
        return [self._column]

    def libraries(self) -> list[str]:
        return ["numpy"] if self._summarize is most_central else []

    async def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        while row := await rows.next():
            rows.report(1, None)
            started = time.perf_counter()
            try:
                prediction = self._summarize(row.values[self._column])
            except Exception as error:
                yield failed(row, "row_crashed", f"{self._name} failed on this row: {error!r}", calls=1)
            else:
                latency_ms = (time.perf_counter() - started) * 1000
                yield Completion(
                    row.row_id,
                    row.repeat,
                    prediction,
                    finish_reason="stop",
                    latency_ms=latency_ms,
                    cost=0.0,
                    calls=1,
                )
            await asyncio.sleep(0)
