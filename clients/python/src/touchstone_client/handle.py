"""What experiments, jobs and datasets have in common: they know the client that they came from."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, PrivateAttr

if TYPE_CHECKING:
    from touchstone_client.client import Touchstone


class Handle(BaseModel):
    """An answer with methods. `_take` brings it up to date in place."""

    _client: "Touchstone" = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        if context is not None:
            self._client = context["client"]

    def _take(self, newer: BaseModel) -> None:
        for name in newer.model_fields_set:
            setattr(self, name, getattr(newer, name))
