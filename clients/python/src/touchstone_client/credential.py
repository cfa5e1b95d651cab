"""Where Touchstone is and with which key it is asked: found as the command line finds them."""

import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from touchstone_client.errors import CredentialError


class Credential(NamedTuple):
    url: str
    api_key: str

    def __repr__(self) -> str:
        return f"Credential(url={self.url!r})"


def find_credential(url: str | None = None, api_key: str | None = None) -> Credential:
    """As given, else TOUCHSTONE_URL and TOUCHSTONE_API_KEY, else what a local instance wrote into its folder.

    Raises CredentialError, which says what to do.
    """
    url = url or os.environ.get("TOUCHSTONE_URL") or None
    api_key = api_key or os.environ.get("TOUCHSTONE_API_KEY") or None
    if url and origin_of(url) is None:
        raise CredentialError(f'"{url}" is not an address: give one such as http://127.0.0.1:4300.')
    if url and api_key:
        return Credential(url, api_key)
    file = find_home() / "keys" / "credential.json"
    local = _read_credential(file)
    if local is None:
        raise CredentialError(
            f"Touchstone has not been started here: there is no {file}. Run `npm start` in its folder first, or give "
            "url and api_key (or TOUCHSTONE_URL and TOUCHSTONE_API_KEY) of an instance elsewhere."
        )
    if url and origin_of(url) != origin_of(local.url):
        raise CredentialError(
            f"Give the API key for {url} as api_key or TOUCHSTONE_API_KEY: the one in {file} is for {local.url}."
        )
    return Credential(url or local.url, api_key or local.api_key)


def find_home() -> Path:
    """TOUCHSTONE_HOME, else the nearest `.touchstone` from the working folder upwards."""
    if home := os.environ.get("TOUCHSTONE_HOME"):
        return Path(home).absolute()
    here = Path.cwd()
    homes = (folder / ".touchstone" for folder in (here, *here.parents))
    return next((home for home in homes if home.exists()), here / ".touchstone")


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None where it is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _read_credential(file: Path) -> Credential | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CredentialError(f"The credential could not be read: {error}.") from None
    try:
        content = json.loads(text)
        return Credential(str(content["url"]), str(content["api_key"]))
    except (ValueError, KeyError, TypeError):
        # Without its cause, which would quote the file.
        raise CredentialError(f"{file} is damaged: delete it, and the next `npm start` writes it anew.") from None
