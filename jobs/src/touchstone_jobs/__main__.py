"""`python -m touchstone_jobs --job <id> --attempt <n>`: the one entrypoint that Ray runs."""

import argparse
import os
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="touchstone_jobs", description="Runs one attempt of a Touchstone job.")
    parser.add_argument("--job", required=True, help="the job's id")
    parser.add_argument("--attempt", required=True, type=int, help="number of the attempt, from 1")
    arguments = parser.parse_args()
    from touchstone_jobs.driver import run_attempt

    return run_attempt(arguments.job, arguments.attempt)


# Worker processes import this module too, under another name.
if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written. The ordinary end of the interpreter now and then aborts instead, in the threads of
    # pyarrow's library ("terminate called without an active exception"), and the attempt would count as failed.
    os._exit(status)
