"""Safe copies of pictures: the same picture drawn anew, without place, time, camera or anything hidden.

This file is also the program of the child process that does the drawing, so it imports nothing of ours.
"""

import contextlib
import io
import logging
import os
import resource
import subprocess
import sys
import warnings
from threading import Thread, Timer
from typing import Literal, get_args

from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 2400  # pixels
PIXEL_LIMIT = 50_000_000  # after the decoder's own reduction, which only JPEG has
DECLARED_LIMIT = 150_000_000
PNG_LIMIT = 4 * 1024 * 1024  # bytes; a drawing or screenshot is smaller, a photograph goes to JPEG
OUTPUT_LIMIT = 32 * 1024 * 1024  # bytes
ORIENTATION = 0x0112

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Reason = Literal["kind", "broken", "pixels", "limits"]
REASONS: tuple[Reason, ...] = get_args(Reason)
FIRST_CODE = 10  # exit codes of the child: 10 is the first reason, 11 the second ...

log = logging.getLogger(__name__)


class CannotCopy(Exception):
    """No safe copy can be made; the original stays sealed and is handed over only as it is.

    Args:
        reason: "kind" (a kind we do not draw, such as HEIC), "broken", "pixels" (too many),
            "limits" (took too long or too much memory).
    """

    loggable = True  # its words hold no content

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def safe_copy_guarded(content: bytes, seconds: int = 10, megabytes: int = 512) -> bytes:
    """A safe copy made in a child process that may not take long, grow or write files.

    Args:
        content: the picture as it came.
        seconds: of processor time, and half as many again by the clock.
        megabytes: of address space.

    Returns:
        A JPEG or PNG of at most 2400 pixels a side, with no metadata.

    Raises:
        CannotCopy: no copy can be made.
    """
    command = [sys.executable, "-I", "-W", "ignore", __file__, str(seconds), str(megabytes)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a decoder says may quote the picture
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        start_new_session=True,
    ) as child:
        timer = Timer(seconds * 1.5, child.kill)
        timer.start()
        try:
            copy = _exchange(child, content)
        finally:
            timer.cancel()
            child.kill()
    return _judged(child.returncode, copy)


def _exchange(child: "subprocess.Popen[bytes]", content: bytes) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    feeding = Thread(target=_feed, args=(child.stdin, content), daemon=True)
    feeding.start()
    copy = child.stdout.read(OUTPUT_LIMIT + 1)
    if len(copy) <= OUTPUT_LIMIT:
        child.wait()
    child.kill()
    feeding.join()
    return copy


def _feed(pipe: io.BufferedWriter, content: bytes) -> None:
    with contextlib.suppress(OSError), pipe:  # the child may stop reading at any moment
        pipe.write(content)


def _judged(code: int, copy: bytes) -> bytes:
    if code == 0 and 0 < len(copy) <= OUTPUT_LIMIT:
        return copy
    if 0 <= code - FIRST_CODE < len(REASONS):
        raise CannotCopy(REASONS[code - FIRST_CODE])
    log.warning("the child that copies pictures ended with code %d", code)
    raise CannotCopy("limits")


def safe_copy(content: bytes) -> bytes:
    """Draw the picture anew in this process; for pictures from outside use `safe_copy_guarded`.

    Returns:
        A JPEG or PNG of at most 2400 pixels a side, upright, with no metadata; of a moving picture
        its first frame.

    Raises:
        CannotCopy: no copy can be made.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limits here are ours, and warnings may quote the picture
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return _encoded(*_drawn(picture))
    except CannotCopy:
        raise
    except UnidentifiedImageError:
        reason: Reason = "kind"
    except Image.DecompressionBombError:
        reason = "pixels"
    except MemoryError:
        reason = "limits"
    except Exception:  # decoders raise whatever they like on broken files
        reason = "broken"
    raise CannotCopy(reason)


def _drawn(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The picture upright and small enough, and whether it came as a drawing rather than a photograph."""
    if picture.width * picture.height > DECLARED_LIMIT:
        raise CannotCopy("pixels")
    drawing = picture.format in {"PNG", "GIF"}
    turn = _turn(picture)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    if picture.width * picture.height > PIXEL_LIMIT:
        raise CannotCopy("pixels")
    plain = _plain(picture)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    upright = plain if turn is None else plain.transpose(turn)
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    return bare, drawing


def _turn(picture: Image.Image) -> Image.Transpose | None:
    try:
        return UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # broken metadata is no reason to refuse the picture
        return None


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in RGB, or RGBA when something can be seen through."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        picture.load()
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    layered = picture.convert("RGBA")
    opaque = layered.getchannel("A").getextrema() == (255, 255)
    return layered.convert("RGB") if opaque else layered


def _encoded(picture: Image.Image, drawing: bool) -> bytes:
    out = io.BytesIO()
    if drawing or picture.mode == "RGBA":
        picture.save(out, "PNG", optimize=False)
        if picture.mode == "RGBA" or out.tell() <= PNG_LIMIT:
            return out.getvalue()
        out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # not every system limits everything
        resource.setrlimit(kind, (most, most))


def _child(seconds: int, megabytes: int) -> int:
    os.nice(10)  # conversations come first
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_AS, megabytes * 1024 * 1024)
    try:
        copy = safe_copy(sys.stdin.buffer.read())
    except CannotCopy as refused:
        return FIRST_CODE + REASONS.index(refused.reason)
    except MemoryError:
        return FIRST_CODE + REASONS.index("limits")
    sys.stdout.buffer.write(copy)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(_child(int(sys.argv[1]), int(sys.argv[2])))
