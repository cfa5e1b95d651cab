"""The endpoint's key: sealed by the server to the public half of the key pair that only Ray's nodes have in full.

HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Job, attempt, hash of the spec and
the endpoint's origin are the `info`: whoever can write storage can neither move the key to another job nor point the
job at another address.
"""

import base64
import binascii
import hashlib
import json
import os
from dataclasses import dataclass

from touchstone_jobs import keys
from touchstone_jobs.errors import JobError
from touchstone_jobs.storage import Storage


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """The key of an attempt as it lies in storage: whoever needs it opens it on its own node."""

    job_id: str
    attempt: int
    spec_bytes: bytes
    base_url: str

    def open(self, storage: Storage) -> str:
        """The key in clear. Raises JobError."""
        try:
            sealed = storage.read(keys.sealed_secret(self.job_id, self.attempt))
        except FileNotFoundError:
            raise JobError("The sealed key of this attempt is missing from storage.") from None
        path = os.environ.get("TOUCHSTONE_JOB_KEY_FILE")
        if not path:
            raise JobError(
                "TOUCHSTONE_JOB_KEY_FILE is not set on this Ray node, so the endpoint's key cannot be opened."
            )
        info = secret_info(self.job_id, self.attempt, self.spec_bytes, self.base_url)
        return open_secret(sealed, read_private_key(path), info)


def origin(base_url: str) -> str:
    """Scheme, host and port as a browser writes them: lower case, no default port."""
    from yarl import URL

    return str(URL(base_url).origin())


def secret_info(job_id: str, attempt: int, spec_bytes: bytes, base_url: str) -> bytes:
    spec_hash = hashlib.sha256(spec_bytes).hexdigest()
    return f"touchstone-secret-v1\n{job_id}\n{attempt}\n{spec_hash}\n{origin(base_url)}".encode()


def open_secret(sealed: bytes, private_key: bytes, info: bytes) -> str:
    """The key in clear. `private_key`: 32 raw bytes. Raises JobError, which never quotes the material."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    try:
        file = json.loads(sealed)
        if file["version"] != 1:
            raise JobError(f"The sealed key has version {file['version']!r}: this version of the jobs opens 1.")
        message = base64.b64decode(file["enc"], validate=True) + base64.b64decode(file["ciphertext"], validate=True)
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        return suite.decrypt(message, X25519PrivateKey.from_private_bytes(private_key), info).decode()
    except (InvalidTag, KeyError, TypeError, ValueError):
        raise JobError(
            "The sealed key cannot be opened: it was made for another job, attempt, spec or address, "
            "or for another private key."
        ) from None


def read_private_key(path: str) -> bytes:
    """The key in TOUCHSTONE_JOB_KEY_FILE: 32 bytes in base64."""
    try:
        with open(path, "rb") as file:
            key = base64.b64decode(file.read().strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise JobError(f"TOUCHSTONE_JOB_KEY_FILE ({path}) cannot be read: {error}") from None
    if len(key) != 32:
        raise JobError(f"TOUCHSTONE_JOB_KEY_FILE ({path}) holds {len(key)} bytes, not 32.")
    return key
