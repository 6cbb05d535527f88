"""What the disk owes us: files that last, and one error when it refuses."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


class DiskRefused(Exception):
    """The disk did not take or give the bytes (full, read-only, failing); trying later may work.

    Args:
        errno: the operating system's error number.
    """

    loggable = True  # its words hold no content

    def __init__(self, errno: int) -> None:
        super().__init__(os.strerror(errno))
        self.errno = errno


@contextlib.contextmanager
def disk_asked() -> Iterator[None]:
    """Turn the operating system's errors into `DiskRefused`, which names no path."""
    try:
        yield
    except OSError as error:
        refused = error.errno or 0
    else:
        return
    raise DiskRefused(refused)


def sync_folder(folder: Path) -> None:
    """Make a new, renamed or removed name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
