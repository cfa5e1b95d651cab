from touchstone_client import Touchstone


def test_endpoints_and_the_keys_they_need(ts: Touchstone, endpoint: str) -> None:
    secret = ts.secrets.set("python_key", value="sk-of-the-python-tests-0123456789")
    assert (secret.name, secret.last4) == ("python_key", "6789")
    assert "python_key" in [one.name for one in ts.secrets.list()]

    made = ts.endpoints.create(name="stand-in", base_url=f"{endpoint}/", secret="python_key", concurrency=3)
    assert (made.base_url, made.concurrency, made.secret_missing) == (endpoint, 3, False)
    assert ts.endpoints.update("stand-in", base_url=endpoint).secret is None
    assert ts.endpoints.models("stand-in").problem is None
    assert ts.endpoints.test(base_url=endpoint, model="any").latency_ms is not None
    assert ts.endpoints.test(base_url="http://127.0.0.1:9/v1").problem is not None
    ts.endpoints.remove("stand-in")
    ts.secrets.remove("python_key")
    assert "stand-in" not in [one.name for one in ts.endpoints.list()]


def test_models_status_and_version(ts: Touchstone) -> None:
    assert any("translation" in model.tasks for model in ts.models.list(task="translation"))
    status = ts.status.get()
    assert status.services["database"].state == "ok"
    assert ts.version == status.version
    assert ts.session.get().user.name
