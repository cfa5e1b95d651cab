"""What a judge answered: a score with its reason, or why it is none. Pure, and strict: nothing is guessed."""

import json
import re
from dataclasses import dataclass
from typing import Any

from touchstone_jobs.files import JudgeScale
from touchstone_jobs.inference.provider_errors import one_line
from touchstone_jobs.judges.scale import describe, value_of

_CODE_BLOCK = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)
QUOTED = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    score: float
    reason: str


class OutOfShape(Exception):
    """The message says in words what is wrong with the answer."""


def read_reply(text: str, scale: JudgeScale) -> Verdict:
    """The whole text is one JSON object of "reason" and "score", alone or as one code block. Raises OutOfShape."""
    block = _CODE_BLOCK.fullmatch(text.strip())
    try:
        value = json.loads(block[1] if block else text, object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise OutOfShape(f"The judge's answer is not one JSON object: {_quote(text)}") from None
    if not isinstance(value, dict) or set(value) != {"reason", "score"}:
        raise OutOfShape(f'The judge\'s answer is not an object of "reason" and "score": {_quote(text)}')
    if not isinstance(value["reason"], str):
        raise OutOfShape(f"The judge's reason is not a text: {_quote(text)}")
    score = value_of(scale, value["score"])
    if score is None:
        said = _quote(json.dumps(value["score"], ensure_ascii=False))
        raise OutOfShape(f"The judge's score {said} is not on the scale: {one_line(describe(scale), QUOTED)}")
    return Verdict(score, value["reason"])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """With a name twice, nobody can say which of the two was meant."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _no_number(name: str) -> None:
    raise ValueError(name)


def _quote(text: str) -> str:
    return one_line(text, QUOTED) or "it is empty"
