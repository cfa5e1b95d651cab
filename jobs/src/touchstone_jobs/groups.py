"""Rows that come in groups: dialogues of one customer, pages of one book. They are not independent of each other."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from touchstone_jobs.data import read_columns
from touchstone_jobs.files import FileRef
from touchstone_jobs.storage import Storage

Groups = NDArray[np.int64]
"""Of each row of the sample, the number of its group."""

LEAST_GROUPS = 10
"""Below, the cluster-robust error is far too small (Cameron, Gelbach & Miller 2008)."""


def read_groups(storage: Storage, data: FileRef, sample: pa.Array, column: str) -> Groups:
    """Rows with the same value are one group; a row whose value is blank is a group of its own."""
    values = read_columns(storage, data, sample, [column])[column].combine_chunks()
    is_named = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(values), ""), False)
    codes = np.asarray(values.dictionary_encode().indices.fill_null(-1), dtype=np.int64)
    alone = len(values) + np.arange(len(values))
    return np.where(np.asarray(is_named), codes, alone)


def cluster_robust(values: NDArray[np.float64], groups: Groups) -> tuple[float, int]:
    """Standard error of the mean of `values` (Liang & Zeger 1986, with the correction G / (G - 1)), and how many groups
    they come in. The error of fewer than two groups is 0.
    """
    sums, count = sum_by_group(values - values.mean(), groups)
    if count < 2:
        return 0.0, count
    return math.sqrt(count / (count - 1) * float((sums * sums).sum())) / len(values), count


def sum_by_group(values: NDArray[np.float64], groups: Groups) -> tuple[NDArray[np.float64], int]:
    """Sums over the first axis, a line for each group that there is, and their number."""
    _, places = np.unique(groups, return_inverse=True)
    count = int(places.max()) + 1 if len(places) > 0 else 0
    sums = np.zeros((count, *values.shape[1:]))
    np.add.at(sums, places, values)
    return sums, count
