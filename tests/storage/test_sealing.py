"""The laws of sealing and of the key file (P14, P23, I9, I10; architecture point 10)."""

import base64
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storage.keys import (
    KeyFile,
    KeyFileDamaged,
    KeyFileMissing,
    KeyFileUnsafe,
    KeyInUse,
    KeyUnknown,
    Purpose,
)
from storage.sealing import SealBroken, Sealer, row_aad, wrapped_under

CANARY = "张小燕 13800138000 三个月没发工资"
AAD = row_aad("case_events", "7f", "body")
TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates and NUL too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def key_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "steward.key"


@pytest.fixture(scope="module")
def sealer(key_path: Path) -> Sealer:
    return Sealer(KeyFile.open(key_path, create=True))


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile.open(tmp_path / "steward.key", create=True)


# ---- what is said


@given(plaintext=st.binary(max_size=400), aad=TEXTS)
def test_what_is_sealed_opens_again_and_only_there(sealer: Sealer, plaintext: bytes, aad: str) -> None:
    key, _ = sealer.new_data_key()
    blob = sealer.seal(key, plaintext, aad)
    assert sealer.open(key, blob, aad) == plaintext
    with pytest.raises(SealBroken):
        sealer.open(key, blob, aad + "2")


@given(value=VALUES)
def test_json_comes_back_exactly(sealer: Sealer, value: Any) -> None:
    key, _ = sealer.new_data_key()
    assert sealer.open_json(key, sealer.seal_json(key, value, AAD), AAD) == value


@pytest.mark.parametrize(
    "text", ["\x00", "a\ud800b", "\ud83d\ude00 in halves", "\u202e𠮷\u200b工伤", "\u2028"]
)
def test_text_no_database_takes_is_kept_exactly(sealer: Sealer, text: str) -> None:
    key, _ = sealer.new_data_key()
    assert sealer.open_json(key, sealer.seal_json(key, {text: text}, AAD), AAD) == {text: text}


def test_every_flipped_bit_and_every_cut_is_refused(sealer: Sealer) -> None:
    key, wrapped = sealer.new_data_key(AAD)
    blob = sealer.seal(key, CANARY.encode(), AAD)
    link = sealer.seal_identity(b"telegram:4711", AAD)
    ways: list[tuple[bytes, Callable[[bytes], bytes]]] = [
        (blob, lambda bad: sealer.open(key, bad, AAD)),
        (wrapped, lambda bad: sealer.unwrap(bad, AAD)),
        (link, lambda bad: sealer.open_identity(bad, AAD)),
    ]
    for good, reopen in ways:
        assert reopen(good)
        for bad in _damaged(good):
            with pytest.raises(SealBroken):
                reopen(bad)


def _damaged(blob: bytes) -> list[bytes]:
    flips = [
        bytes([*blob[:at], blob[at] ^ 1 << bit, *blob[at + 1 :]])
        for at in range(len(blob))
        for bit in range(8)
    ]
    return flips + [blob[:end] for end in range(len(blob))] + [blob + b"\x00"]


def test_sealed_bytes_cannot_move_to_another_row_column_or_person(sealer: Sealer) -> None:
    key, _ = sealer.new_data_key()
    other, _ = sealer.new_data_key()
    blob = sealer.seal(key, b"mine", row_aad("people", "a", "profile"))
    for moved in (
        row_aad("people", "b", "profile"),
        row_aad("people", "a", "alias"),
        row_aad("cases", "a", "profile"),
    ):
        with pytest.raises(SealBroken):
            sealer.open(key, blob, moved)
    with pytest.raises(SealBroken):
        sealer.open(other, blob, row_aad("people", "a", "profile"))


def test_the_same_words_never_look_the_same(sealer: Sealer) -> None:
    key, _ = sealer.new_data_key()
    assert len({sealer.seal(key, b"again", AAD) for _ in range(1000)}) == 1000


def test_a_broken_seal_tells_no_content(sealer: Sealer) -> None:
    key, _ = sealer.new_data_key()
    not_json = sealer.seal(key, CANARY.encode(), AAD)
    with pytest.raises(SealBroken) as broken:
        sealer.open_json(key, not_json, AAD)
    error: BaseException | None = broken.value
    while error is not None:
        assert "13800138000" not in repr((str(error), error.args, vars(error)))
        error = error.__cause__ or error.__context__


def test_what_was_sealed_is_gone_with_its_data_key(keys: KeyFile) -> None:
    sealer = Sealer(keys)
    key, wrapped = sealer.new_data_key("people:a")
    blob = sealer.seal(key, CANARY.encode(), AAD)
    assert sealer.open(sealer.unwrap(wrapped, "people:a"), blob, AAD) == CANARY.encode()
    sealer.forget()
    everything_left = [keys.subkey(purpose) for purpose in ("wrap", "index", "identity", "handles")]
    everything_left += [sealer.new_data_key("people:a")[0] for _ in range(20)]
    for left in everything_left:
        with pytest.raises(SealBroken):
            sealer.open(left, blob, AAD)


def test_many_threads_seal_with_one_key(sealer: Sealer) -> None:
    key, _ = sealer.new_data_key()
    start = threading.Barrier(8)

    def work(number: int) -> bool:
        start.wait()
        said = [f"{number}/{turn}".encode() for turn in range(500)]
        blobs = [sealer.seal(key, words, AAD) for words in said]
        return [sealer.open(key, blob, AAD) for blob in blobs] == said

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_the_cache_of_data_keys_stays_small_and_right(keys: KeyFile) -> None:
    sealer = Sealer(keys, cached_keys=4)
    pairs = [sealer.new_data_key(str(number)) for number in range(50)]
    for _ in range(2):
        for number, (key, wrapped) in enumerate(pairs):
            assert sealer.unwrap(wrapped, str(number)) == key
    assert sealer._unwrap.cache_info().currsize == 4


# ---- finding and linking


@given(value=TEXTS, other=TEXTS)
def test_an_index_finds_equal_values_of_one_purpose_only(sealer: Sealer, value: str, other: str) -> None:
    index = sealer.blind_index("mobile", value)
    assert len(index) == 41
    assert (index == sealer.blind_index("mobile", other)) == (value == other)
    assert index != sealer.blind_index("telegram", value)


@given(purpose=TEXTS, value=TEXTS, cut=st.integers(0, 60))
def test_purpose_and_value_do_not_run_together(sealer: Sealer, purpose: str, value: str, cut: int) -> None:
    whole = purpose + value
    same = (whole[:cut], whole[cut:]) == (purpose, value)
    moved = sealer.blind_index(whole[:cut], whole[cut:])
    assert (moved == sealer.blind_index(purpose, value)) == same


def test_an_index_means_nothing_under_another_key_file(sealer: Sealer, keys: KeyFile) -> None:
    mine, theirs = (
        sealer.blind_index("mobile", "13800138000"),
        Sealer(keys).blind_index("mobile", "13800138000"),
    )
    assert mine.split(".")[1] != theirs.split(".")[1]


def test_the_anonymous_link_lives_in_its_own_key_domain(keys: KeyFile) -> None:
    sealer = Sealer(keys)
    link = sealer.seal_identity(b"telegram:4711", "case_links:9:account")
    assert sealer.open_identity(link, "case_links:9:account") == b"telegram:4711"
    with pytest.raises(SealBroken):
        sealer.open_identity(link, "case_links:8:account")
    with pytest.raises(SealBroken):
        sealer.unwrap(link, "case_links:9:account")
    purposes: tuple[Purpose, ...] = ("wrap", "index", "identity", "handles")
    assert len({keys.subkey(purpose) for purpose in purposes}) == 4


# ---- the key file


def test_rotation_keeps_everything_readable_until_the_old_key_is_retired(keys: KeyFile) -> None:
    sealer = Sealer(keys)
    key, wrapped = sealer.new_data_key("people:a")
    blob = sealer.seal(key, b"kept", AAD)
    found_by, old = sealer.blind_index("mobile", "13800138000"), keys.current
    new = keys.rotate()
    assert (keys.current, keys.ids) == (new, (new, old))
    assert found_by in sealer.blind_indexes("mobile", "13800138000")
    assert sealer.blind_indexes("mobile", "13800138000")[0] == sealer.blind_index("mobile", "13800138000")

    again = Sealer(KeyFile.open(keys.path))
    rewrapped = again.rewrap(wrapped, "people:a")
    assert (wrapped_under(wrapped), wrapped_under(rewrapped)) == (old, new)
    keys.retire(old, in_use=False)
    after = Sealer(KeyFile.open(keys.path))
    assert after.open(after.unwrap(rewrapped, "people:a"), blob, AAD) == b"kept"
    with pytest.raises(SealBroken, match="not in the key file"):
        after.unwrap(wrapped, "people:a")


def test_a_key_in_use_is_not_retired(keys: KeyFile) -> None:
    old = keys.current
    with pytest.raises(KeyInUse):
        keys.retire(old, in_use=False)
    keys.rotate()
    with pytest.raises(KeyInUse):
        keys.retire(old, in_use=True)
    with pytest.raises(KeyUnknown):
        keys.retire("00000000", in_use=False)
    assert KeyFile.open(keys.path).ids == keys.ids == (keys.current, old)


@given(mode=st.integers(0, 0o777).filter(lambda mode: mode & 0o177))
@settings(max_examples=50)
@example(mode=0o700)
@example(mode=0o640)
@example(mode=0o604)
@pytest.mark.usefixtures("sealer")
def test_a_mode_wider_than_0600_is_refused(key_path: Path, mode: int) -> None:
    key_path.chmod(mode)
    try:
        with pytest.raises(KeyFileUnsafe, match=f"{mode:04o}.*chmod 600"):
            KeyFile.open(key_path)
    finally:
        key_path.chmod(0o600)
    assert KeyFile.open(key_path).ids


def test_it_is_made_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys = KeyFile.open(tmp_path / "var" / "steward.key", create=True)
        keys.rotate()
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in keys.path.parent.iterdir()] == ["steward.key"]


def test_without_the_file_nothing_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing):
        KeyFile.open(tmp_path / "steward.key")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_replaced_by_a_new_one(keys: KeyFile) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: KeyFile.open(keys.path, create=True).ids, range(8)))
    assert set(opened) == {keys.ids}


def test_many_starting_at_once_agree_on_one_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: KeyFile.open(tmp_path / "k", create=True).ids, range(32)))
    assert len(set(opened)) == 1


def test_rotations_at_once_lose_no_key(keys: KeyFile) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: KeyFile.open(keys.path).rotate(), range(16)))
    assert set(made) < set(KeyFile.open(keys.path).ids)


def test_a_link_a_folder_or_a_pipe_is_no_key_file(keys: KeyFile) -> None:
    link, folder, pipe = (keys.path.with_name(name) for name in ("link", "folder", "pipe"))
    link.symlink_to(keys.path)
    folder.mkdir(mode=0o600)
    os.mkfifo(pipe, 0o600)
    for path in (link, folder, pipe):
        with pytest.raises(KeyFileUnsafe):
            KeyFile.open(path)


def test_a_cut_or_foreign_file_is_refused_without_showing_it(keys: KeyFile) -> None:
    whole = keys.path.read_bytes()
    foreign = [b"[]", b"{}", b'{"version":2}', b"\xff\xfe", b"[" * 5000, whole.replace(b'"keys"', b'"kys"')]
    for content in [*(whole[:end] for end in range(len(whole))), *foreign]:
        keys.path.write_bytes(content)
        with pytest.raises(KeyFileDamaged) as damaged:
            KeyFile.open(keys.path)
        assert str(damaged.value).startswith(str(keys.path))
        assert damaged.value.__context__ is None


def test_a_crash_while_rotating_leaves_the_old_file_and_does_not_stop_the_next(keys: KeyFile) -> None:
    keys.path.with_name(f".{keys.path.name}.new").write_bytes(b'{"version":1,"cur')
    old = keys.current
    keys.rotate()
    assert old in KeyFile.open(keys.path).ids
    assert [path.name for path in keys.path.parent.iterdir()] == [keys.path.name]


def test_nothing_prints_a_key(keys: KeyFile) -> None:
    stored = keys.path.read_text()
    shown = repr(keys) + repr(Sealer(keys)) + repr(vars(keys))
    for key_id in keys.ids:
        secret = keys._ring.keys[key_id]
        assert base64.b64encode(secret).decode() in stored
        assert repr(secret) not in shown
        assert secret.hex() not in shown
