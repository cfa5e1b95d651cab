"""Touchstone's procedures. Made of its OpenAPI document by `npm run generate:python`: not edited by hand.

What may be left out is None by default, and is then not sent. `request_id` is made where it is left out: a call that is
repeated because its answer was lost does not start anything twice.
"""

import builtins
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from touchstone_client.connection import Connection, Procedures, Ref, given, id_of, new_request_id, segment
from touchstone_client.dataset import Dataset
from touchstone_client.experiment import Experiment
from touchstone_client.job import Job
from touchstone_client.shapes import (
    ApiKey,
    ApiKeyCreated,
    ApiKeyScope,
    BudgetInput,
    CellChange,
    DatasetDiff,
    DatasetFormat,
    DatasetHealth,
    DatasetOrigin,
    DatasetPreview,
    DatasetVersion,
    Distribution,
    Endpoint,
    EndpointModels,
    EndpointTest,
    ExperimentComparison,
    ExperimentCounts,
    ExperimentEstimate,
    ExperimentSummary,
    JobKind,
    JobListItem,
    JobLog,
    JobRows,
    JobsCreateInferenceStoreToDataset,
    JobsRowsSort,
    JobStatus,
    KnownPrice,
    MetricRef,
    ModelSettingsInput,
    NameSuggestion,
    PricedAtInput,
    PriceInput,
    ProviderId,
    RecommendRuleInput,
    RowFilter,
    RowPair,
    Rows,
    RowsListSort,
    RunStatus,
    Secret,
    SessionGetAnswer,
    SignInLink,
    Slices,
    Status,
    SuggestedModel,
    TaskInput,
    TaskName,
)


class ApiKeysProcedures(Procedures):
    def list(self) -> builtins.list[ApiKey]:
        """API keys, newest first, without their values."""
        return self._connection.ask(builtins.list[ApiKey], "GET", "/api/api_keys")

    def create(self, *, name: str, scope: ApiKeyScope, expires_in_days: int | None) -> ApiKeyCreated:
        """Make an API key, which is shown this once."""
        return self._connection.ask(
            ApiKeyCreated,
            "POST",
            "/api/api_keys",
            body={"name": name, "scope": scope, "expires_in_days": expires_in_days},
        )

    def remove(self, id: Ref) -> None:
        """Revoke an API key."""
        self._connection.do("DELETE", f"/api/api_keys/{segment(id)}")


class DatasetsProcedures(Procedures):
    def list(
        self,
        *,
        limit: int | None = None,
        search: str | None = None,
        format: DatasetFormat | None = None,
        provenance: DatasetOrigin | None = None,
    ) -> builtins.list[Dataset]:
        """Datasets, newest first. Read page by page; `limit`: at most so many."""
        return self._connection.pages(
            Dataset, "/api/datasets", limit=limit, query=given(search=search, format=format, provenance=provenance)
        )

    def create_from_workflow(self, *, workflow_id: Ref, name: str, request_id: str | None = None) -> Dataset:
        """Save the answers of a workflow as a dataset."""
        return self._connection.ask(
            Dataset,
            "POST",
            "/api/datasets",
            body={"request_id": request_id or new_request_id(), "workflow_id": id_of(workflow_id), "name": name},
        )

    def upload(self, file: Iterable[bytes], /, *, filename: str, name: str | None = None) -> Dataset:
        """Upload a CSV, JSON Lines or Parquet file as a new dataset."""
        return self._connection.ask(
            Dataset, "PUT", "/api/datasets", query={"filename": filename, **given(name=name)}, content=file
        )

    def get(self, id: Ref) -> Dataset:
        """One version of a dataset."""
        return self._connection.ask(Dataset, "GET", f"/api/datasets/{segment(id)}")

    def update(self, id: Ref, *, name: str | None = None, description: str | None = None) -> Dataset:
        """Rename or describe a dataset."""
        return self._connection.ask(
            Dataset, "PATCH", f"/api/datasets/{segment(id)}", body=given(name=name, description=description)
        )

    def remove(self, id: Ref, *, all_versions: bool | None = None) -> None:
        """Delete a version, or the whole dataset."""
        self._connection.do("DELETE", f"/api/datasets/{segment(id)}", query=given(all_versions=all_versions))

    def diff(self, id: Ref, *, base_id: Ref, offset: int | None = None, limit: int | None = None) -> DatasetDiff:
        """What a version changed against another."""
        return self._connection.ask(
            DatasetDiff,
            "GET",
            f"/api/datasets/{segment(id)}/diff",
            query={"base_id": id_of(base_id), **given(offset=offset, limit=limit)},
        )

    def download(self, id: Ref, to: str | Path, *, as_: Literal["source", "csv"] | None = None) -> Path:
        """The file as it was uploaded, or the rows as CSV."""
        return self._connection.download(f"/api/datasets/{segment(id)}/download", to, query=given(**{"as": as_}))

    def health(
        self, id: Ref, *, input_column: str, reference_column: str | None = None, models: Sequence[str] | None = None
    ) -> DatasetHealth:
        """Duplicates, blank and extreme rows, and other faults of the data; ask again while it runs."""
        return self._connection.ask(
            DatasetHealth,
            "GET",
            f"/api/datasets/{segment(id)}/health",
            query={"input_column": input_column, **given(reference_column=reference_column, models=models)},
        )

    def preview(self, id: Ref, *, offset: int | None = None, limit: int | None = None) -> DatasetPreview:
        """Rows of a dataset."""
        return self._connection.ask(
            DatasetPreview, "GET", f"/api/datasets/{segment(id)}/rows", query=given(offset=offset, limit=limit)
        )

    def edit(
        self, id: Ref, *, changes: Sequence[CellChange], request_id: str | None = None, note: str | None = None
    ) -> Dataset:
        """Change cells: makes a new version."""
        return self._connection.ask(
            Dataset,
            "POST",
            f"/api/datasets/{segment(id)}/versions",
            body={"request_id": request_id or new_request_id(), "changes": changes, **given(note=note)},
        )

    def versions(self, id: Ref) -> builtins.list[DatasetVersion]:
        """The versions of a dataset."""
        return self._connection.ask(builtins.list[DatasetVersion], "GET", f"/api/datasets/{segment(id)}/versions")


class EndpointsProcedures(Procedures):
    def list(self) -> builtins.list[Endpoint]:
        """Registered endpoints, by name."""
        return self._connection.ask(builtins.list[Endpoint], "GET", "/api/endpoints")

    def create(
        self,
        *,
        name: str,
        base_url: str,
        secret: str | None = None,
        concurrency: int | None = None,
        provider: ProviderId | None = None,
    ) -> Endpoint:
        """Register an endpoint."""
        return self._connection.ask(
            Endpoint,
            "POST",
            "/api/endpoints",
            body={
                "name": name,
                "base_url": base_url,
                **given(secret=secret, concurrency=concurrency, provider=provider),
            },
        )

    def update(
        self,
        name: str,
        *,
        base_url: str,
        secret: str | None = None,
        concurrency: int | None = None,
        provider: ProviderId | None = None,
    ) -> Endpoint:
        """Change an endpoint; experiments keep what it was."""
        return self._connection.ask(
            Endpoint,
            "PUT",
            f"/api/endpoints/{segment(name)}",
            body={"base_url": base_url, **given(secret=secret, concurrency=concurrency, provider=provider)},
        )

    def remove(self, name: str) -> None:
        """Forget an endpoint; experiments keep what it was."""
        self._connection.do("DELETE", f"/api/endpoints/{segment(name)}")

    def models(self, name: str) -> EndpointModels:
        """The models that an endpoint says it has."""
        return self._connection.ask(EndpointModels, "GET", f"/api/endpoints/{segment(name)}/models")

    def test(
        self, *, base_url: str, secret: str | None = None, provider: ProviderId | None = None, model: str | None = None
    ) -> EndpointTest:
        """Ask an endpoint one short question, or for its list of models."""
        return self._connection.ask(
            EndpointTest,
            "POST",
            "/api/endpoints/test",
            body={"base_url": base_url, **given(secret=secret, provider=provider, model=model)},
        )


class ExperimentsProcedures(Procedures):
    def list(
        self,
        *,
        limit: int | None = None,
        search: str | None = None,
        dataset_id: Ref | None = None,
        task: TaskName | None = None,
        status: RunStatus | None = None,
    ) -> builtins.list[ExperimentSummary]:
        """Experiments, newest first. Read page by page; `limit`: at most so many."""
        return self._connection.pages(
            ExperimentSummary,
            "/api/experiments",
            limit=limit,
            query=given(search=search, dataset_id=dataset_id and id_of(dataset_id), task=task, status=status),
        )

    def create(
        self,
        *,
        name: str,
        dataset_id: Ref,
        input_column: str,
        reference_column: str | None,
        task: TaskInput,
        models: Sequence[ModelSettingsInput],
        metrics: Sequence[MetricRef],
        request_id: str | None = None,
        description: str | None = None,
        group_column: str | None = None,
        prompt: str | None = None,
        system_prompt: str | None = None,
        primary_metric: str | None = None,
        rows: int | None = None,
        seed: int | None = None,
        repeats: int | None = None,
        budget: BudgetInput | None = None,
        recommend: RecommendRuleInput | None = None,
        time_limit_s: int | None = None,
    ) -> Experiment:
        """Create an experiment and run it."""
        return self._connection.ask(
            Experiment,
            "POST",
            "/api/experiments",
            body={
                "request_id": request_id or new_request_id(),
                "name": name,
                "dataset_id": id_of(dataset_id),
                "input_column": input_column,
                "reference_column": reference_column,
                "task": task,
                "models": models,
                "metrics": metrics,
                **given(
                    description=description,
                    group_column=group_column,
                    prompt=prompt,
                    system_prompt=system_prompt,
                    primary_metric=primary_metric,
                    rows=rows,
                    seed=seed,
                    repeats=repeats,
                    budget=budget,
                    recommend=recommend,
                    time_limit_s=time_limit_s,
                ),
            },
        )

    def get(self, id: Ref) -> Experiment:
        """An experiment with its workflows and scores."""
        return self._connection.ask(Experiment, "GET", f"/api/experiments/{segment(id)}")

    def update(
        self,
        id: Ref,
        *,
        name: str | None = None,
        description: str | None = None,
        budget: BudgetInput | None = None,
        recommend: RecommendRuleInput | None = None,
    ) -> Experiment:
        """Rename or describe an experiment, or change its budget or the rule of its recommendation."""
        return self._connection.ask(
            Experiment,
            "PATCH",
            f"/api/experiments/{segment(id)}",
            body=given(name=name, description=description, budget=budget, recommend=recommend),
        )

    def remove(self, id: Ref, *, force: bool | None = None) -> None:
        """Delete an experiment with its jobs, files and records."""
        self._connection.do("DELETE", f"/api/experiments/{segment(id)}", query=given(force=force))

    def confirm(self, id: Ref) -> Experiment:
        """Say yes to what the rest of an experiment is estimated to cost."""
        return self._connection.ask(Experiment, "POST", f"/api/experiments/{segment(id)}/confirm")

    def export(
        self, id: Ref, to: str | Path, *, format: Literal["csv", "jsonl", "parquet", "comparison"] | None = None
    ) -> Path:
        """Every row with its answers and scores; or the comparison, with recommendation and slices, as JSON."""
        return self._connection.download(f"/api/experiments/{segment(id)}/export", to, query=given(format=format))

    def add_metrics(self, id: Ref, *, metrics: Sequence[MetricRef], request_id: str | None = None) -> Experiment:
        """Add metrics, by which the answers that are there are scored; no model is called."""
        return self._connection.ask(
            Experiment,
            "POST",
            f"/api/experiments/{segment(id)}/metrics",
            body={"request_id": request_id or new_request_id(), "metrics": metrics},
        )

    def resume(
        self,
        id: Ref,
        *,
        what: Literal["not_run", "failed"],
        request_id: str | None = None,
        time_limit_s: int | None = None,
    ) -> Experiment:
        """Run what has not run, or also what failed."""
        return self._connection.ask(
            Experiment,
            "POST",
            f"/api/experiments/{segment(id)}/resume",
            body={"request_id": request_id or new_request_id(), "what": what, **given(time_limit_s=time_limit_s)},
        )

    def stop(self, id: Ref) -> Experiment:
        """Stop an experiment; what is done is kept."""
        return self._connection.ask(Experiment, "POST", f"/api/experiments/{segment(id)}/stop")

    def add_workflows(
        self, id: Ref, *, models: Sequence[ModelSettingsInput], request_id: str | None = None
    ) -> Experiment:
        """Add models, which run over the same rows."""
        return self._connection.ask(
            Experiment,
            "POST",
            f"/api/experiments/{segment(id)}/workflows",
            body={"request_id": request_id or new_request_id(), "models": models},
        )

    def remove_workflow(self, id: Ref, workflow_id: Ref, *, force: bool | None = None) -> None:
        """Remove one model with its jobs, files and records; the others are compared without it."""
        self._connection.do(
            "DELETE", f"/api/experiments/{segment(id)}/workflows/{segment(workflow_id)}", query=given(force=force)
        )

    def counts(
        self, *, search: str | None = None, dataset_id: Ref | None = None, task: TaskName | None = None
    ) -> ExperimentCounts:
        """How many there are, by state."""
        return self._connection.ask(
            ExperimentCounts,
            "GET",
            "/api/experiments/counts",
            query=given(search=search, dataset_id=dataset_id and id_of(dataset_id), task=task),
        )

    def estimate(
        self,
        *,
        name: str,
        dataset_id: Ref,
        input_column: str,
        reference_column: str | None,
        task: TaskInput,
        models: Sequence[ModelSettingsInput],
        metrics: Sequence[MetricRef],
        description: str | None = None,
        group_column: str | None = None,
        prompt: str | None = None,
        system_prompt: str | None = None,
        primary_metric: str | None = None,
        rows: int | None = None,
        seed: int | None = None,
        repeats: int | None = None,
        budget: BudgetInput | None = None,
        recommend: RecommendRuleInput | None = None,
        time_limit_s: int | None = None,
    ) -> ExperimentEstimate:
        """What an experiment would use: tokens, money and time, before any call."""
        return self._connection.ask(
            ExperimentEstimate,
            "POST",
            "/api/experiments/estimate",
            body={
                "name": name,
                "dataset_id": id_of(dataset_id),
                "input_column": input_column,
                "reference_column": reference_column,
                "task": task,
                "models": models,
                "metrics": metrics,
                **given(
                    description=description,
                    group_column=group_column,
                    prompt=prompt,
                    system_prompt=system_prompt,
                    primary_metric=primary_metric,
                    rows=rows,
                    seed=seed,
                    repeats=repeats,
                    budget=budget,
                    recommend=recommend,
                    time_limit_s=time_limit_s,
                ),
            },
        )

    def suggest_name(self, *, name: str) -> NameSuggestion:
        """A name that is not taken yet."""
        return self._connection.ask(NameSuggestion, "GET", "/api/experiments/free_name", query={"name": name})


class ComparisonsProcedures(Procedures):
    def get(self, experiment_id: Ref, *, rule: RecommendRuleInput | None = None) -> ExperimentComparison:
        """How the models compare with each other, and which one to use by a rule."""
        return self._connection.ask(
            ExperimentComparison, "GET", f"/api/experiments/{segment(experiment_id)}/comparison", query=given(rule=rule)
        )

    def slices(self, experiment_id: Ref, *, by: str | None = None, metric: str | None = None) -> Slices:
        """How the models do on parts of the rows, by a column, the length or the language of the input."""
        return self._connection.ask(
            Slices, "GET", f"/api/experiments/{segment(experiment_id)}/slices", query=given(by=by, metric=metric)
        )


class RowsProcedures(Procedures):
    def distribution(self, experiment_id: Ref, *, metric: str) -> Distribution:
        """How the values of one metric lie, by workflow, in bins."""
        return self._connection.ask(
            Distribution, "GET", f"/api/experiments/{segment(experiment_id)}/distribution", query={"metric": metric}
        )

    def list(
        self,
        experiment_id: Ref,
        *,
        offset: int | None = None,
        limit: int | None = None,
        filter: RowFilter | None = None,
        pair: RowPair | None = None,
        search: str | None = None,
        sort: RowsListSort | None = None,
    ) -> Rows:
        """Rows of an experiment, with the answers and scores of every workflow."""
        return self._connection.ask(
            Rows,
            "GET",
            f"/api/experiments/{segment(experiment_id)}/rows",
            query=given(offset=offset, limit=limit, filter=filter, pair=pair, search=search, sort=sort),
        )

    def counts(self, experiment_id: Ref, *, search: str | None = None, pair: RowPair | None = None) -> dict[str, int]:
        """How many rows match each filter."""
        return self._connection.ask(
            dict[str, int],
            "GET",
            f"/api/experiments/{segment(experiment_id)}/rows/counts",
            query=given(search=search, pair=pair),
        )


class JobsProcedures(Procedures):
    def list(
        self,
        *,
        limit: int | None = None,
        experiment_id: Ref | None = None,
        in_experiment: bool | None = None,
        is_over: bool | None = None,
        kind: JobKind | None = None,
        status: JobStatus | None = None,
        search: str | None = None,
    ) -> builtins.list[JobListItem]:
        """Jobs, newest first. Read page by page; `limit`: at most so many."""
        return self._connection.pages(
            JobListItem,
            "/api/jobs",
            limit=limit,
            query=given(
                experiment_id=experiment_id and id_of(experiment_id),
                in_experiment=in_experiment,
                is_over=is_over,
                kind=kind,
                status=status,
                search=search,
            ),
        )

    def get(self, id: Ref) -> Job:
        """A job with its attempts and specification."""
        return self._connection.ask(Job, "GET", f"/api/jobs/{segment(id)}")

    def remove(self, id: Ref, *, force: bool | None = None) -> None:
        """Delete a job that is in no experiment, with its files and record."""
        self._connection.do("DELETE", f"/api/jobs/{segment(id)}", query=given(force=force))

    def download_log(self, id: Ref, to: str | Path) -> Path:
        """What the job printed so far, over all attempts."""
        return self._connection.download(f"/api/jobs/{segment(id)}/log", to)

    def log(self, id: Ref, *, offset: int | None = None) -> JobLog:
        """What a job printed since an offset."""
        return self._connection.ask(JobLog, "GET", f"/api/jobs/{segment(id)}/log/follow", query=given(offset=offset))

    def download_result(self, id: Ref, to: str | Path) -> Path:
        """What the job found, as it wrote it: aggregates, versions, signatures."""
        return self._connection.download(f"/api/jobs/{segment(id)}/result", to)

    def resume(
        self,
        id: Ref,
        *,
        what: Literal["not_run", "failed"],
        request_id: str | None = None,
        time_limit_s: int | None = None,
    ) -> Job:
        """Run what has not run, or also what failed."""
        return self._connection.ask(
            Job,
            "POST",
            f"/api/jobs/{segment(id)}/resume",
            body={"request_id": request_id or new_request_id(), "what": what, **given(time_limit_s=time_limit_s)},
        )

    def download_rows(
        self, id: Ref, to: str | Path, *, format: Literal["csv", "jsonl", "parquet"] | None = None
    ) -> Path:
        """Every row of a job with its answer and scores, also while it runs."""
        return self._connection.download(f"/api/jobs/{segment(id)}/rows", to, query=given(format=format))

    def rows(
        self,
        id: Ref,
        *,
        offset: int | None = None,
        limit: int | None = None,
        search: str | None = None,
        filter: Literal["all", "failed"] | None = None,
        sort: JobsRowsSort | None = None,
    ) -> JobRows:
        """A page of the rows of a job, with answers and scores."""
        return self._connection.ask(
            JobRows,
            "GET",
            f"/api/jobs/{segment(id)}/rows/page",
            query=given(offset=offset, limit=limit, search=search, filter=filter, sort=sort),
        )

    def stop(self, id: Ref) -> Job:
        """Stop a job; what is done is kept."""
        return self._connection.ask(Job, "POST", f"/api/jobs/{segment(id)}/stop")

    def create_annotation(
        self,
        *,
        dataset_id: Ref,
        input_column: str,
        reference_column: str,
        request_id: str | None = None,
        rows: int | None = None,
        seed: int | None = None,
        time_limit_s: int | None = None,
        name: str | None = None,
        task: TaskInput | None = None,
        model: ModelSettingsInput | None = None,
        prompt: str | None = None,
        system_prompt: str | None = None,
        dataset_name: str | None = None,
    ) -> Job:
        """Fill a dataset's blank references with a model's answers: a new dataset."""
        return self._connection.ask(
            Job,
            "POST",
            "/api/jobs/annotation",
            body={
                "request_id": request_id or new_request_id(),
                "dataset_id": id_of(dataset_id),
                "input_column": input_column,
                "reference_column": reference_column,
                **given(
                    rows=rows,
                    seed=seed,
                    time_limit_s=time_limit_s,
                    name=name,
                    task=task,
                    model=model,
                    prompt=prompt,
                    system_prompt=system_prompt,
                    dataset_name=dataset_name,
                ),
            },
        )

    def create_comparison(
        self,
        *,
        name: str,
        evaluation_ids: Sequence[Ref],
        request_id: str | None = None,
        primary_metric: str | None = None,
        time_limit_s: int | None = None,
    ) -> Job:
        """Compare evaluations of the same rows that were made without an experiment."""
        return self._connection.ask(
            Job,
            "POST",
            "/api/jobs/comparison",
            body={
                "request_id": request_id or new_request_id(),
                "name": name,
                "evaluation_ids": [id_of(one) for one in evaluation_ids],
                **given(primary_metric=primary_metric, time_limit_s=time_limit_s),
            },
        )

    def create_evaluation(
        self,
        *,
        name: str,
        dataset_id: Ref,
        prediction_column: str,
        reference_column: str | None,
        metrics: Sequence[MetricRef],
        request_id: str | None = None,
        rows: int | None = None,
        seed: int | None = None,
        time_limit_s: int | None = None,
        input_column: str | None = None,
    ) -> Job:
        """Score answers that a dataset has already."""
        return self._connection.ask(
            Job,
            "POST",
            "/api/jobs/evaluation",
            body={
                "request_id": request_id or new_request_id(),
                "name": name,
                "dataset_id": id_of(dataset_id),
                "prediction_column": prediction_column,
                "reference_column": reference_column,
                "metrics": metrics,
                **given(rows=rows, seed=seed, time_limit_s=time_limit_s, input_column=input_column),
            },
        )

    def create_inference(
        self,
        *,
        name: str,
        dataset_id: Ref,
        input_column: str,
        task: TaskInput,
        model: ModelSettingsInput,
        request_id: str | None = None,
        rows: int | None = None,
        seed: int | None = None,
        time_limit_s: int | None = None,
        prompt: str | None = None,
        system_prompt: str | None = None,
        store_to_dataset: JobsCreateInferenceStoreToDataset | None = None,
    ) -> Job:
        """Run one model over a dataset, without an experiment."""
        return self._connection.ask(
            Job,
            "POST",
            "/api/jobs/inference",
            body={
                "request_id": request_id or new_request_id(),
                "name": name,
                "dataset_id": id_of(dataset_id),
                "input_column": input_column,
                "task": task,
                "model": model,
                **given(
                    rows=rows,
                    seed=seed,
                    time_limit_s=time_limit_s,
                    prompt=prompt,
                    system_prompt=system_prompt,
                    store_to_dataset=store_to_dataset,
                ),
            },
        )


class ModelsProcedures(Procedures):
    def list(self, *, task: TaskName | None = None) -> builtins.list[SuggestedModel]:
        """Suggested models, and what each still needs."""
        return self._connection.ask(builtins.list[SuggestedModel], "GET", "/api/models", query=given(task=task))


class PricesProcedures(Procedures):
    def list(self) -> builtins.list[KnownPrice]:
        """The price table, which comes before the catalogue."""
        return self._connection.ask(builtins.list[KnownPrice], "GET", "/api/prices")

    def set(self, *, provider: PricedAtInput, model: str, price: PriceInput, as_of: str) -> KnownPrice:
        """Set what a model costs; experiments keep what it was."""
        return self._connection.ask(
            KnownPrice,
            "PUT",
            "/api/prices",
            body={"provider": provider, "model": model, "price": price, "as_of": as_of},
        )

    def remove(self, *, provider: PricedAtInput, model: str) -> None:
        """Forget a price: the catalogue's counts again."""
        self._connection.do("DELETE", "/api/prices", query={"provider": provider, "model": model})


class SecretsProcedures(Procedures):
    def list(self) -> builtins.list[Secret]:
        """Names and last characters of the stored keys."""
        return self._connection.ask(builtins.list[Secret], "GET", "/api/secrets")

    def set(self, name: str, *, value: str) -> Secret:
        """Store or replace a key."""
        return self._connection.ask(Secret, "PUT", f"/api/secrets/{segment(name)}", body={"value": value})

    def remove(self, name: str) -> None:
        """Forget a key."""
        self._connection.do("DELETE", f"/api/secrets/{segment(name)}")


class SessionProcedures(Procedures):
    def get(self) -> SessionGetAnswer:
        """Who the key or the session belongs to."""
        return self._connection.ask(SessionGetAnswer, "GET", "/api/session")

    def sign_out(self) -> None:
        """End this session."""
        self._connection.do("DELETE", "/api/session")


class SignInLinksProcedures(Procedures):
    def create(self) -> SignInLink:
        """A link that signs a browser in, once."""
        return self._connection.ask(SignInLink, "POST", "/api/sign_in_links")


class StatusProcedures(Procedures):
    def get(self) -> Status:
        """The state of every service."""
        return self._connection.ask(Status, "GET", "/api/status")


class AllProcedures:
    def __init__(self, connection: Connection) -> None:
        self.api_keys = ApiKeysProcedures(connection)
        self.datasets = DatasetsProcedures(connection)
        self.endpoints = EndpointsProcedures(connection)
        self.experiments = ExperimentsProcedures(connection)
        self.comparisons = ComparisonsProcedures(connection)
        self.rows = RowsProcedures(connection)
        self.jobs = JobsProcedures(connection)
        self.models = ModelsProcedures(connection)
        self.prices = PricesProcedures(connection)
        self.secrets = SecretsProcedures(connection)
        self.session = SessionProcedures(connection)
        self.sign_in_links = SignInLinksProcedures(connection)
        self.status = StatusProcedures(connection)
