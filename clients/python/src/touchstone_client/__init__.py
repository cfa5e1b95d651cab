"""Touchstone from Python: which language model is best for your own data?

>>> ts = Touchstone()
>>> dataset = ts.datasets.upload("rows.csv")
"""

from importlib.metadata import version

from touchstone_client.client import Touchstone
from touchstone_client.dataset import Dataset
from touchstone_client.errors import (
    AnswerTimeoutError,
    BadAnswerError,
    BadRequestError,
    ConflictError,
    CredentialError,
    ForbiddenError,
    InvalidError,
    NoSpaceError,
    NotFoundError,
    ServerError,
    TooLargeError,
    TouchstoneError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
    UpstreamError,
    WaitTimeoutError,
)
from touchstone_client.experiment import Experiment
from touchstone_client.job import Job
from touchstone_client.table import Table

__version__ = version("touchstone-client")
__all__ = [
    "AnswerTimeoutError",
    "BadAnswerError",
    "BadRequestError",
    "ConflictError",
    "CredentialError",
    "Dataset",
    "Experiment",
    "ForbiddenError",
    "InvalidError",
    "Job",
    "NoSpaceError",
    "NotFoundError",
    "ServerError",
    "Table",
    "TooLargeError",
    "Touchstone",
    "TouchstoneError",
    "UnauthorizedError",
    "UnavailableError",
    "UnreachableError",
    "UpstreamError",
    "WaitTimeoutError",
]
