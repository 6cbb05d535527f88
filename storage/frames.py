"""The format of a sealed file: frames that cannot be altered, cut off, swapped or moved unnoticed.

A head of version and salt, then frames of 64 KiB plain text, each under AES-256-GCM. The file has a key
of its own, derived from data key, salt, name and associated data, so a frame's nonce is its place and
whether it is the last.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.disk import disk_asked
from storage.ids import random_bytes
from storage.sealing import TAG_BYTES, SealBroken

FRAME_BYTES = 64 * 1024
MAGIC = b"STWD\x01"
SALT_BYTES = 32
HEAD_BYTES = len(MAGIC) + SALT_BYTES


class FrameSealer:
    """Turns pieces of any size into the bytes of one sealed file.

    Args:
        name: the file's name, part of its key.
        aad: where the file belongs, part of its key.
    """

    def __init__(self, key: bytes, name: str, aad: str) -> None:
        salt = random_bytes(SALT_BYTES)
        self.head = MAGIC + salt
        self._cipher = _file_cipher(key, salt, name, aad)
        self._waiting = bytearray()
        self._index = 0

    def take(self, piece: bytes) -> Iterator[bytes]:
        """Add a piece and give the frames it completes."""
        self._waiting += piece
        while len(self._waiting) > FRAME_BYTES:  # a full frame waits: only the end tells it is the last
            yield self._frame(self._waiting[:FRAME_BYTES], last=False)
            del self._waiting[:FRAME_BYTES]

    def end(self) -> bytes:
        """The last frame."""
        return self._frame(self._waiting, last=True)

    def _frame(self, plain: bytearray, *, last: bool) -> bytes:
        frame = self._cipher.encrypt(_nonce(self._index, last), plain, None)
        self._index += 1
        return frame


def open_frames(file: BinaryIO, key: bytes, name: str, aad: str) -> Iterator[bytes]:
    """The plain content, frame by frame.

    Raises:
        SealBroken: the file was altered, cut, moved, or sealed with another key.
        DiskRefused: the disk does not give it.
    """
    head = _read(file, HEAD_BYTES)
    if len(head) != HEAD_BYTES or not head.startswith(MAGIC):
        raise SealBroken(aad, "not a sealed file, or of another version")
    cipher = _file_cipher(key, head[len(MAGIC) :], name, aad)
    index, frame = 0, _read(file, FRAME_BYTES + TAG_BYTES)
    while True:
        following = _read(file, FRAME_BYTES + TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(index, last=not following), frame, None)
        except InvalidTag:
            raise SealBroken(aad, "the file was altered, cut, moved, or has another key") from None
        yield plain
        if not following:
            return
        index, frame = index + 1, following


def _read(file: BinaryIO, count: int) -> bytes:
    with disk_asked():
        return file.read(count)


def _file_cipher(key: bytes, salt: bytes, name: str, aad: str) -> AESGCM:
    info = f"steward file 1 {name} {aad}".encode("utf-8", "surrogatepass")
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key))


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
