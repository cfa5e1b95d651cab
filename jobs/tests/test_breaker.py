import pytest

from touchstone_jobs.inference.breaker import Breaker
from touchstone_jobs.inference.provider_errors import Refusal

WRONG_KEY = Refusal("auth", "The endpoint refuses the key (HTTP 401).", fatal=True)
HANGS = Refusal("timeout", "No complete answer within 60 s.")
DOWN = Refusal("provider_unavailable", "Cannot connect.", "retry")


def bad(message: str) -> Refusal:
    return Refusal("bad_request", message)


def test_a_wrong_key_trips_at_once() -> None:
    breaker = Breaker()
    breaker.call_failed(WRONG_KEY, connected=True)
    assert breaker.tripped == WRONG_KEY.message


def test_a_key_that_stops_working_trips_at_five_in_a_row() -> None:
    breaker = Breaker()
    breaker.succeeded()
    for _ in range(4):
        breaker.call_failed(WRONG_KEY, connected=True)
    breaker.succeeded()
    for _ in range(4):
        breaker.call_failed(WRONG_KEY, connected=True)
    assert breaker.tripped is None
    breaker.call_failed(WRONG_KEY, connected=True)
    assert breaker.tripped


def test_the_same_bad_request_five_times_before_any_success() -> None:
    breaker = Breaker()
    for i in range(4):
        breaker.call_failed(bad(f"No such field. Request req-{i}a9"), connected=True)
    assert breaker.tripped is None
    breaker.call_failed(bad("No such field. Request req-77b"), connected=True)
    assert breaker.tripped


@pytest.mark.parametrize("success", [True, False])
def test_different_bad_requests_or_one_success_do_not_trip(success: bool) -> None:
    breaker = Breaker()
    if success:
        breaker.succeeded()
    for word in ["one", "two", "three", "four", "five", "six"]:
        breaker.call_failed(bad("The same" if success else f"Not {word}"), connected=True)
    assert breaker.tripped is None


@pytest.mark.parametrize("refusal", [DOWN, HANGS])
def test_an_endpoint_that_answers_no_row_trips_after_concurrency_and_five(refusal: Refusal) -> None:
    breaker = Breaker()
    for _ in range(12):
        breaker.row_failed(refusal, concurrency=8)
    assert breaker.tripped is None
    breaker.row_failed(refusal, concurrency=8)
    assert breaker.tripped
    assert "13 rows" in breaker.tripped


def test_an_endpoint_that_lets_no_call_through_trips_after_half_a_minute() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    breaker.call_failed(DOWN, connected=False)
    now = 29
    breaker.call_failed(DOWN, connected=False)
    breaker.call_failed(DOWN, connected=True)
    now = 40
    breaker.call_failed(DOWN, connected=False)
    assert breaker.tripped is None
    now = 70
    breaker.call_failed(DOWN, connected=False)
    assert breaker.tripped


def test_an_endpoint_that_answered_once_is_not_given_up() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    breaker.succeeded()
    for _ in range(50):
        breaker.row_failed(DOWN, concurrency=1)
        breaker.call_failed(DOWN, connected=False)
        now += 10
    assert breaker.tripped is None
