"""Sealing: what a person said or is, unreadable without a key kept outside the database."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.ids import random_bytes
from storage.keys import ID_BYTES, KeyFile, KeyUnknown, Purpose

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 24


class SealBroken(Exception):
    """Sealed bytes do not open: altered, cut, moved from elsewhere, or under another key.

    Args:
        where: the associated data they should have been bound to; never any content.
        reason: what is wrong, in words of ours.
    """

    loggable = True  # its words hold no content

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"sealed bytes do not open at {where or 'no place'}: {reason}")
        self.where = where
        self.reason = reason


def row_aad(table: str, row_id: str | int, column: str) -> str:
    """Associated data that binds sealed bytes to one column of one row."""
    return f"{table}:{row_id}:{column}"


def wrapped_under(blob: bytes) -> str:
    """The id of the file key that a wrapped data key or a sealed identity depends on."""
    return blob[1 : 1 + ID_BYTES].hex()


class Sealer:
    """Seals with data keys, and wraps data keys with the file key.

    Args:
        cached_keys: how many unwrapped data keys stay in memory.
    """

    def __init__(self, keys: KeyFile, cached_keys: int = 4096) -> None:
        self._keys = keys
        self._unwrap = lru_cache(maxsize=cached_keys)(self._unwrap_anew)
        self._cipher = lru_cache(maxsize=cached_keys)(AESGCM)
        self._most_known = cached_keys
        self._known: dict[str, bytes] = {}

    # ---- data keys

    def new_data_key(self, aad: str = "") -> tuple[bytes, bytes]:
        """A fresh 256-bit data key and the same key wrapped, which alone is stored."""
        key = random_bytes(32)
        return key, self._seal_under("wrap", key, aad)

    def unwrap(self, wrapped: bytes, aad: str = "") -> bytes:
        """The data key behind its wrapped form.

        Raises:
            SealBroken: it was altered, or its file key is not in the key file.
        """
        return self._unwrap(wrapped, aad)

    def rewrap(self, wrapped: bytes, aad: str = "") -> bytes:
        """The same data key, wrapped under the current file key; what it sealed stays as it is.

        Raises:
            SealBroken: it was altered, or its file key is not in the key file.
        """
        return self._seal_under("wrap", self._unwrap_anew(wrapped, aad), aad)

    def forget(self) -> None:
        """Drop every data key from memory; call it when one was destroyed."""
        self._unwrap.cache_clear()
        self._cipher.cache_clear()
        self._known.clear()

    def remember(self, key_id: str, key: bytes) -> None:
        """Keep a data key in memory by its id, until any is destroyed."""
        if len(self._known) >= self._most_known:
            self._known.clear()
        self._known[key_id] = key

    def recall(self, key_id: str) -> bytes | None:
        """The data key of this id, when it is in memory."""
        return self._known.get(key_id)

    # ---- what is said

    def seal(self, key: bytes, plaintext: bytes, aad: str) -> bytes:
        """Seal bytes with a data key: version, nonce, AES-256-GCM.

        Args:
            aad: where the result will be stored, see `row_aad`; it must be given again to open it.
        """
        nonce = random_bytes(NONCE_BYTES)
        return VERSION + nonce + self._cipher(key).encrypt(nonce, plaintext, _encoded(aad))

    def open(self, key: bytes, blob: bytes, aad: str) -> bytes:
        """Open what `seal` made.

        Raises:
            SealBroken: it was altered, moved, or sealed with another key.
        """
        return _opened(self._cipher(key), blob, 1, aad)

    def seal_json(self, key: bytes, value: Any, aad: str) -> bytes:
        """Seal a JSON value; text with NUL or lone surrogates comes back exactly as it was."""
        return self.seal(key, _encoded(json.dumps(value, ensure_ascii=False, separators=(",", ":"))), aad)

    def open_json(self, key: bytes, blob: bytes, aad: str) -> Any:
        """Open what `seal_json` made.

        Raises:
            SealBroken: it was altered, moved, sealed with another key, or is not JSON.
        """
        content = self.open(key, blob, aad)
        try:
            return json.loads(content.decode("utf-8", "surrogatepass"))
        except ValueError:
            pass
        raise SealBroken(aad, "not JSON")  # raised out here: the JSON error carries the content

    # ---- finding and linking without telling

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed fingerprint to find a value by, the same for equal values until the file key changes.

        Args:
            purpose: what the value is, such as "telegram" or "mobile"; equal values of two purposes differ.
            value: already normalised.

        Returns:
            41 characters: the file key's id, a dot and 192 bits.
        """
        return self._index(self._keys.current, purpose, value)

    def blind_indexes(self, purpose: str, value: str) -> tuple[str, ...]:
        """Every fingerprint the value may be stored under, the current file key's first."""
        return tuple(self._index(key_id, purpose, value) for key_id in self._keys.ids)

    def seal_identity(self, plaintext: bytes, aad: str) -> bytes:
        """Seal the link from an anonymous case to an account, in a key domain of its own."""
        return self._seal_under("identity", plaintext, aad)

    def open_identity(self, blob: bytes, aad: str) -> bytes:
        """Open what `seal_identity` made.

        Raises:
            SealBroken: it was altered or moved, or its file key is not in the key file.
        """
        return self._open_under("identity", blob, aad)

    # ---- the file key's part

    def _index(self, key_id: str, purpose: str, value: str) -> str:
        named = _encoded(purpose)
        message = len(named).to_bytes(2, "big") + named + _encoded(value)
        digest = hmac.digest(self._keys.subkey("index", key_id), message, hashlib.sha256)
        return f"{key_id}.{base64.urlsafe_b64encode(digest[:INDEX_BYTES]).decode()}"

    def _unwrap_anew(self, wrapped: bytes, aad: str) -> bytes:
        return self._open_under("wrap", wrapped, aad)

    def _seal_under(self, purpose: Purpose, plaintext: bytes, aad: str) -> bytes:
        key_id = self._keys.current
        head = VERSION + bytes.fromhex(key_id)
        nonce = random_bytes(NONCE_BYTES)
        cipher = AESGCM(self._keys.subkey(purpose, key_id))
        return head + nonce + cipher.encrypt(nonce, plaintext, _encoded(aad))

    def _open_under(self, purpose: Purpose, blob: bytes, aad: str) -> bytes:
        try:
            key = self._keys.subkey(purpose, wrapped_under(blob))
        except KeyUnknown:
            raise SealBroken(aad, "its file key is not in the key file") from None
        return _opened(AESGCM(key), blob, 1 + ID_BYTES, aad)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _opened(cipher: AESGCM, blob: bytes, start: int, aad: str) -> bytes:
    if blob[:1] != VERSION or len(blob) < start + NONCE_BYTES + TAG_BYTES:
        raise SealBroken(aad, "cut short, or of another version")
    body = start + NONCE_BYTES
    try:
        return cipher.decrypt(blob[start:body], blob[body:], _encoded(aad))
    except InvalidTag:
        raise SealBroken(aad, "altered, moved, or sealed with another key") from None
