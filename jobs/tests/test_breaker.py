import pytest

from touchstone_jobs.inference.breaker import Breaker
from touchstone_jobs.inference.provider_errors import Refusal

WRONG_KEY = Refusal("auth", "The endpoint refuses the key (HTTP 401).", fatal=True)
HANGS = Refusal("timeout", "No complete answer within 60 s.")
DOWN = Refusal("provider_unavailable", "Cannot connect.", "retry", away=True)
ERROR_500 = Refusal("provider_unavailable", "The endpoint failed (HTTP 500).", "retry")


def bad(message: str) -> Refusal:
    return Refusal("bad_request", message)


def test_a_wrong_key_trips_at_once() -> None:
    breaker = Breaker()
    breaker.call_failed(WRONG_KEY)
    assert breaker.tripped == WRONG_KEY.message


def test_a_key_that_stops_working_trips_at_five_in_a_row() -> None:
    breaker = Breaker()
    breaker.succeeded()
    for _ in range(4):
        breaker.call_failed(WRONG_KEY)
    breaker.succeeded()
    for _ in range(4):
        breaker.call_failed(WRONG_KEY)
    assert breaker.tripped is None
    breaker.call_failed(WRONG_KEY)
    assert breaker.tripped


def test_the_same_bad_request_five_times_before_any_success() -> None:
    breaker = Breaker()
    for i in range(4):
        breaker.call_failed(bad(f"No such field. Request req-{i}a9"))
    assert breaker.tripped is None
    breaker.call_failed(bad("No such field. Request req-77b"))
    assert breaker.tripped


@pytest.mark.parametrize("success", [True, False])
def test_different_bad_requests_or_one_success_do_not_trip(success: bool) -> None:
    breaker = Breaker()
    if success:
        breaker.succeeded()
    for word in ["one", "two", "three", "four", "five", "six"]:
        breaker.call_failed(bad("The same" if success else f"Not {word}"))
    assert breaker.tripped is None


def test_an_endpoint_that_never_answers_in_time_trips_after_concurrency_and_five_rows() -> None:
    breaker = Breaker()
    for _ in range(12):
        breaker.row_failed(HANGS, concurrency=8)
    assert breaker.tripped is None
    breaker.row_failed(HANGS, concurrency=8)
    assert breaker.tripped
    assert "13 rows" in breaker.tripped


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("succeeded", [True, False])
@pytest.mark.parametrize("failure", [DOWN, ERROR_500])
def test_a_minute_of_failures_pauses_and_ten_more_minutes_end_it(succeeded: bool, failure: Refusal) -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    if succeeded:
        breaker.succeeded()
    breaker.call_failed(failure)
    assert breaker.suspicion() is None
    clock.now += 59
    breaker.call_failed(failure)
    assert breaker.suspicion() == failure.message
    assert not breaker.paused
    clock.now += 1
    breaker.look()
    assert breaker.paused
    assert breaker.tripped is None
    clock.now += 599
    breaker.call_failed(failure)
    assert breaker.tripped is None
    clock.now += 1
    breaker.look()
    assert breaker.tripped == f"Every call failed for 11 min. {failure.message}"


@pytest.mark.parametrize("sign", [None, Refusal("context_length", "Too long."), Refusal("rate_limited", "429")])
def test_any_word_of_the_endpoint_ends_the_pause(sign: Refusal | None) -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    breaker.call_failed(DOWN)
    clock.now += 300
    breaker.call_failed(DOWN)
    assert breaker.paused
    if sign:
        breaker.call_failed(sign)
    else:
        breaker.succeeded()
    assert not breaker.paused
    assert breaker.suspicion() is None
    clock.now += 590
    breaker.look()
    assert breaker.tripped is None


def test_an_endpoint_that_is_away_costs_five_rows() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.row_failed(DOWN, concurrency=8)
    breaker.row_failed(ERROR_500, concurrency=8)
    assert not breaker.spares_rows
    breaker.row_failed(DOWN, concurrency=8)
    assert breaker.spares_rows
    breaker.succeeded()
    assert not breaker.spares_rows


def test_ten_minutes_of_rate_limits_alone_end_it() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    limited = Refusal("rate_limited", "The endpoint limits the rate of calls (HTTP 429).", "slow_down")
    for _ in range(10):
        breaker.call_failed(limited)
        clock.now += 60
    breaker.succeeded()
    for _ in range(10):
        breaker.call_failed(limited)
        clock.now += 60
    assert breaker.tripped is None
    breaker.call_failed(limited)
    assert breaker.tripped


def test_an_endpoint_that_asks_for_hours_is_left_alone() -> None:
    breaker = Breaker()
    breaker.asked_to_wait(600)
    assert breaker.tripped is None
    breaker.asked_to_wait(7200)
    assert breaker.tripped
    assert "120 min" in breaker.tripped
