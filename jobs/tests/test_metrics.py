"""Each metric equals its library called directly, and what edge cases give is written down."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
import sacrebleu
from nltk.translate.meteor_score import single_meteor_score
from rapidfuzz.distance import Levenshtein
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from examples import DATASETS, plain, read_fixture, read_rows
from touchstone_jobs.evaluation.aggregates import Collected
from touchstone_jobs.evaluation.scoring import Chunk, RowScorer, score_all
from touchstone_jobs.files import CheckType, MetricAggregate, MetricName, PlainType
from touchstone_jobs.inference.baselines import lead, most_central
from touchstone_jobs.metrics import registry
from touchstone_jobs.metrics.meteor import WithoutSynonyms

ROUGE = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
ALL: list[PlainType] = list(get_args(PlainType))
PER_ROW = [name for name in ALL if not registry.TYPES[name].is_corpus]


def evaluate(
    predictions: Sequence[str | None], references: Sequence[str | None], names: Sequence[str] = ALL
) -> tuple[dict[MetricName, list[float | None]], dict[MetricName, MetricAggregate]]:
    """Scores per row, and aggregates, as the evaluation job makes them."""
    chunk = Chunk(list(predictions), list(references))
    metrics = plain(*names)
    collected = Collected(metrics)
    collected.add(chunk, RowScorer(metrics).score(chunk))
    columns = {name: collected.columns()[name].to_pylist() for name in collected.values}
    return columns, {metric.name: collected.aggregate(metric) for metric in metrics}


@pytest.mark.parametrize("path", DATASETS, ids=lambda path: path.name)
@pytest.mark.parametrize("summarize", [lead, most_central])
def test_equal_to_the_libraries(path: Path, summarize: Any) -> None:
    rows = read_rows(path)
    references = [row["ground_truth"] for row in rows]
    predictions = [summarize(row["examples"]) for row in rows]
    columns, aggregates = evaluate(predictions, references)

    rouge = RougeScorer(ROUGE, use_stemmer=True)
    pairs = list(zip(predictions, references, strict=True))
    for name in ROUGE:
        assert columns[name] == [rouge.score(reference, prediction)[name].fmeasure for prediction, reference in pairs]
    assert columns["sentence_bleu"] == [sacrebleu.sentence_bleu(p, [r]).score for p, r in pairs]
    assert columns["sentence_chrf"] == [sacrebleu.sentence_chrf(p, [r]).score for p, r in pairs]
    assert aggregates["bleu"].value == sacrebleu.corpus_bleu(predictions, [references]).score
    assert aggregates["chrf"].value == sacrebleu.corpus_chrf(predictions, [references]).score
    assert columns["sentence_chrf_pp"] == [sacrebleu.sentence_chrf(p, [r], word_order=2).score for p, r in pairs]
    assert aggregates["chrf_pp"].value == sacrebleu.corpus_chrf(predictions, [references], word_order=2).score
    assert columns["sentence_ter"] == [sacrebleu.sentence_ter(p, [r]).score for p, r in pairs]
    assert aggregates["ter"].value == sacrebleu.corpus_ter(predictions, [references]).score
    tokenize = Tokenizer13a()
    for (prediction, reference), meteor, ratio in zip(
        pairs, columns["meteor"], columns["levenshtein_ratio"], strict=True
    ):
        tokens = tokenize(reference).split(), tokenize(prediction).split()
        assert meteor == single_meteor_score(*tokens, wordnet=WithoutSynonyms())
        assert ratio == Levenshtein.normalized_similarity(prediction, reference)
    for name in PER_ROW:
        values = [value for value in columns[name] if value is not None]
        assert aggregates[name].value == pytest.approx(sum(values) / len(values), rel=1e-12)
        assert aggregates[name].scored == len(rows)


EDGES: dict[str, tuple[str, str, dict[MetricName, float]]] = {
    "equal": (
        "The cat sat on the mat.",
        "The cat sat on the mat.",
        {
            "rouge1": 1,
            "rougeLsum": 1,
            # METEOR takes a little off even here, for one run of matches: 1 - 0.5 * (1 / 7) ** 3.
            "meteor": 1 - 0.5 / 343,
            "sentence_bleu": 100,
            "sentence_chrf": 100,
            "ter": 0,
            "exact_match": 1,
            "token_f1": 1,
            "levenshtein_ratio": 1,
            "length_tokens": 7,
        },
    ),
    "an empty prediction scores nothing, and every word is missing": (
        "",
        "The cat sat.",
        dict.fromkeys([str(name) for name in ALL if name not in ("ter", "sentence_ter")], 0.0)
        | {"ter": 100, "sentence_ter": 100},
    ),
    "only punctuation has no word for ROUGE": (
        "?!",
        "?!",
        {"rouge1": 0, "sentence_chrf": 100, "exact_match": 1, "length_chars": 2, "normalized_match": 1, "token_f1": 1},
    ),
    "emoji count as one character": (
        "🙂🙂",
        "🙂🙂",
        {"rouge1": 0, "exact_match": 1, "length_chars": 2, "length_words": 1, "token_f1": 1},
    ),
    "ROUGE's tokens are a-z and 0-9": (
        "会议改到三点",
        "会议改到三点",
        {"rouge1": 0, "sentence_chrf": 100, "exact_match": 1, "length_chars": 6, "length_words": 1},
    ),
    "Chinese characters are tokens of an answer": (
        "会议在三点",
        "三点",
        {"token_f1": 4 / 7, "contains_reference": 1, "normalized_match": 0, "meteor": 0},
    ),
    "right to left": ("שלום עולם", "שלום עולם", {"rouge1": 0, "sentence_chrf": 100, "length_words": 2, "token_f1": 1}),
    "exact match is by character, normalised match by word": (
        "Yes. ",
        "yes",
        {"exact_match": 0, "rouge1": 1, "normalized_match": 1, "token_f1": 1},
    ),
    "composed and decomposed differ but for normalised match": (
        "e\u0301",
        "é",
        {"exact_match": 0, "length_chars": 2, "normalized_match": 1},
    ),
    "an answer is contained as words": ("It was yesterday.", "yes", {"contains_reference": 0, "token_f1": 0}),
    "an answer within a sentence": (
        "The answer is New York.",
        "new york",
        {"contains_reference": 1, "normalized_match": 0, "token_f1": 4 / 7},
    ),
    "stems count": ("cats running", "cat runs", {"rouge1": 1, "meteor": 1 - 0.5 / 8}),
    "synonyms do not": ("feline", "cat", {"meteor": 0}),
    "lines are sentences for Lsum": ("b c\na b", "a b\nb c", {"rougeL": 0.5, "rougeLsum": 1}),
    "a phrase that moved is one edit": ("sat there the cat", "the cat sat there", {"sentence_ter": 25, "ter": 25}),
    "more edits than words": ("a b c d", "x", {"ter": 400}),
    "a replaced character": ("abc", "abd", {"levenshtein_ratio": 2 / 3}),
    "a 4-gram that comes back": ("a b c d a b c d", "x", {"repetition": 1 / 5}),
    "JSON with space around it": (' {"a": [1, NULL]} '.replace("NULL", "null"), "x", {"json_valid": 1}),
    "JSON with a number of 5,000 digits": ("9" * 5000, "x", {"json_valid": 1}),
    "not a number of JSON": ("[NaN]", "x", {"json_valid": 0}),
    "JSON in a fence": ("```json\n{}\n```", "x", {"json_valid": 0}),
    "JSON nested too deep": ("[" * 100_000 + "]" * 100_000, "x", {"json_valid": 0}),
}


@pytest.mark.parametrize("name", EDGES)
def test_edge_cases(name: str) -> None:
    prediction, reference, expected = EDGES[name]
    columns, aggregates = evaluate([prediction], [reference])
    for metric, value in expected.items():
        found = columns[metric][0] if metric in columns else aggregates[metric].value
        assert found == pytest.approx(value, abs=1e-12), metric


@pytest.mark.parametrize("name", EDGES)
def test_edge_cases_equal_the_libraries(name: str) -> None:
    prediction, reference, _ = EDGES[name]
    columns, aggregates = evaluate([prediction], [reference])
    for metric, score in RougeScorer(ROUGE, use_stemmer=True).score(reference, prediction).items():
        assert columns[metric] == [score.fmeasure]
    assert columns["sentence_bleu"] == [sacrebleu.sentence_bleu(prediction, [reference]).score]
    assert columns["sentence_chrf"] == [sacrebleu.sentence_chrf(prediction, [reference]).score]
    assert aggregates["bleu"].value == sacrebleu.corpus_bleu([prediction], [[reference]]).score
    assert aggregates["chrf"].value == sacrebleu.corpus_chrf([prediction], [[reference]]).score
    assert columns["sentence_chrf_pp"] == [sacrebleu.sentence_chrf(prediction, [reference], word_order=2).score]
    assert aggregates["chrf_pp"].value == sacrebleu.corpus_chrf([prediction], [[reference]], word_order=2).score
    assert aggregates["ter"].value == sacrebleu.corpus_ter([prediction], [[reference]]).score


def test_a_text_too_long_for_ter_is_that_rows_error() -> None:
    words = "word " * 501
    _, aggregates = evaluate(["a", words, "a"], ["a", "a", words], ["ter", "sentence_ter", "length_words"])
    assert (aggregates["ter"].value, aggregates["ter"].scored, aggregates["ter"].metric_error) == (0.0, 1, 2)
    assert aggregates["sentence_ter"].metric_error == 2
    assert aggregates["length_words"].scored == 3


def test_long_texts_equal_the_libraries() -> None:
    prediction, reference = "word other " * 1000, "another word " * 200
    columns, _ = evaluate([prediction], [reference], ["rougeL", "sentence_chrf"])
    assert columns["rougeL"] == [
        RougeScorer(["rougeL"], use_stemmer=True).score(reference, prediction)["rougeL"].fmeasure
    ]
    assert columns["sentence_chrf"] == [sacrebleu.sentence_chrf(prediction, [reference]).score]


def test_every_row_is_counted_once() -> None:
    predictions = ["a b", None, "a", "", "b", None]
    references = ["a b", "a", " \n", "a", None, None]
    columns, aggregates = evaluate(predictions, references)
    assert columns["rouge1"] == [1.0, None, None, 0.0, None, None]
    assert columns["length_words"] == [2.0, None, 1.0, 0.0, 1.0, None]
    for name in ALL:
        aggregate = aggregates[name]
        without = 2 if registry.TYPES[name].needs_reference else 0
        counts = (
            aggregate.scored,
            aggregate.no_reference,
            aggregate.metric_error,
            aggregate.not_answered,
            aggregate.total,
        )
        assert counts == (4 - without, without, 0, 2, 6)
    assert aggregates["rouge1"].value == 0.5


def test_without_a_scored_row_there_is_no_value() -> None:
    _, aggregates = evaluate([None, "a"], ["a", ""])
    assert aggregates["rouge1"].model_dump(exclude={"signature"}) == {
        "value": None,
        "standard_error": None,
        "interval": None,
        "median": None,
        "scored": 0,
        "total": 2,
        "no_reference": 1,
        "metric_error": 0,
        "not_answered": 1,
    }
    assert aggregates["bleu"].value is None


def test_a_row_that_a_metric_fails_on_is_that_rows_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from touchstone_jobs.metrics import exact_match

    def fail(row: registry.Row) -> Any:
        if row.prediction == "bad":
            raise RuntimeError("no")
        return {"exact_match": float("nan") if row.prediction == "nan" else 1.0}

    monkeypatch.setattr(exact_match, "score", fail)
    chunk = Chunk(["good", "bad", "nan", None], ["x", "x", "x", "x"])
    metrics = plain("exact_match", "length_chars")
    scores = RowScorer(metrics).score(chunk)
    collected = Collected(metrics)
    collected.add(chunk, scores)
    assert scores.first_error == {"exact_match": "RuntimeError: no"}
    found = collected.aggregate(metrics[0])
    assert (found.value, found.scored, found.metric_error, found.not_answered) == (1.0, 1, 2, 1)
    assert collected.aggregate(metrics[1]).metric_error == 0


def test_in_processes_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers give the same scores in the same order."""
    from touchstone_jobs.evaluation import scoring

    rows = read_rows() * 20
    chunks = [
        Chunk([lead(row["examples"]) for row in rows[i : i + 30]], [row["ground_truth"] for row in rows[i : i + 30]])
        for i in range(0, len(rows), 30)
    ]
    monkeypatch.setattr(scoring, "PROCESS_START_S", 0.0001)
    monkeypatch.setattr(scoring, "cpus", lambda: 2)
    metrics = plain("rouge1", "bleu")
    scorer = RowScorer(metrics)
    apart = [
        (chunk, scores.columns) for chunk, scores in score_all(scorer, metrics, iter(chunks), len(rows), lambda: None)
    ]
    assert apart == [(chunk, scorer.score(chunk).columns) for chunk in chunks]


def test_scoring_ends_between_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop does not wait for the rest of a slow chunk, in this process or in others."""
    from touchstone_jobs.evaluation import scoring

    class Stopped(Exception):
        pass

    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Stopped

    chunks = [Chunk(["a"] * 2, ["a"] * 2) for _ in range(4)]
    metrics = plain("exact_match")
    with pytest.raises(Stopped):
        list(score_all(RowScorer(metrics), metrics, iter(chunks), 8, check))
    monkeypatch.setattr(scoring, "PROCESS_START_S", 1e-9)
    monkeypatch.setattr(scoring, "cpus", lambda: 2)
    calls = 0
    with pytest.raises(Stopped):
        list(score_all(RowScorer(metrics), metrics, iter(chunks), 8, check))


@pytest.mark.parametrize("name", ALL)
def test_signature_names_library_and_version(name: PlainType) -> None:
    signature = registry.family(name).signature(*plain(name))
    assert signature.startswith(f"{name}|")
    assert "|lib:" in signature
    assert "|version:" in signature


def test_sacrebleus_own_signature_is_in_ours() -> None:
    bleu = sacrebleu.BLEU()
    bleu.corpus_score(["a"], [["a"]])
    ours = registry.family("bleu").signature(*plain("bleu"))
    assert str(bleu.get_signature()).replace("|version:", "|lib:sacrebleu|version:") == ours.removeprefix("bleu|")


def test_the_table_is_that_of_the_schemas() -> None:
    """packages/schemas/src/metric.test.ts holds its table to the same file."""
    types = {
        name: {
            "needs_reference": facts.needs_reference,
            "needs_input": facts.needs_input,
            "yes_or_no": facts.yes_or_no,
            "per_row": not facts.is_corpus,
        }
        for name, facts in registry.TYPES.items()
    }
    assert types == read_fixture("metric-types")
    assert set(types) == {*get_args(PlainType), *get_args(CheckType), "judge"}


def test_a_metric_gets_the_input_where_the_job_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from touchstone_jobs.metrics import exact_match

    def equals_input(row: registry.Row) -> Any:
        return {"exact_match": float(row.prediction == row.input)}

    monkeypatch.setattr(exact_match, "score", equals_input)
    chunk = Chunk(["a", "b", "", None], ["x"] * 4, ["a", "a", None, "a"])
    assert RowScorer(plain("exact_match")).score(chunk).columns == {"exact_match": [1.0, 0.0, 1.0, None]}
