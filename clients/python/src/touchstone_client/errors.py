"""What goes wrong, one type for each kind of refusal. The message says what happened, what is kept and what to do."""


class TouchstoneError(Exception):
    """Anything between this client and the server.

    `code`: as the server names it. `status`: of HTTP; 0 where there was no answer.
    """

    def __init__(self, message: str, *, code: str, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class CredentialError(TouchstoneError):
    """No address or no key was found."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="NO_CREDENTIAL")


class UnreachableError(TouchstoneError):
    """Nobody answers at the address."""


class AnswerTimeoutError(UnreachableError):
    """The server took longer than `timeout_s`."""


class BadAnswerError(TouchstoneError):
    """Something answered, and it was not Touchstone, or one of another version."""


class WaitTimeoutError(TouchstoneError):
    """What was waited for goes on."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="WAIT_TIMEOUT")


class BadRequestError(TouchstoneError):
    """400: the request cannot be read."""


class UnauthorizedError(TouchstoneError):
    """401: the key is unknown, revoked or expired."""


class ForbiddenError(TouchstoneError):
    """403: the key has too small a scope."""


class NotFoundError(TouchstoneError):
    """404: it is not there; it may have been deleted."""


class ConflictError(TouchstoneError):
    """409: as things are, this cannot be done."""


class TooLargeError(TouchstoneError):
    """413: larger than this server accepts."""


class InvalidError(TouchstoneError):
    """422: what was sent breaks a rule; the message names the field."""


class ServerError(TouchstoneError):
    """5xx: the server could not do it, and it may another time."""


class UpstreamError(ServerError):
    """502: storage or another service behind the server does not answer."""


class UnavailableError(ServerError):
    """503: the database does not answer, or the server is starting."""


class NoSpaceError(ServerError):
    """507: the server's disk is full."""


_BY_STATUS: dict[int, type[TouchstoneError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    422: InvalidError,
    502: UpstreamError,
    503: UnavailableError,
    507: NoSpaceError,
}


def refusal(status: int, code: str, message: str) -> TouchstoneError:
    """What the server answered, as the exception of its kind."""
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else TouchstoneError)
    return kind(message, code=code, status=status)
