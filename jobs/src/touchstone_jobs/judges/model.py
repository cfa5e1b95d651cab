"""A judge as the engine sees it: a model whose rows are answers to be scored. What comes back is its raw reply, which
the journal keeps and `reply.py` reads.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import aiohttp

from touchstone_jobs.files import EndpointModel, JudgeMetric, Spending
from touchstone_jobs.fold import Key
from touchstone_jobs.inference.answers import Answer
from touchstone_jobs.inference.endpoint import PROTOCOLS, Endpoint
from touchstone_jobs.inference.model import Completion, Row, Rows
from touchstone_jobs.inference.pool import Called, Pool
from touchstone_jobs.inference.provider_errors import Refusal
from touchstone_jobs.judges.prompt import question, repair, rules
from touchstone_jobs.judges.reply import OutOfShape, read_reply
from touchstone_jobs.judges.scale import schema
from touchstone_jobs.log import say

RULES, QUESTION = "rules", "question"
"""What the prompts are made of here; a person's or a model's `{{x}}` is no template."""


class Judge:
    """Where the endpoint takes a JSON schema it is sent one; where it refuses that, the replies are read all the same.
    A reply that is out of shape is asked for once more, and what comes then is the last word.
    """

    def __init__(self, model: EndpointModel, metric: JudgeMetric, secret: str | None) -> None:
        self._metric = metric
        self._rules = rules(metric)
        shape = PROTOCOLS[model.protocol].answer_format(schema(metric.scale))
        # What a person wrote into extra_body comes last.
        shaped = model.model_copy(update={"extra_body": {**shape, **model.extra_body}})
        self._shaped, self._plain = (
            Endpoint(settings, f"{{{{{QUESTION}}}}}", f"{{{{{RULES}}}}}", secret) for settings in (shaped, model)
        )
        self._takes_schema: bool | None = None
        """None: not known yet."""
        self._out_of_shape: dict[Key, str] = {}
        """The first reply about rows that are asked once more."""

    def columns(self) -> list[str]:
        """A row's values are the texts that the judge is shown."""
        return []

    def libraries(self) -> list[str]:
        return ["aiohttp"]

    def most(self, row: Row) -> Spending:
        return self._shaped.most(self._asked(row))

    async def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        async with self._plain.session() as session:
            async for completion in Pool(partial(self._call, session), rows).completions():
                self._out_of_shape.pop((completion.row_id, completion.repeat), None)
                yield completion

    async def _call(self, session: aiohttp.ClientSession, row: Row) -> Called:
        shaped = self._takes_schema is not False
        called = await (self._shaped if shaped else self._plain).call(session, self._asked(row))
        if isinstance(called.result, Answer):
            self._takes_schema = self._takes_schema if not shaped else True
            return self._check(row, called, called.result)
        refused = called.result.code == "bad_request" and not called.result.fatal
        if shaped and refused and self._takes_schema is not True:
            if self._takes_schema is None:
                say(f"the endpoint takes no JSON schema, so none is sent: {called.result.message}")
            self._takes_schema = False
            return replace(called, result=replace(called.result, action="ask_again"))
        return called

    def _check(self, row: Row, called: Called, answer: Answer) -> Called:
        key = row.row_id, row.repeat
        if key in self._out_of_shape:
            return called
        try:
            read_reply(answer.text, self._metric.scale)
        except OutOfShape as error:
            self._out_of_shape[key] = answer.text
            return replace(called, result=Refusal("malformed", str(error), "ask_again"))
        return called

    def _asked(self, row: Row) -> Row:
        reply = self._out_of_shape.get((row.row_id, row.repeat))
        asked = question(row.values) if reply is None else repair(row.values, reply)
        return replace(row, values={RULES: self._rules, QUESTION: asked})
