"""Sends schemathesis to things that are there: every other id, name or body that it makes up is one of a real thing."""

import json
import os
from typing import Any

import schemathesis
from schemathesis import HookContext

IDS: dict[str, list[str]] = json.loads(os.environ["TOUCHSTONE_FUZZ_IDS"])
"""By noun. The last one is there to be deleted."""

count = 0


def real_id(noun: str, method: str) -> str | None:
    """An id of this noun, or None where the made-up one shall stay."""
    global count
    count += 1
    ids = IDS.get(noun)
    if not ids or count % 2:
        return None
    return ids[-1] if method == "DELETE" else ids[count // 2 % (len(ids) - 1)]


@schemathesis.hook
def map_path_parameters(
    context: HookContext, path_parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    if path_parameters and context.operation is not None:
        noun = context.operation.path.split("/")[2]
        found = real_id(noun, context.operation.method.upper())
        for name in ("id", f"{noun[:-1]}_id"):
            if found and name in path_parameters:
                path_parameters[name] = found
    return path_parameters


@schemathesis.hook
def map_query(
    context: HookContext, query: dict[str, Any] | None
) -> dict[str, Any] | None:
    return with_real_ids(query)


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    return with_real_ids(body)


def with_real_ids(fields: Any) -> Any:
    if isinstance(fields, dict):
        for name in ("dataset", "base", "experiment", "workflow"):
            found = real_id("datasets" if name == "base" else f"{name}s", "GET")
            if found and f"{name}_id" in fields:
                fields[f"{name}_id"] = found
        if "input_column" in fields and count % 4:
            fields["input_column"] = "examples"
    return fields
