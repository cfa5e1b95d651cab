"""What made the numbers, for the result."""

import platform
from collections.abc import Iterable
from importlib.metadata import version

import touchstone_jobs


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """`python`, `touchstone_jobs`, and the named distributions."""
    ours = {"python": platform.python_version(), "touchstone_jobs": touchstone_jobs.__version__}
    return ours | {library: version(library) for library in libraries}
