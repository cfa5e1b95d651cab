"""LexRank: the sentences most central to a text (Erkan & Radev, "LexRank: Graph-based Lexical Centrality as Salience
in Text Summarization", Journal of Artificial Intelligence Research 22, 2004).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.1
"""Sentences more alike than this are neighbours; the paper's best value."""
DAMPING = 0.15
"""Chance of jumping to any sentence: the paper's d, which it takes from [0.1, 0.2]."""
MAX_SENTENCES = 2000
"""The graph is quadratic: of a longer text only the first so many compete."""

# A word, or one character of a script that writes without spaces.
_TERM = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")


def lexrank(sentences: Sequence[str], count: int) -> list[int]:
    """Places of the `count` most central sentences, in their order in the text. Of equals the earlier wins."""
    if len(sentences) <= count:
        return list(range(len(sentences)))
    scores = centrality(similarities(sentences[:MAX_SENTENCES]))
    # Rounded, so that equals are not told apart by the last bits of a sum.
    ranked = sorted(range(len(scores)), key=lambda i: (-round(float(scores[i]), 9), i))
    return sorted(ranked[:count])


def similarities(sentences: Sequence[str]) -> NDArray[np.float64]:
    """idf-modified cosine of each pair (equation 1 of the paper), shape (n, n), values 0 to 1.

    idf = log(N / n): the text's own sentences are the collection, as there is no other for a single text.
    """
    counts = [Counter(_TERM.findall(sentence.lower())) for sentence in sentences]
    frequency = Counter(term for terms in counts for term in terms)
    column = {term: i for i, term in enumerate(frequency)}
    weights = np.zeros((len(sentences), max(len(column), 1)))
    for i, terms in enumerate(counts):
        for term, times in terms.items():
            weights[i, column[term]] = times * math.log(len(sentences) / frequency[term])
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    unit = np.divide(weights, norms, out=np.zeros_like(weights), where=norms > 0)
    cosine: NDArray[np.float64] = unit @ unit.T
    np.fill_diagonal(cosine, 1.0)
    return cosine


def centrality(similarity: NDArray[np.float64], tolerance: float = 1e-8) -> NDArray[np.float64]:
    """The stationary distribution of a walk over neighbours (algorithms 2 and 3 of the paper), shape (n,), sum 1."""
    neighbours = (similarity > THRESHOLD).astype(np.float64)
    walk = neighbours / neighbours.sum(axis=1, keepdims=True)
    n = len(similarity)
    scores = np.full(n, 1 / n)
    while True:
        following: NDArray[np.float64] = DAMPING / n + (1 - DAMPING) * (walk.T @ scores)
        change = float(np.abs(following - scores).sum())
        scores = following
        if change < tolerance:
            return scores
