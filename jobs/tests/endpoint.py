"""A real HTTP endpoint for tests that keeps a ledger of every call and answers as it is told to."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[["Call"], Awaitable[web.StreamResponse]]


@dataclass
class Call:
    """One call as it arrived."""

    request: web.Request
    body: dict[str, Any]
    number: int
    """From 1, over the endpoint's life."""

    @property
    def prompt(self) -> str:
        prompt: str = self.body["messages"][-1]["content"]
        return prompt


@dataclass
class Endpoint:
    """`handle` decides on each answer; the ledger is what arrived, before it was answered."""

    handle: Handler
    calls: list[Call] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    """Answers that were sent whole, by prompt."""
    in_flight: int = 0
    max_in_flight: int = 0
    port: int = 0
    """0: any that is free."""
    _runner: web.AppRunner | None = None
    url: str = ""

    async def __aenter__(self) -> "Endpoint":
        app = web.Application(client_max_size=50_000_000)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/messages", self._complete)
        app.router.add_route("*", "/{rest:.*}", self._elsewhere)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        call = Call(request, json.loads(await request.read()), len(self.calls) + 1)
        self.calls.append(call)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            response = await self.handle(call)
        finally:
            self.in_flight -= 1
        if response.status == 200:
            self.answered[call.prompt] += 1
        return response

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(Call(request, {"messages": [{"content": request.path}]}, len(self.calls) + 1))
        return web.json_response({"error": {"message": "not here"}}, status=404)

    def prompts(self) -> Counter[str]:
        return Counter(call.prompt for call in self.calls)


def answer(call: Call, text: str | None = None) -> web.Response:
    """Echoes the prompt, unless there is another text."""
    content = f"echo: {call.prompt}" if text is None else text
    usage = {"prompt_tokens": len(call.prompt), "completion_tokens": len(content), "total_tokens": 0}
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return web.json_response({"id": "x", "choices": [choice], "usage": usage})


def refuse(status: int, message: str = "scripted", **headers: str) -> web.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"error": {"message": message}}, status=status, headers=names)


def after(seconds: float) -> Handler:
    async def handle(call: Call) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return answer(call)

    return handle


def always(make: Callable[[Call], web.Response]) -> Handler:
    async def handle(call: Call) -> web.StreamResponse:
        return make(call)

    return handle
