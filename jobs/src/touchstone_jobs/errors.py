"""Ends of an attempt that are no bugs: their message goes to the log as it is, without a traceback."""


class JobError(Exception):
    """The job cannot run as it stands; the message says why and what a person can do."""


class Fenced(Exception):
    """A newer attempt runs, or the job is gone: this process has nothing more to say."""


class Interrupted(Exception):
    """The process was told to end before there was a result; what is journaled stays."""
