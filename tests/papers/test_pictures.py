"""Safe copies of pictures: nothing hidden comes along, nothing hostile gets far (I67-I69, I71, I75)."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from papers.pictures import LONGEST_SIDE, PIXEL_LIMIT, CannotCopy, safe_copy, safe_copy_guarded

CANARY = "canary-31.2304N-121.4737E-Zhang"
HARMLESS = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


def encoded(picture: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def corners(width: int = 32, height: int = 16) -> Image.Image:
    """Four flat quarters of four colours, so that every turn shows."""
    picture = Image.new("RGB", (width, height))
    colours = ("red", "lime", "blue", "white")
    for quarter, colour in enumerate(colours):
        left, top = width // 2 * (quarter % 2), height // 2 * (quarter // 2)
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


def told_everything() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = exif[0x0110] = CANARY  # description, artist, camera
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.4), 3: "E", 4: (121.0, 28.0, 25.3), 29: CANARY})
    exif.get_ifd(0x8769)[0x9286] = CANARY.encode()
    return exif


def text_chunks() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY)
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{CANARY}</x:xmpmeta>", zip=True)
    return info


LOADED = [
    encoded(corners(), "JPEG", exif=told_everything(), comment=CANARY, icc_profile=CANARY.encode() * 9),
    encoded(corners(), "JPEG", xmp=CANARY.encode(), progressive=True),
    encoded(corners(), "JPEG") + CANARY.encode(),
    encoded(corners(), "PNG", exif=told_everything(), pnginfo=text_chunks(), icc_profile=CANARY.encode() * 9),
    encoded(corners().convert("RGBA"), "PNG", pnginfo=text_chunks()) + CANARY.encode(),
    encoded(corners(), "WEBP", exif=told_everything(), xmp=CANARY.encode()),
    encoded(corners(), "GIF", comment=CANARY),
]


@pytest.mark.parametrize("content", LOADED)
@pytest.mark.parametrize("copy_of", [safe_copy, safe_copy_guarded])
def test_nothing_but_the_picture_is_in_the_copy(content: bytes, copy_of: object) -> None:
    assert callable(copy_of)
    assert b"Zhang" in content or b"zTXt" in content or b"iTXt" in content
    copy = copy_of(content)
    picture = opened(copy)
    assert b"canary" not in copy
    assert b"Zhang" not in copy
    assert picture.format in {"JPEG", "PNG"}
    assert set(picture.info) <= HARMLESS
    assert not dict(picture.getexif())
    assert _segments(copy) <= {"APP0", "IHDR", "IDAT", "IEND"}


def _segments(copy: bytes) -> set[str]:
    """Names of a JPEG's application and comment segments, or of a PNG's chunks."""
    names, at = set(), 2
    if copy.startswith(b"\x89PNG"):
        at = 8
        while at < len(copy):
            length, name = struct.unpack(">I4s", copy[at : at + 8])
            names.add(name.decode())
            at += 12 + length
        return names
    while copy[at + 1] != 0xDA:
        if copy[at + 1] == 0xFE or 0xE0 <= copy[at + 1] <= 0xEF:
            names.add("COM" if copy[at + 1] == 0xFE else f"APP{copy[at + 1] - 0xE0}")
        at += 2 + int.from_bytes(copy[at + 2 : at + 4], "big")
    return names


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright(orientation: int, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(corners(64, 32), form, exif=exif)
    copy, expected = opened(safe_copy(content)).convert("RGB"), ImageOps.exif_transpose(opened(content))
    assert copy.size == expected.size == ((64, 32) if orientation < 5 else (32, 64))
    for place in ((4, 4), (copy.width - 4, 4), (4, copy.height - 4), (copy.width - 4, copy.height - 4)):
        seen, meant = copy.getpixel(place), expected.convert("RGB").getpixel(place)
        assert isinstance(seen, tuple)
        assert isinstance(meant, tuple)
        assert all(abs(a - b) < 40 for a, b in zip(seen, meant, strict=True))


@pytest.mark.parametrize(
    "exif", [b"Exif\x00\x00" + bytes(3), b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00II"]
)
def test_broken_metadata_is_no_reason_to_refuse(exif: bytes) -> None:
    assert opened(safe_copy(encoded(corners(), "JPEG", exif=exif))).size == (32, 16)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [((4800, 1200), (2400, 600)), ((100, 4800), (50, 2400)), ((2400, 10), (2400, 10)), ((7, 3), (7, 3))],
)
def test_the_long_side_is_at_most_2400(form: str, size: tuple[int, int], expected: tuple[int, int]) -> None:
    copy = opened(safe_copy(encoded(Image.new("RGB", size, "teal"), form)))
    assert copy.size == expected
    assert max(copy.size) <= LONGEST_SIDE


@pytest.mark.parametrize("mode", MODES)
def test_every_way_to_store_pixels_is_drawn(mode: str) -> None:
    grey = Image.linear_gradient("L")
    picture = Image.new("I;16", grey.size)
    if mode == "I;16":
        picture.putdata([value * 257 for value in grey.tobytes()])
    else:
        picture = grey.convert(mode)
    copy = opened(safe_copy(encoded(picture, "PNG"))).convert("L")
    assert copy.getpixel((10, 0)) == pytest.approx(0, abs=3)
    assert copy.getpixel((10, 255)) == pytest.approx(255, abs=3)
    if mode != "1":
        assert copy.getpixel((10, 128)) == pytest.approx(128, abs=4)


def test_a_print_shop_jpeg_keeps_its_colours() -> None:
    content = encoded(Image.new("RGB", (32, 32), "red").convert("CMYK"), "JPEG")
    red, green, blue = _pixel(opened(safe_copy(content)))
    assert red > 180
    assert max(green, blue) < 90


def _pixel(picture: Image.Image) -> tuple[int, int, int]:
    seen = picture.convert("RGB").getpixel((5, 5))
    assert isinstance(seen, tuple)
    return int(seen[0]), int(seen[1]), int(seen[2])


def test_what_can_be_seen_through_stays_so_and_a_screenshot_stays_sharp() -> None:
    clear = opened(safe_copy(encoded(Image.new("RGBA", (9, 9), (200, 0, 0, 90)), "WEBP", lossless=True)))
    assert (clear.format, clear.mode, clear.getpixel((4, 4))) == ("PNG", "RGBA", (200, 0, 0, 90))
    screenshot = corners(400, 300)
    copy = opened(safe_copy(encoded(screenshot, "PNG")))
    assert (copy.format, copy.mode, copy.tobytes()) == ("PNG", "RGB", screenshot.tobytes())


def test_a_photograph_saved_as_png_comes_back_small() -> None:
    assert opened(safe_copy(encoded(noise(1600, 1600), "PNG", compress_level=1))).format == "JPEG"


def test_of_a_moving_picture_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "blue")]
    for form in ("GIF", "WEBP", "PNG"):
        moving = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        copy = opened(safe_copy(moving))
        assert _pixel(copy)[0] > 240
        assert getattr(copy, "n_frames", 1) == 1


# ---- what cannot be copied


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


OTHER_KINDS = {
    "heic": heic(),
    "avif": encoded(corners(), "AVIF"),
    "tiff": encoded(corners(), "TIFF"),
    "bmp": encoded(corners(), "BMP"),
    "eps": encoded(corners(), "EPS"),
    "fits": b"SIMPLE  =                    T" + b" " * 50 + b"END".ljust(2800),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "pdf": encoded(corners(), "PDF"),
    "words": "三个月没发工资".encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_kind_we_do_not_draw_is_said(kind: str) -> None:
    with pytest.raises(CannotCopy, match=r"^kind$") as refused:
        safe_copy(OTHER_KINDS[kind])
    assert refused.value.__context__ is None  # the decoder's own error may quote the picture


def test_the_child_gives_the_same_reasons() -> None:
    halved = encoded(noise(200, 200), "JPEG")
    for content, reason in (
        (heic(), "kind"),
        (halved[: len(halved) // 2], "broken"),
        (bomb(9000, 9000), "pixels"),
    ):
        with pytest.raises(CannotCopy, match=f"^{reason}$"):
            safe_copy_guarded(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_short_is_broken_and_nothing_else_happens(form: str) -> None:
    whole = encoded(corners(), form)
    for end in range(0, len(whole) - 30, 7):
        with pytest.raises(CannotCopy):
            safe_copy(whole[:end])


@given(content=st.sampled_from(LOADED), at=st.integers(0, 2000), patch=st.binary(min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_bytes_changed_at_will_give_a_clean_copy_or_a_reason(content: bytes, at: int, patch: bytes) -> None:
    at %= len(content)
    try:
        copy = safe_copy(content[:at] + patch + content[at + len(patch) :])
    except CannotCopy:
        return
    assert b"canary" not in copy
    assert set(opened(copy).info) <= HARMLESS


def bomb(width: int, height: int, *, whole: bool = True) -> bytes:
    """A small PNG that says it is huge; one bit a pixel, all of them there when `whole`."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes(((width + 7) // 8 + 1) * (height if whole else 1)), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (60_000, 60_000), (1, PIXEL_LIMIT + 1)])
def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_drawn(width: int, height: int) -> None:
    content = bomb(width, height, whole=False)
    assert len(content) < 20_000
    with pytest.raises(CannotCopy, match=r"^pixels$"):
        safe_copy(content)


def test_the_largest_picture_taken_fits_in_the_child() -> None:
    content = bomb(7000, 7000)
    assert PIXEL_LIMIT >= 7000 * 7000
    assert opened(safe_copy_guarded(content, seconds=60)).size == (2400, 2400)


def test_a_phone_of_108_megapixels_is_taken() -> None:
    content = encoded(Image.new("RGB", (12_000, 9_000), "teal"), "JPEG", quality=40)
    assert opened(safe_copy_guarded(content, seconds=60)).size == (2400, 1800)


def test_a_child_out_of_memory_or_time_is_ended_and_said() -> None:
    content = encoded(noise(3000, 3000), "PNG", compress_level=1)
    for limits in ({"megabytes": 64}, {"seconds": 0}):
        with pytest.raises(CannotCopy, match=r"^limits$"):
            safe_copy_guarded(content, **limits)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child through /proc")
def test_a_child_that_hangs_without_computing_is_ended_too() -> None:
    ended = threading.Event()

    def halt_the_child() -> None:
        while not ended.wait(0.001):
            for listed in Path("/proc/self/task").glob("*/children"):
                for child in listed.read_text().split():
                    if b"/papers/pictures.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(int(child), signal.SIGSTOP)
                        return

    halting = threading.Thread(target=halt_the_child)
    halting.start()
    with pytest.raises(CannotCopy, match=r"^limits$"):
        safe_copy_guarded(encoded(noise(3000, 3000), "PNG", compress_level=1), seconds=1)
    ended.set()
    halting.join()


def test_no_child_grows_beyond_its_limit() -> None:
    """Measured in a process of its own, whose only children these are."""
    measured = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    assert int(measured.stdout) < 512 * 1024


MEASURE = """
import resource
from papers.pictures import CannotCopy, safe_copy_guarded
from tests.papers.test_pictures import bomb
try:
    safe_copy_guarded(bomb(9000, 9000))
except CannotCopy:
    pass
safe_copy_guarded(bomb(7000, 7000), seconds=60)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_an_archive_hidden_behind_a_picture_does_not_come_along() -> None:
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as file:
        file.writestr("evil.js", "alert(1)")
    copy = safe_copy_guarded(encoded(corners(), "JPEG") + hidden.getvalue())
    assert not zipfile.is_zipfile(io.BytesIO(copy))


def test_several_at_once_each_get_their_own_copy() -> None:
    colours = ["red", "blue", "green", "black"] * 2
    start = threading.Barrier(4)

    def work(colour: str) -> bool:
        start.wait()
        picture = Image.new("RGB", (500, 500), colour)
        return opened(safe_copy_guarded(encoded(picture, "PNG"))).tobytes() == picture.tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, colours))
