"""Gets a model and its tokenizer: from the Hugging Face Hub, or from the instance's models folder."""

import os
import re
from pathlib import Path
from typing import Any

from touchstone_jobs.files import LocalModel, Task
from touchstone_jobs.inference.local.formats import repository_of

FOLDER_PREFIX = "local/"
COMMIT = re.compile(r"[0-9a-f]{40}")


class LoadProblem(Exception):
    """The model cannot be had; the message says why and what to do."""


def load(spec: LocalModel, task: Task, *, use_gpu: bool, token: str | None) -> tuple[Any, Any]:
    """Model and tokenizer, on the device. Weights are safetensors and no Python of the model's runs, unless the node's
    owner allows it (TOUCHSTONE_TRUST_REMOTE_CODE) and a commit is pinned. Raises LoadProblem.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    if use_gpu and not torch.cuda.is_available():
        raise LoadProblem(
            "Ray says that the node has a GPU, but PyTorch sees none: is NVIDIA's driver recent enough for CUDA "
            f"{torch.version.cuda}?"
        )
    is_trusted = _is_trusted(spec)
    where: dict[str, Any] = {"trust_remote_code": is_trusted}
    if spec.model.startswith(FOLDER_PREFIX):
        name = str(_folder(spec.model.removeprefix(FOLDER_PREFIX)))
        where["local_files_only"] = True
    else:
        name = repository_of(spec, task)
        where |= {"revision": spec.revision or "main", "token": token}
    try:
        config = AutoConfig.from_pretrained(name, **where)
        tokenizer = AutoTokenizer.from_pretrained(name, **where)
        kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        model = kind.from_pretrained(
            name,
            dtype=spec.dtype or ("auto" if use_gpu else "float32"),
            use_safetensors=None if is_trusted else True,
            **where,
        )
    except Exception as error:
        raise LoadProblem(f"{name} cannot be loaded: {_one_line(error)}") from None
    model.eval()
    return model.to("cuda" if use_gpu else "cpu"), tokenizer


def _is_trusted(spec: LocalModel) -> bool:
    if not spec.trust_remote_code:
        return False
    if os.environ.get("TOUCHSTONE_TRUST_REMOTE_CODE") != "1":
        raise LoadProblem(
            "trust_remote_code: this Ray node runs no Python that comes with a model. Its owner can allow it: "
            "TOUCHSTONE_TRUST_REMOTE_CODE=1 in the node's environment."
        )
    if not COMMIT.fullmatch(spec.revision or ""):
        raise LoadProblem("trust_remote_code needs a commit as revision: a branch can change.")
    return True


def _folder(name: str) -> Path:
    """A folder below the node's models folder, wherever links lead."""
    root = os.environ.get("TOUCHSTONE_MODELS_DIR")
    if not root:
        raise LoadProblem("TOUCHSTONE_MODELS_DIR is not set on this Ray node: there are no local folders of models.")
    models = Path(root).resolve()
    folder = (models / name).resolve()
    if models not in folder.parents:
        raise LoadProblem(f'The folder "{name}" leads out of the models folder.')
    if not (folder / "config.json").is_file():
        raise LoadProblem(f'There is no model in the folder "{name}" of {models}: it has no config.json.')
    return folder


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
