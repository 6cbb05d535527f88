"""The laws of sealed evidence files (I63-I66, P14, P19, F1, F7, F8)."""

import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.files import SIZE_LIMIT, DiskRefused, FileTooLarge, StoredFileMissing, Vault
from storage.frames import FRAME_BYTES, HEAD_BYTES, FrameSealer
from storage.sealing import TAG_BYTES, SealBroken, row_aad

KEY = bytes(range(32))
AAD = row_aad("evidence", "7f", "file")
WHOLE_FRAME = FRAME_BYTES + TAG_BYTES
EDGES = [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES, 3 * FRAME_BYTES + 5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def vault(folder: Path) -> Vault:
    return Vault(folder)


def content_of(size: int) -> bytes:
    return hashlib.shake_128(size.to_bytes(4, "big")).digest(size)


def read(vault: Vault, name: str, key: bytes = KEY, aad: str = AAD) -> bytes:
    return b"".join(vault.read(name, key, aad))


# ---- in and out


@pytest.mark.parametrize("size", EDGES)
def test_a_file_comes_back_whole(vault: Vault, folder: Path, size: int) -> None:
    content = content_of(size)
    stored = vault.store([content], KEY, AAD)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert read(vault, stored.name) == content
    # a few bytes turn up in any sealed file by chance
    assert len(content) < 16 or content[:40] not in (folder / stored.name).read_bytes()


@given(cuts=st.lists(st.integers(0, 2 * FRAME_BYTES), max_size=8))
@settings(max_examples=40)
def test_how_the_content_is_cut_into_pieces_does_not_matter(vault: Vault, cuts: list[int]) -> None:
    content = content_of(2 * FRAME_BYTES)
    edges = [0, *sorted(cuts), len(content)]
    stored = vault.store((content[a:b] for a, b in pairwise(edges)), KEY, AAD)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert read(vault, stored.name) == content
    vault.remove(stored.name)


def test_reading_streams_instead_of_holding_it_all(vault: Vault) -> None:
    stored = vault.store([content_of(5 * FRAME_BYTES)], KEY, AAD)
    assert [len(frame) for frame in vault.read(stored.name, KEY, AAD)] == [FRAME_BYTES] * 5


def test_the_same_content_twice_shares_neither_name_nor_bytes(vault: Vault, folder: Path) -> None:
    first, second = (vault.store([b"payslip" * 100], KEY, AAD) for _ in range(2))
    assert first.name != second.name
    assert (folder / first.name).read_bytes()[HEAD_BYTES:] != (folder / second.name).read_bytes()[HEAD_BYTES:]


def test_even_under_one_name_no_two_files_share_a_key() -> None:
    first, second = (FrameSealer(KEY, "a name", AAD) for _ in range(2))
    assert first.head != second.head
    assert first.end() != second.end()


# ---- what is refused when read


def test_every_flipped_bit_is_refused(vault: Vault, folder: Path) -> None:
    name = vault.store([b"a payslip"], KEY, AAD).name
    good = (folder / name).read_bytes()
    for at in range(len(good)):
        for bit in range(8):
            (folder / name).write_bytes(bytes([*good[:at], good[at] ^ 1 << bit, *good[at + 1 :]]))
            with pytest.raises(SealBroken):
                read(vault, name)
    (folder / name).write_bytes(good)
    assert read(vault, name) == b"a payslip"


@pytest.mark.parametrize("size", EDGES)
def test_every_way_to_cut_or_lengthen_it_is_refused(vault: Vault, folder: Path, size: int) -> None:
    name = vault.store([content_of(size)], KEY, AAD).name
    good = (folder / name).read_bytes()
    around_frames = {HEAD_BYTES + frame * WHOLE_FRAME + near for frame in range(5) for near in (-1, 0, 1, 16)}
    for end in sorted((around_frames | {0, 1, HEAD_BYTES // 2}) & set(range(len(good)))):
        (folder / name).write_bytes(good[:end])
        with pytest.raises(SealBroken):
            read(vault, name)
    for more in (b"\x00", good[HEAD_BYTES:], bytes(WHOLE_FRAME)):
        (folder / name).write_bytes(good + more)
        with pytest.raises(SealBroken):
            read(vault, name)


def test_frames_cannot_change_places_repeat_or_go_missing(vault: Vault, folder: Path) -> None:
    name = vault.store([content_of(3 * FRAME_BYTES + 5)], KEY, AAD).name
    good = (folder / name).read_bytes()
    head, rest = good[:HEAD_BYTES], good[HEAD_BYTES:]
    a, b, c, last = (rest[at : at + WHOLE_FRAME] for at in range(0, len(rest), WHOLE_FRAME))
    orders = [
        [b, a, c, last],
        [a, b, b, last],
        [a, a, b, c, last],
        [a, c, last],
        [a, b, last],
        [last],
        [a, b, c],
    ]
    for frames in orders:
        (folder / name).write_bytes(head + b"".join(frames))
        with pytest.raises(SealBroken):
            read(vault, name)


def test_a_file_cannot_be_read_elsewhere_or_with_another_key(vault: Vault, folder: Path) -> None:
    name, other = (vault.store([b"mine"], KEY, AAD).name for _ in range(2))
    with pytest.raises(SealBroken):
        read(vault, name, aad=row_aad("evidence", "80", "file"))
    with pytest.raises(SealBroken):
        read(vault, name, key=bytes(32))
    (folder / other).write_bytes((folder / name).read_bytes())
    with pytest.raises(SealBroken):
        read(vault, other)


# ---- names


@given(
    name=st.text(max_size=60)
    | st.sampled_from(["../keys", "/etc/passwd", "a" * 31, "A" * 32, "0" * 32 + "\n"])
)
def test_no_name_leads_out_of_the_folder(vault: Vault, name: str) -> None:
    with pytest.raises(StoredFileMissing):
        read(vault, name)
    with pytest.raises(StoredFileMissing):
        vault.remove(name)


def test_a_link_planted_in_the_folder_is_not_followed(vault: Vault, folder: Path) -> None:
    real = vault.store([b"x"], KEY, AAD).name
    (folder / ("0" * 32)).symlink_to(folder / real)
    with pytest.raises(DiskRefused):
        read(vault, "0" * 32)
    vault.remove("0" * 32)
    assert read(vault, real) == b"x"


def test_a_removed_file_is_gone_and_removing_again_is_fine(vault: Vault) -> None:
    name = vault.store([b"x"], KEY, AAD).name
    assert name in vault.names()
    vault.remove(name)
    vault.remove(name)
    assert name not in vault.names()
    with pytest.raises(StoredFileMissing):
        read(vault, name)


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "evidence")
    name = vault.store([b"x"], KEY, AAD).name
    assert (tmp_path / "evidence").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "evidence" / name).stat().st_mode & 0o777 == 0o600


# ---- what is refused when written, and what it leaves


def test_twenty_mebibytes_are_taken_and_one_byte_more_is_not(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    mebibyte = content_of(1 << 20)
    stored = vault.store([mebibyte] * 20, KEY, AAD)
    assert stored.size == SIZE_LIMIT
    with pytest.raises(FileTooLarge) as refused:
        vault.store([mebibyte] * 20 + [b"x"], KEY, AAD)
    assert refused.value.limit == SIZE_LIMIT
    assert [path.name for path in tmp_path.iterdir()] == [stored.name]


def test_an_endless_source_is_stopped_at_the_limit(tmp_path: Path) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1000)

    with pytest.raises(FileTooLarge):
        Vault(tmp_path).store(endless(), KEY, AAD, limit=10_000)
    assert taken == 11
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [0, 10, HEAD_BYTES, FRAME_BYTES, 2 * FRAME_BYTES + 100])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, room: int) -> None:
    vault = Vault(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(DiskRefused) as refused:
            vault.store([content_of(3 * FRAME_BYTES)], KEY, AAD)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.errno == errno.EFBIG
    assert str(tmp_path) not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    assert vault.store([b"room again"], KEY, AAD).size == 10


def test_a_folder_that_went_away_is_the_disk_refusing(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "evidence")
    (tmp_path / "evidence").rmdir()
    with pytest.raises(DiskRefused) as refused:
        vault.store([b"x"], KEY, AAD)
    assert refused.value.errno == errno.ENOENT


def test_an_upload_broken_off_leaves_nothing(tmp_path: Path) -> None:
    vault = Vault(tmp_path)

    def broken_off() -> Iterator[bytes]:
        yield content_of(FRAME_BYTES + 1)
        raise ConnectionResetError("the phone went into a tunnel")

    with pytest.raises(ConnectionResetError):
        vault.store(broken_off(), KEY, AAD)
    with vault.begin(KEY, AAD) as writer:
        writer.write(b"half")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_and_whole_files_stay(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    whole = vault.store([b"whole"], KEY, AAD)
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom storage.files import Vault\n"
        "writer = Vault(Path(sys.argv[1])).begin(bytes(32), '')\nwriter.write(bytes(200_000))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    room = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=room, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(os.listdir(tmp_path)) == 2
    assert vault.names() == [whole.name]
    assert vault.clear_unfinished() == 1
    assert os.listdir(tmp_path) == [whole.name]
    assert read(vault, whole.name) == b"whole"
