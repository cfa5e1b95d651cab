"""A job: one unit of work on Ray, of an experiment or alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from touchstone_client import shapes
from touchstone_client.handle import Handle
from touchstone_client.table import Table
from touchstone_client.wait import Progress, wait_for

_PAGE = 100


class Job(Handle, shapes.Job):
    """An inference, an evaluation or a comparison. What it holds is of the last look: `refresh()`."""

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._client.url}/jobs/{self.id}"

    @property
    def is_over(self) -> bool:
        """With its dataset, where its answers become one."""
        if self.status == "succeeded" and self.store_to_dataset is not None:
            return self.stored_dataset is not None or self.store_problem is not None
        return self.status in ("succeeded", "failed", "stopped")

    @property
    def waits_for_you(self) -> bool:
        return False

    @property
    def progress_line(self) -> str:
        """As in `running: 12/60`."""
        if self.progress is None:
            return self.status
        rows = self.progress.rows
        return f"{self.status}: {rows.answered + rows.failed}/{rows.total}"

    def refresh(self) -> "Job":
        """Asks the server for it again; returns itself."""
        self._take(self._client.jobs.get(self))
        return self

    def wait(self, *, progress: "Progress[Job]" = True, timeout_s: float | None = None) -> "Job":
        """Waits until it is over and returns itself; see `Experiment.wait`."""
        return wait_for(self, f'The job "{self.name}"', progress, timeout_s)

    def stop(self) -> "Job":
        """Stops it; what is done is kept. Returns itself."""
        self._take(self._client.jobs.stop(self))
        return self

    def resume(self, *, time_limit_s: int | None = None) -> "Job":
        """Runs what has not run. Returns itself."""
        self._take(self._client.jobs.resume(self, what="not_run", time_limit_s=time_limit_s))
        return self

    def retry_failed(self, *, time_limit_s: int | None = None) -> "Job":
        """Runs what has not run, and the rows that failed. Returns itself."""
        self._take(self._client.jobs.resume(self, what="failed", time_limit_s=time_limit_s))
        return self

    def delete(self, *, force: bool = False) -> None:
        """Deletes a job that is in no experiment; while it runs only with `force`."""
        self._client.jobs.remove(self, force=force)

    def log(self) -> str:
        """What it printed so far, over all attempts."""
        text = ""
        offset = 0
        while True:
            page = self._client.jobs.log(self, offset=offset)
            text += page.text
            if page.over or page.next_offset == offset:
                return text
            offset = page.next_offset

    def rows(
        self, *, filter: Literal["all", "failed"] | None = None, search: str | None = None, limit: int | None = None
    ) -> Iterator[shapes.JobRow]:
        """The rows with answers and scores, read as they are asked for; at most `limit`."""
        read = 0
        while limit is None or read < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - read)
            page = self._client.jobs.rows(self, offset=read, limit=size, filter=filter, search=search)
            yield from page.rows
            read += len(page.rows)
            if not page.rows or read >= page.matching:
                return

    def answers(self, *, limit: int | None = None) -> Table:
        """A line for each row: input, reference, prediction, error and scores."""
        return Table(
            {
                "row_id": row.row_id,
                "input": row.input,
                "reference": row.reference,
                "prediction": row.prediction,
                "error": row.error and row.error.message,
                **row.metrics,
            }
            for row in self.rows(limit=limit)
        )

    def export(self, to: str | Path, *, format: Literal["csv", "jsonl", "parquet"] = "csv") -> Path:
        """Saves every row with its answer and scores."""
        return self._client.jobs.download_rows(self, to, format=format)
