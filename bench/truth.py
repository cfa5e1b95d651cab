"""Experiments whose truth is known, judged as the comparison job judges them: a JSON line for each on standard output.

Scores are drawn from a population of rows: each row is easy or hard for every model alike, and each model adds a
deviation of its own. Run by bench/truth.ts, which counts.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from touchstone_jobs.comparison.family import compare_rows, judge

Array = NDArray[np.float64]
POPULATION = 400_000
"""Rows by which the true means are known to about 0.0003."""


@dataclass(frozen=True)
class Shape:
    """`score` makes scores of a latent quality, standard normal where a model is not better than the others."""

    score: Callable[[Array], Array]
    delta: float
    """The smallest difference worth acting on."""
    shared: float
    """Correlation of the models' latent quality on a row."""
    is_share: bool = False
    span: float | None = 1.0
    """The largest difference that a row can have."""


def uniform(latent: Array) -> Array:
    """The standard normal's distribution function (Abramowitz & Stegun 26.2.17, error 7.5e-8)."""
    t = 1 / (1 + 0.2316419 * np.abs(latent))
    tail = np.exp(-latent * latent / 2) / math.sqrt(2 * math.pi)
    tail *= t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    return np.where(latent > 0, 1 - tail, tail)


SHAPES = {
    "even": Shape(lambda z: 0.5 + 0.15 * z, 0.02, 0.5, span=None),
    "skewed": Shape(lambda z: uniform(z) ** 4, 0.02, 0.5),
    "discrete 1-5": Shape(lambda z: np.clip(np.round(3.4 + z), 1, 5), 0.1, 0.5, span=4.0),
    "many ties": Shape(lambda z: np.where(uniform(z) > 0.15, 1.0, uniform(z) * 3), 0.02, 0.8),
    "alike": Shape(lambda z: 0.5 + 0.15 * z, 0.02, 0.95, span=None),
    "yes or no": Shape(lambda z: (z > -0.5).astype(np.float64), 0.05, 0.5, is_share=True),
}


def draw(shape: Shape, rows: int, shifts: Array, random: np.random.Generator) -> Array:
    """Scores, one line per model."""
    common = random.standard_normal(rows)
    own = random.standard_normal((len(shifts), rows))
    return shape.score(math.sqrt(shape.shared) * common + math.sqrt(1 - shape.shared) * own + shifts[:, None])


def shift_of(shape: Shape, difference: float) -> float:
    """The shift of the latent quality that makes the mean score larger by `difference`."""
    latent = np.random.default_rng(1).standard_normal(POPULATION)
    base = float(shape.score(latent).mean())
    low, high = 0.0, 3.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if float(shape.score(latent + middle).mean()) - base < difference else (low, middle)
    return (low + high) / 2


def truth_of(shape: Shape, shifts: Array) -> Array:
    latent = np.random.default_rng(2).standard_normal(POPULATION)
    return np.array([float(shape.score(latent + shift).mean()) for shift in shifts])


def experiment(shape: Shape, scores: Array, truth: Array) -> dict[str, object]:
    """What the comparison says of it, and the truth."""
    verdicts = judge(compare_rows(list(scores), shape.is_share, shape.span), "higher", shape.delta)
    pairs = []
    for verdict in verdicts:
        a, b = verdict.pair
        contrast = verdict.contrast
        assert contrast is not None
        ends = contrast.interval(0.95)
        pairs.append(
            {
                "a": a,
                "b": b,
                "n": contrast.n,
                "difference": contrast.difference,
                "truth": float(truth[a] - truth[b]),
                "interval": ends,
                "simultaneous": verdict.interval_simultaneous,
                "label": verdict.label,
                "p_adjusted": verdict.p_adjusted,
                "detectable": verdict.detectable(len(verdicts)),
            }
        )
    return {
        "values": [float(one.mean()) for one in scores],
        "truth": [float(one) for one in truth],
        "pairs": pairs,
    }


def experiments(runs: int, random: np.random.Generator) -> Iterator[dict[str, object]]:
    for name, shape in SHAPES.items():
        at_delta = shift_of(shape, shape.delta)
        for rows in (20, 50, 200, 2000):
            for models in (2, 4, 8):
                equal = np.zeros(models)
                one_better = np.concatenate([[at_delta], np.zeros(models - 1)])
                for what, fixed in (
                    ("equal", equal),
                    ("one better by delta", one_better),
                    ("mixed", None),
                ):
                    truth = None if fixed is None else truth_of(shape, fixed)
                    for _ in range(runs):
                        # Mixed: models as they come, some alike and some far apart.
                        shifts = random.choice([0.0, 0.5, 1.0, 3.0], models) * at_delta if fixed is None else fixed
                        known = truth_of_mixed(shape, shifts, at_delta) if truth is None else truth
                        found = experiment(shape, draw(shape, rows, shifts, random), known)
                        yield {
                            "shape": name,
                            "delta": shape.delta,
                            "rows": rows,
                            "models": models,
                            "what": what,
                            **found,
                        }


_KNOWN: dict[tuple[int, float], float] = {}


def truth_of_mixed(shape: Shape, shifts: Array, unit: float) -> Array:
    """The same few shifts come again and again."""
    for shift in shifts:
        key = (id(shape), round(float(shift / unit), 3))
        if key not in _KNOWN:
            _KNOWN[key] = float(truth_of(shape, np.array([shift]))[0])
    return np.array([_KNOWN[id(shape), round(float(shift / unit), 3)] for shift in shifts])


if __name__ == "__main__":
    for line in experiments(int(sys.argv[1]), np.random.default_rng(int(sys.argv[2]))):
        print(json.dumps(line))
