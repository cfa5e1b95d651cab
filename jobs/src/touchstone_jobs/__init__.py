"""What Touchstone runs on Ray: inference and evaluation of one workflow.

`python -m touchstone_jobs --job <id> --attempt <n>` reads `jobs/<id>/spec.json` from the storage at
TOUCHSTONE_STORAGE_URL and leaves journal, progress, log, rows and result there. It needs no route back to the server.
"""

__version__ = "0.1.0"
