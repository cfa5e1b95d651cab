"""One copy of a model in this process: what it is given, and what it refuses."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import tiny
from touchstone_jobs.files import LocalModel, Task, Translation
from touchstone_jobs.inference.local.formats import Text, repository_of
from touchstone_jobs.inference.local.loading import LoadProblem
from touchstone_jobs.inference.local.runner import Runner

LINES = tiny.LINES


def spec(model: str, **settings: Any) -> LocalModel:
    fields = {
        "protocol": "transformers",
        "model": model,
        "revision": None,
        "dtype": None,
        "device": None,
        "max_input_tokens": None,
        "batch_size": None,
        "generation": {"max_new_tokens": 8},
        "input": "auto",
        "trust_remote_code": False,
        "has_secret": False,
    }
    return LocalModel.model_validate(fields | settings)


def runner(model: str, task: Task = "summarization", **settings: Any) -> Runner:
    return Runner(spec(model, **settings), task, use_gpu=False, threads=1, token=None)


def translation(source: str, target: str) -> Translation:
    return Translation.model_validate({"translation": {"source": source, "target": target}})


def texts(*lines: str) -> list[Text]:
    return [Text(n, line, f"Summarize: {line}", None) for n, line in enumerate(lines)]


@pytest.mark.parametrize("model", tiny.MAKERS)
def test_an_answer_is_the_same_alone_and_in_a_batch(models: Path, model: str) -> None:
    task = translation("en", "fr" if model == "marian-many" else "de")
    one = runner(f"local/{model}", task)
    together = [answer.text for answer in one.generate(texts(*LINES[:4]))]
    assert together == [one.generate(texts(line))[0].text for line in LINES[:4]]
    # What T5 says depends on little else than its prefix.
    assert model == "t5" or len(set(together)) > 1


@pytest.mark.parametrize("generation", [{}, {"max_new_tokens": 500}])
def test_an_answer_ends_where_the_model_has_no_positions_any_more(models: Path, generation: dict[str, int]) -> None:
    answer = runner("local/bart", generation=generation | {"min_length": 60}).generate(texts(LINES[0]))[0]
    assert answer.completion_tokens == 63
    assert answer.finish_reason == "length"


@pytest.mark.parametrize(
    ("model", "german", "french"),
    [("m2m100", "__de__", "__fr__"), ("nllb", "deu_Latn", "fra_Latn"), ("mbart", "de_DE", "fr_XX")],
)
def test_the_language_codes_are_those_of_the_task(models: Path, model: str, german: str, french: str) -> None:
    for target, code in (("German", german), ("fr", french)):
        one = runner(f"local/{model}", translation("English", target))
        outputs = _listen(one)
        answers = one.generate(texts(*LINES[:3]))
        assert one._tokenizer.convert_ids_to_tokens(outputs[0][:, 1].tolist()) == [code] * 3
        assert not any(str(answer.text).startswith(code) for answer in answers)
    sources = [runner(f"local/{model}", translation(source, "de")) for source in ("English", "French")]
    english, french_ids = (one._encode(texts(LINES[0])[0]).ids for one in sources)
    assert len(english) == len(french_ids)
    assert sum(a != b for a, b in zip(english, french_ids, strict=True)) == 1


def _listen(one: Runner) -> list[Any]:
    """What the model generates from now on."""
    outputs: list[Any] = []
    generate = one._model.generate

    def listened(**inputs: Any) -> Any:
        outputs.append(generate(**inputs))
        return outputs[-1]

    one._model.generate = listened
    return outputs


def test_the_family_of_opus_mt_names_the_pair() -> None:
    model = spec("hf/Helsinki-NLP/opus-mt")
    assert repository_of(model, translation("English", "German")) == "Helsinki-NLP/opus-mt-en-de"
    assert repository_of(spec("hf/Helsinki-NLP/opus-mt-en-fr"), translation("en", "fr")) == "Helsinki-NLP/opus-mt-en-fr"


def test_a_prompt_of_ones_own_is_used_where_a_model_would_get_the_text(models: Path) -> None:
    assert "the text itself" in runner("local/bart").describe()
    assert "given the prompt;" in runner("local/bart", input="prompt").describe()


def test_without_parameters_there_is_no_chance_and_with_a_seed_it_repeats(models: Path) -> None:
    steady = runner("local/chat")
    assert [a.text for a in steady.generate(texts(LINES[0]))] == [a.text for a in steady.generate(texts(LINES[0]))]
    warm = {"max_new_tokens": 30, "temperature": 5.0, "seed": 3}
    first, again = (runner("local/chat", generation=warm).generate(texts(LINES[0]))[0].text for _ in range(2))
    other = runner("local/chat", generation=warm | {"seed": 4}).generate(texts(LINES[0]))[0].text
    assert first == again != other


def test_what_a_model_thinks_is_no_answer(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = runner("local/chat")
    monkeypatch.setattr(one._tokenizer, "decode", lambda *_, **__: "<think>It is short.</think>Yes.")
    answer = one.generate(texts(LINES[0]))[0]
    assert (answer.text, answer.reasoning) == ("Yes.", "It is short.")
    assert (answer.reasoning_tokens or 0) > 0


def test_a_batch_that_does_not_fit_into_memory_is_halved(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = runner("local/bart")
    expected = [answer.text for answer in one.generate(texts(*LINES[:4]))]
    generate = one._model.generate
    sizes = []

    def small(**inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 1:
            raise torch.OutOfMemoryError
        return generate(**inputs)

    monkeypatch.setattr(one._model, "generate", small)
    assert [answer.text for answer in one.generate(texts(*LINES[:4]))] == expected
    assert sizes == [4, 2, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("model", "task", "settings", "reason"),
    [
        ("local/nothing", "summarization", {}, "There is no model in the folder"),
        ("local/../../etc", "summarization", {}, "leads out of the models folder"),
        ("local/link", "summarization", {}, "leads out of the models folder"),
        ("local/m2m100", translation("en", "Klingon"), {}, 'does not know the language "Klingon"'),
        ("local/marian", translation("en", "French"), {}, "translates to German, the task asks for French"),
        ("local/marian-many", translation("en", "de"), {}, "it knows fra, spa, por_br"),
        ("local/nllb", "summarization", {}, "translates, and nothing else"),
        ("local/bart", "summarization", {"generation": {"temperature": 0.7, "do_sample": False}}, "temperature"),
        ("local/bart", "summarization", {"trust_remote_code": True}, "runs no Python that comes with a model"),
    ],
)
def test_what_cannot_run_says_why(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    task: Task,
    settings: dict[str, Any],
    reason: str,
) -> None:
    # The nodes of the tests' cluster allow it, which this process sees once there is one.
    monkeypatch.delenv("TOUCHSTONE_TRUST_REMOTE_CODE", raising=False)
    if not (models / "link").exists():
        (models / "link").symlink_to(tmp_path)
    with pytest.raises(LoadProblem, match=reason):
        runner(model, task, **settings)


def test_a_gpu_that_pytorch_does_not_see(models: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(LoadProblem, match="PyTorch sees none"):
        Runner(spec("local/bart"), "summarization", use_gpu=True, threads=None, token=None)


def test_pickled_weights_are_refused(models: Path) -> None:
    folder = models / "pickled"
    shutil.copytree(models / "bart", folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(LoadProblem, match="safetensors"):
        runner("local/pickled")


def test_a_commit_has_to_be_pinned_for_python_of_a_model(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_TRUST_REMOTE_CODE", "1")
    with pytest.raises(LoadProblem, match="needs a commit"):
        runner("hf/tiny/custom", revision="main", trust_remote_code=True)
