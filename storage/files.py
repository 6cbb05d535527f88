"""Evidence files: sealed on disk under random names, on disk for good before anyone is told so."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.disk import DiskRefused, disk_asked, sync_folder
from storage.frames import FrameSealer, open_frames
from storage.ids import new_id

__all__ = ["DiskRefused", "FileTooLarge", "SealedWriter", "Stored", "StoredFileMissing", "Vault"]

SIZE_LIMIT = 20 * 1024 * 1024
UNFINISHED = ".part"
NAME = re.compile(r"[0-9a-f]{32}")


class FileTooLarge(Exception):
    """The content is larger than what is taken; nothing of it was kept.

    Args:
        limit: the largest size taken, in bytes.
    """

    loggable = True  # its words hold no content

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class StoredFileMissing(Exception):
    """No file is stored under this name."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is on disk for good; `size` in bytes and `sha256` in hex are of the plain content."""

    name: str
    size: int
    sha256: str


class Vault:
    """A folder of sealed files, each under a key of its own that goes with the data key given."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        with disk_asked():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self, key: bytes, aad: str, limit: int = SIZE_LIMIT) -> "SealedWriter":
        """Start a file whose content comes piece by piece; leaving its `with` unfinished drops it.

        Raises:
            DiskRefused: the disk does not take it.
        """
        return SealedWriter(self._folder, key, aad, limit)

    def store(self, pieces: Iterable[bytes], key: bytes, aad: str, limit: int = SIZE_LIMIT) -> Stored:
        """Seal a file and return once it is on disk for good.

        Args:
            pieces: the content, in pieces of any size.
            key: the data key of the person or case.
            aad: where the file belongs, see `row_aad`; it must be given again to read it.
            limit: the largest content taken, in bytes.

        Raises:
            FileTooLarge: there was more content than that.
            DiskRefused: the disk did not take it.
        """
        with self.begin(key, aad, limit) as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.finish()

    def read(self, name: str, key: bytes, aad: str) -> Iterator[bytes]:
        """The plain content, frame by frame; it is whole only when the last frame came without an error.

        Raises:
            StoredFileMissing: nothing is stored under the name.
            SealBroken: the file was altered, cut, moved, or sealed with another key.
            DiskRefused: the disk does not give it.
        """
        with disk_asked():
            try:
                descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                raise StoredFileMissing(name) from None
        with open(descriptor, "rb") as file:
            yield from open_frames(file, key, name, aad)

    def remove(self, name: str) -> None:
        """Take a file off the disk; one that is not there counts as removed.

        Raises:
            StoredFileMissing: this is not a name the vault gives.
            DiskRefused: the disk does not let it go.
        """
        with disk_asked():
            self._path(name).unlink(missing_ok=True)
            sync_folder(self._folder)

    def names(self) -> list[str]:
        """Every stored file's name, for finding those no row knows."""
        with disk_asked():
            return sorted(name for name in os.listdir(self._folder) if NAME.fullmatch(name))

    def clear_unfinished(self) -> int:
        """Drop what a killed process left half written; only safe when nobody is writing.

        Returns:
            how many were dropped.
        """
        with disk_asked():
            left = [path for path in self._folder.iterdir() if path.name.endswith(UNFINISHED)]
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise StoredFileMissing("not a name this vault gives")
        return self._folder / name


class SealedWriter:
    """One file on its way to the disk; `finish` makes it lasting, anything else drops it."""

    def __init__(self, folder: Path, key: bytes, aad: str, limit: int) -> None:
        self._folder, self._limit, self._size = folder, limit, 0
        self._name = new_id()
        self._part, self._final = folder / (self._name + UNFINISHED), folder / self._name
        self._frames = FrameSealer(key, self._name, aad)
        self._hash = hashlib.sha256()
        self._finished = False
        with disk_asked():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = FileIO(os.open(self._part, flags, 0o600), "w")
        self._put(self._frames.head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    def write(self, piece: bytes) -> None:
        """Take the next piece of the content.

        Raises:
            FileTooLarge: the content so far is over the limit.
            DiskRefused: the disk did not take it.
        """
        self._size += len(piece)
        if self._size > self._limit:
            self.drop()
            raise FileTooLarge(self._limit)
        self._hash.update(piece)
        for frame in self._frames.take(piece):
            self._put(frame)

    def finish(self) -> Stored:
        """Write what is left and return once the file is on disk for good.

        Raises:
            DiskRefused: the disk did not take it.
        """
        self._put(self._frames.end())
        with self._dropping(), disk_asked():
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.rename(self._final)
            sync_folder(self._folder)
        self._finished = True
        return Stored(self._name, self._size, self._hash.hexdigest())

    def drop(self) -> None:
        """Leave nothing of a file that is not finished; a finished one stays."""
        if self._finished:
            return
        for step in (self._file.close, self._part.unlink, self._final.unlink):
            with contextlib.suppress(OSError):
                step()

    def _put(self, content: bytes) -> None:
        with self._dropping(), disk_asked():
            view = memoryview(content)
            while view:  # an unbuffered write takes only a part when the disk is nearly full
                view = view[self._file.write(view) :]

    @contextlib.contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.drop()
            raise
