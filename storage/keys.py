"""The file keys: a small JSON file outside the database that everything sealed depends on."""

import base64
import binascii
import contextlib
import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.disk import sync_folder
from storage.ids import random_bytes

Purpose = Literal["wrap", "index", "identity", "handles"]
"""What a sub-key is for: data keys, blind indexes, the anonymous link, button handles."""

KEY_BYTES = 32
ID_BYTES = 4


class KeyFileError(Exception):
    """The key file cannot be used; the message is for the operator and holds no key."""

    loggable = True  # its words hold no content


class KeyFileMissing(KeyFileError):
    """There is no key file where one was expected."""


class KeyFileUnsafe(KeyFileError):
    """Somebody else on this machine could read or replace the key file."""


class KeyFileDamaged(KeyFileError):
    """The key file is not one we wrote."""


class KeyUnknown(KeyFileError):
    """The key file holds no key of this id."""


class KeyInUse(KeyFileError):
    """The key still opens something."""


@dataclass(frozen=True, slots=True)
class _Ring:
    current: str
    keys: dict[str, bytes] = field(repr=False)


class KeyFile:
    """A ring of 256-bit file keys, one of them current, kept in a file of mode 0600."""

    def __init__(self, path: Path, ring: _Ring) -> None:
        self.path = path
        self._ring = ring

    @classmethod
    def open(cls, path: Path, create: bool = False) -> "KeyFile":
        """Read the key file.

        Args:
            create: make one with a fresh key where there is none.

        Raises:
            KeyFileMissing: there is none and none was to be made.
            KeyFileUnsafe: it is not a plain file, or group or others have any right to it.
            KeyFileDamaged: it cannot be read as a key file.
        """
        path = Path(path)
        if create and not path.exists():
            with contextlib.suppress(FileExistsError), _locked(path.parent):
                _write(path, _with_new_key({}), replace=False)
        return cls(path, _read(path))

    def __repr__(self) -> str:
        return f"KeyFile({str(self.path)!r}, current={self.current!r})"

    @property
    def current(self) -> str:
        """The id of the key that seals what is new, 8 hex digits."""
        return self._ring.current

    @property
    def ids(self) -> tuple[str, ...]:
        """Every key's id, the current one first."""
        ring = self._ring
        return (ring.current, *sorted(set(ring.keys) - {ring.current}))

    def rotate(self) -> str:
        """Add a new current key, keeping the old ones, and return its id."""
        with _locked(self.path.parent):
            ring = _with_new_key(_read(self.path).keys)
            _write(self.path, ring, replace=True)
            self._ring = ring
        return ring.current

    def retire(self, key_id: str, *, in_use: bool) -> None:
        """Forget an old key for good.

        Args:
            in_use: whether any wrapped data key, sealed link or blind index still names it.

        Raises:
            KeyInUse: it is in use, or it is the current one.
            KeyUnknown: there is no such key.
        """
        with _locked(self.path.parent):
            ring = _read(self.path)
            if key_id not in ring.keys:
                raise KeyUnknown(f"{self.path} holds no key {key_id}")
            if in_use or key_id == ring.current:
                raise KeyInUse(f"key {key_id} is still in use")
            rest = {known: key for known, key in ring.keys.items() if known != key_id}
            ring = _Ring(ring.current, rest)
            _write(self.path, ring, replace=True)
            self._ring = ring
        _subkey.cache_clear()

    def subkey(self, purpose: Purpose, key_id: str | None = None) -> bytes:
        """The 32-byte key for one purpose, derived from the current file key or the one named.

        Raises:
            KeyUnknown: there is no such key.
        """
        ring = self._ring
        key = ring.keys.get(ring.current if key_id is None else key_id)
        if key is None:
            raise KeyUnknown(f"{self.path} holds no key {key_id}")
        return _subkey(key, purpose)


@lru_cache(maxsize=256)
def _subkey(key: bytes, purpose: Purpose) -> bytes:
    info = b"steward 1 " + purpose.encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _with_new_key(keys: dict[str, bytes]) -> _Ring:
    key_id = random_bytes(ID_BYTES).hex()
    while key_id in keys:
        key_id = random_bytes(ID_BYTES).hex()
    return _Ring(key_id, {**keys, key_id: random_bytes(KEY_BYTES)})


def _read(path: Path) -> _Ring:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise KeyFileMissing(f"{path}: no key file; without it nothing sealed can be read") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise KeyFileUnsafe(f"{path} is a symbolic link; name the key file itself") from None
        if error.errno == errno.EACCES and path.exists():
            _refuse_unsafe(path, path.stat())
            raise KeyFileUnsafe(f"{path} belongs to another user, or has no mode 0600") from None
        raise
    try:
        _refuse_unsafe(path, os.fstat(descriptor))
        ring = _parse(os.read(descriptor, 1 << 20))
    finally:
        os.close(descriptor)
    if ring is None:
        raise KeyFileDamaged(f"{path} is not a key file of this program, or is cut short; restore its copy")
    return ring


def _refuse_unsafe(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileUnsafe(f"{path} is not a plain file")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o177:
        raise KeyFileUnsafe(f"{path} has mode {mode:04o}; only 0600 is safe: chmod 600 {path}")


def _parse(content: bytes) -> _Ring | None:
    try:
        said = json.loads(content)
        keys = {str(key_id): base64.b64decode(key, validate=True) for key_id, key in said["keys"].items()}
        whole = said["version"] == 1 and said["current"] in keys
        ids_right = all(len(bytes.fromhex(key_id)) == ID_BYTES and len(key_id) == 8 for key_id in keys)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        return None
    if not whole or not ids_right or any(len(key) != KEY_BYTES for key in keys.values()):
        return None
    return _Ring(said["current"], keys)


def _write(path: Path, ring: _Ring, *, replace: bool) -> None:
    keys = {key_id: base64.b64encode(key).decode() for key_id, key in ring.keys.items()}
    content = json.dumps({"version": 1, "current": ring.current, "keys": keys}, indent=1)
    made = path.with_name(f".{path.name}.new")
    made.unlink(missing_ok=True)  # left by a crash; the folder's lock says nobody is writing it
    try:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content.encode())
            file.flush()
            os.fsync(file.fileno())
        if replace:
            made.replace(path)
        else:
            os.link(made, path)  # fails when a file is there already, and never shows half a file
    finally:
        made.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from changing a key file in the folder meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
