"""An experiment: followed, steered and read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from typing_extensions import Unpack

from touchstone_client import shapes
from touchstone_client.dataset import Dataset
from touchstone_client.handle import Handle
from touchstone_client.table import Table
from touchstone_client.wait import Progress, wait_for

_PAGE = 100


class Experiment(Handle, shapes.Experiment):
    """Models with their settings over one sample of a dataset. What it holds is of the last look: `refresh()`."""

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._client.url}/experiments/{self.id}"

    @property
    def is_over(self) -> bool:
        return self.status not in ("created", "running")

    @property
    def waits_for_you(self) -> bool:
        """Its first rows are answered, and the rest would cost more than `confirm_above`: see `confirmation`."""
        return self.confirmation is not None

    @property
    def progress_line(self) -> str:
        """As in `running: lead-3 12/60, lexrank 0/60`."""
        if self.confirmation is not None:
            cost = "an unknown amount" if self.confirmation.cost is None else f"${self.confirmation.cost:g}"
            return f"{self.status}: all rows are estimated to cost {cost}; confirm() goes on, stop() ends it"
        parts = (f"{one.name} {one.rows.answered + one.rows.failed}/{one.rows.total}" for one in self.workflows)
        return f"{self.status}: {', '.join(parts)}"

    def refresh(self) -> "Experiment":
        """Asks the server for it again; returns itself."""
        self._take(self._client.experiments.get(self))
        return self

    def wait(self, *, progress: "Progress[Experiment]" = True, timeout_s: float | None = None) -> "Experiment":
        """Waits until it is over, with a line of progress (or a function that is called with it), and returns itself.

        It returns too where the experiment waits for a yes to its cost (`waits_for_you`): `confirm()`, and wait again.
        It waits on while the server is away, ten minutes at most. Whatever ends the waiting, such as Ctrl-C, the run
        goes on.
        """
        return wait_for(self, f'The experiment "{self.name}"', progress, timeout_s)

    def stop(self) -> "Experiment":
        """Stops it; what is done is kept. Returns itself."""
        self._take(self._client.experiments.stop(self))
        return self

    def confirm(self) -> "Experiment":
        """Says yes to what the rest is estimated to cost. Returns itself."""
        self._take(self._client.experiments.confirm(self))
        return self

    def resume(self, *, time_limit_s: int | None = None) -> "Experiment":
        """Runs what has not run. Returns itself."""
        self._take(self._client.experiments.resume(self, what="not_run", time_limit_s=time_limit_s))
        return self

    def retry_failed(self, *, time_limit_s: int | None = None) -> "Experiment":
        """Runs what has not run, and the rows that failed. Returns itself."""
        self._take(self._client.experiments.resume(self, what="failed", time_limit_s=time_limit_s))
        return self

    def add_workflows(self, models: Sequence[shapes.ModelSettingsInput]) -> "Experiment":
        """Adds models, which run over the same rows. Returns itself."""
        self._take(self._client.experiments.add_workflows(self, models=models))
        return self

    def add_metrics(self, metrics: Sequence[shapes.MetricRef]) -> "Experiment":
        """Scores the answers that are there by more metrics; no model is called. Returns itself."""
        self._take(self._client.experiments.add_metrics(self, metrics=metrics))
        return self

    def remove_workflow(self, name: str, *, force: bool = False) -> "Experiment":
        """Removes one model with its jobs and files; the others are compared without it. Returns itself."""
        self._client.experiments.remove_workflow(self, self.workflow(name).id, force=force)
        return self.refresh()

    def update(
        self,
        *,
        name: str | None = None,
        description: str | None = None,
        budget: shapes.BudgetInput | None = None,
        recommend: shapes.RecommendRuleInput | None = None,
    ) -> "Experiment":
        """Renames or describes it, or changes its budget or the rule of its recommendation; returns itself."""
        self._take(
            self._client.experiments.update(
                self, name=name, description=description, budget=budget, recommend=recommend
            )
        )
        return self

    def delete(self, *, force: bool = False) -> None:
        """Deletes it with its jobs, files and records; while it runs only with `force`."""
        self._client.experiments.remove(self, force=force)

    def workflow(self, name: str) -> shapes.Workflow:
        """The workflow of this name. Raises KeyError."""
        found = next((one for one in self.workflows if one.name == name), None)
        if found is None:
            names = ", ".join(one.name for one in self.workflows)
            raise KeyError(f'There is no workflow "{name}" in "{self.name}": it has {names}.')
        return found

    def scores(self) -> Table:
        """A line for each workflow and metric: value, 95 % interval, and how many rows it stands on."""
        return Table(
            {
                "workflow": workflow.name,
                "metric": name,
                "value": metric.value,
                "low": metric.interval and metric.interval.low,
                "high": metric.interval and metric.interval.high,
                "scored": metric.scored,
                "total": metric.total,
            }
            for workflow in self.workflows
            for name in _names(self)
            if (metric := workflow.metrics.get(name)) is not None
        )

    def summary(self) -> Table:
        """A line for each workflow: its state, its rows, latency in milliseconds, cost, and every metric's value."""
        return Table(
            {
                "workflow": workflow.name,
                "status": workflow.status,
                "answered": workflow.rows.answered,
                "failed": workflow.rows.failed,
                "latency_p50_ms": workflow.latency_ms and workflow.latency_ms.p50,
                "latency_p95_ms": workflow.latency_ms and workflow.latency_ms.p95,
                "cost": workflow.cost,
                **{name: workflow.metrics[name].value if name in workflow.metrics else None for name in _names(self)},
            }
            for workflow in self.workflows
        )

    def rows(
        self,
        *,
        filter: shapes.RowFilter | None = None,
        search: str | None = None,
        sort: shapes.RowsListSort | None = None,
        limit: int | None = None,
    ) -> Iterator[shapes.Row]:
        """The rows with every workflow's answer, read as they are asked for; at most `limit`."""
        read = 0
        while limit is None or read < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - read)
            page = self._client.rows.list(self, offset=read, limit=size, filter=filter, search=search, sort=sort)
            yield from page.rows
            read += len(page.rows)
            if not page.rows or read >= page.matching:
                return

    def answers(
        self,
        *,
        filter: shapes.RowFilter | None = None,
        search: str | None = None,
        sort: shapes.RowsListSort | None = None,
        limit: int | None = None,
    ) -> Table:
        """A line for each row and workflow: input, reference, prediction, error, latency, cost and scores.

        `limit` is of rows. With repeats the prediction is the first of them, and the scores are their means.
        """
        names = {workflow.id: workflow.name for workflow in self.workflows}
        return Table(
            {
                "row_id": row.row_id,
                "workflow": names.get(cell.workflow_id, cell.workflow_id),
                "input": row.input,
                "reference": row.reference,
                "prediction": cell.prediction,
                "error": cell.error and cell.error.message,
                "latency_ms": cell.latency_ms,
                "cost": cell.cost,
                **{name: cell.metrics.get(name) for name in _names(self)},
            }
            for row in self.rows(filter=filter, search=search, sort=sort, limit=limit)
            for cell in row.cells
        )

    def compare(self, **rule: Unpack[shapes.RecommendRuleInput]) -> shapes.ExperimentComparison:
        """Every pair of workflows on every metric, and a recommendation by the rule, when the experiment is over."""
        return self._client.comparisons.get(self, rule=rule or None)

    def pairs(self) -> Table:
        """The comparison as a table: a line for each metric and pair, how `a` differs from `b`, and what it means."""
        answer = self.compare()
        if answer.comparison is None:
            return Table()
        names = {workflow.id: workflow.name for workflow in answer.workflows}
        return Table(_pair(pair, names) for pair in answer.comparison.pairs)

    def recommendation(self, **rule: Unpack[shapes.RecommendRuleInput]) -> shapes.Recommendation | None:
        """Which model to use and why, by a rule (given none, the experiment's own); None until it was compared."""
        return self.compare(**rule).recommendation

    def export(self, to: str | Path, *, format: Literal["csv", "jsonl", "parquet", "comparison"] = "csv") -> Path:
        """Saves every row with its answers and scores; or the comparison with recommendation and slices, as JSON."""
        return self._client.experiments.export(self, to, format=format)

    def save_predictions(self, workflow: str, name: str) -> Dataset:
        """The answers of a workflow as a new dataset."""
        return self._client.datasets.create_from_workflow(workflow_id=self.workflow(workflow).id, name=name)


def _names(experiment: shapes.Experiment) -> list[str]:
    return [metric.name for metric in experiment.metrics]


def _pair(pair: shapes.PairComparison, names: dict[str, str]) -> dict[str, Any]:
    return {
        "metric": pair.metric,
        "a": names.get(pair.a, pair.a),
        "b": names.get(pair.b, pair.b),
        "difference": pair.difference,
        "low": pair.interval and pair.interval.low,
        "high": pair.interval and pair.interval.high,
        "p_adjusted": pair.p_adjusted,
        "label": pair.label,
        "rows": pair.n,
    }
