"""Every key in storage that a job reads or writes. `packages/storage` builds the same ones."""


def spec(job_id: str) -> str:
    return f"jobs/{job_id}/spec.json"


def control(job_id: str) -> str:
    return f"jobs/{job_id}/control.json"


def journal(job_id: str) -> str:
    """The folder of the journal's segments."""
    return f"jobs/{job_id}/journal/"


def segment(job_id: str, attempt: int, process: str, seq: int) -> str:
    return f"{journal(job_id)}{attempt}-{process}-{seq:06d}.jsonl"


def merged_segment(job_id: str, attempt: int, process: str, first: int, last: int) -> str:
    """The segments from `first` to `last` of a process as one."""
    return f"{journal(job_id)}{attempt}-{process}-{first:06d}-{last:06d}.jsonl"


def progress(job_id: str, attempt: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/progress.json"


def log(job_id: str, attempt: int, seq: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/log-{seq:06d}.txt"


def sealed_secret(job_id: str, attempt: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/secrets.sealed"


def under_way(job_id: str, attempt: int) -> str:
    """What an attempt began with, until it comes to an end by itself. No one but the jobs reads it."""
    return f"jobs/{job_id}/attempts/{attempt}/under-way.json"


def rows(job_id: str, attempt: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/rows.parquet"


def folded(job_id: str, attempt: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/folded.parquet"


def result(job_id: str, attempt: int) -> str:
    return f"jobs/{job_id}/attempts/{attempt}/result.json"
