"""Logic-less templates, exactly as packages/schemas/src/prompt.ts: `{{column}}`, put in as it is, in a single pass."""

import re
from collections.abc import Mapping

# What `\s` means in JavaScript: Python's differs in U+FEFF, U+0085 and U+001C to U+001F.
_SPACE = "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
_PLACEHOLDER = re.compile(r"\{\{" + _SPACE + r"([^{}]+?)" + _SPACE + r"\}\}")


def prompt_columns(template: str) -> list[str]:
    """The columns a template names, each once, in order."""
    return list(dict.fromkeys(match[1] for match in _PLACEHOLDER.finditer(template)))


def render_prompt(template: str, row: Mapping[str, str]) -> str:
    """The text for one row. A value that itself contains `{{x}}` stays as it is. Raises KeyError where a column is
    not in the row.
    """
    return _PLACEHOLDER.sub(lambda match: row[match[1]], template)
