"""The scores that a judge may give: in words for it, as a JSON schema for its endpoint, and as numbers. Pure."""

from typing import Any

from touchstone_jobs.files import CategoryScale, JudgeScale, RangeScale, UnitScale, YesNoScale


def describe(scale: JudgeScale) -> str:
    """For the judge."""
    match scale:
        case RangeScale(low=low, high=high):
            return f"A whole number from {low} (worst) to {high} (best)."
        case UnitScale():
            return "A number from 0 (worst) to 1 (best), such as 0.35."
        case YesNoScale():
            return 'The word "yes" or the word "no".'
        case CategoryScale(categories=categories):
            names = ", ".join(f'"{category.name}"' for category in categories)
            meanings = [f"- {category.name}: {category.meaning}" for category in categories if category.meaning]
            return "\n".join([f"One of these names, exactly as it is written: {names}.", *meanings])


def example(scale: JudgeScale) -> str:
    """How a score is written, in JSON."""
    match scale:
        case RangeScale(low=low, high=high):
            return f"<whole number from {low} to {high}>"
        case UnitScale():
            return "<number from 0 to 1>"
        case YesNoScale():
            return '"yes" or "no"'
        case CategoryScale():
            return '"<name>"'


def schema(scale: JudgeScale) -> dict[str, Any]:
    """Of an answer, within what endpoints that take a schema know: no bounds of numbers, every property required. The
    reason comes first: a score that is written after it can rest on it.
    """
    match scale:
        case RangeScale(low=low, high=high):
            score: dict[str, Any] = {"type": "integer", "enum": list(range(low, high + 1))}
        case UnitScale():
            score = {"type": "number"}
        case YesNoScale():
            score = {"type": "string", "enum": ["yes", "no"]}
        case CategoryScale(categories=categories):
            score = {"type": "string", "enum": [category.name for category in categories]}
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "score": score},
        "required": ["reason", "score"],
        "additionalProperties": False,
    }


def value_of(scale: JudgeScale, score: Any) -> float | None:
    """The number of a score; None: it is not on the scale."""
    match scale:
        case RangeScale(low=low, high=high):
            is_on = _is_number(score) and low <= score <= high and float(score).is_integer()
        case UnitScale():
            is_on = _is_number(score) and 0 <= score <= 1
        case YesNoScale():
            return {"yes": 1.0, "no": 0.0}.get(score) if isinstance(score, str) else None
        case CategoryScale(categories=categories):
            return next((category.value for category in categories if category.name == score), None)
    return float(score) if is_on else None


def _is_number(score: Any) -> bool:
    return isinstance(score, int | float) and not isinstance(score, bool)
