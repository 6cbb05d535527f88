"""Which files are taken, and how their names are shown (I11, I63-I71)."""

import io
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from domain.errors import Refusal
from domain.filenames import LONGEST, extension_of, isolated, safe_name
from domain.sniffing import FileKind, sniff
from domain.uploads import REFUSALS, RUNNABLE, SIZE_LIMIT, TAKEN, check_size, check_upload


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, form)
    return out.getvalue()


def archive(*names: str, prefix: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, "content of " + name)
    return prefix + out.getvalue()


def film(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00isom" + bytes(64)


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200) + b"PE\x00\x00"

GOOD: list[tuple[FileKind, bytes]] = [
    (FileKind.JPEG, picture("JPEG")),
    (FileKind.PNG, picture("PNG")),
    (FileKind.GIF, picture("GIF")),
    (FileKind.WEBP, picture("WEBP")),
    (FileKind.HEIC, film(b"heic")),
    (FileKind.AVIF, picture("AVIF")),
    (FileKind.PDF, PDF),
    (FileKind.PDF, b"\xef\xbb\xbf\r\n" + PDF),
    (FileKind.DOCX, DOCX),
    (FileKind.XLSX, XLSX),
    (FileKind.TEXT, "老板说下个月再发\r\n好的".encode()),
    (FileKind.TEXT, "老板说下个月再发".encode("gb18030")),
    (FileKind.TEXT, "老板说下个月再发".encode("utf-16")),
    (FileKind.TEXT, b"MZ is how this note begins"),
    (FileKind.M4A, film(b"M4A ")),
    (FileKind.MP4, film(b"isom")),
    (FileKind.MP4, film(b"3gp4")),
    (FileKind.MOV, film(b"qt  ")),
    (FileKind.WEBM, b"\x1a\x45\xdf\xa3\x01" + bytes(40)),
    (FileKind.OGG, b"OggS\x00\x02" + bytes(40)),
    (FileKind.MP3, b"ID3\x04\x00" + bytes(40)),
    (FileKind.MP3, b"\xff\xfb\x90\x64" + bytes(40)),
    (FileKind.WAV, b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)),
    (FileKind.AMR, b"#!AMR\n" + bytes(40)),
    (FileKind.AAC, b"\xff\xf1\x50\x80" + bytes(40)),
]

BAD: list[tuple[FileKind, bytes]] = [
    (FileKind.EXE, EXE),
    (FileKind.EXE, archive("setup.txt", prefix=EXE)),
    (FileKind.EXE, b"\xcf\xfa\xed\xfe" + bytes(40)),
    (FileKind.EXE, b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(40)),
    (FileKind.ELF, Path(sys.executable).resolve().read_bytes()[:8192]),
    (FileKind.HTML, b"<!DOCTYPE html><html><script>alert(1)</script>"),
    (FileKind.HTML, "\ufeff  \n<!-- x --><HTML>".encode()),
    (FileKind.HTML, "<script>alert(1)</script>".encode("utf-16")),
    (FileKind.HTML, b"hello <img src=x onerror=alert(1)>"),
    (FileKind.SVG, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    (FileKind.XML, b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    (FileKind.SCRIPT, b"#!/bin/sh\nrm -rf /\n"),
    (FileKind.SCRIPT, b"@echo off\r\ndel *.*"),
    (FileKind.SCRIPT, b"<?php system('id');"),
    (FileKind.MACRO, archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    (FileKind.ZIP, archive("photo.jpg")),
    (FileKind.ZIP, archive("META-INF/MANIFEST.MF", "classes.dex")),
    (FileKind.ZIP, archive()),
    (FileKind.ZIP, archive("evil.js", prefix=PDF)),
    (FileKind.ZIP, archive("evil.js", prefix=picture("JPEG"))),
    (FileKind.ARCHIVE, b"Rar!\x1a\x07\x01\x00" + bytes(40)),
    (FileKind.ARCHIVE, b"\x1f\x8b\x08\x00" + bytes(40)),
    (FileKind.OLD_OFFICE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    (FileKind.UNKNOWN, b"SIMPLE  =                    T" + bytes(40)),
    (FileKind.UNKNOWN, b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(40)),
    (FileKind.UNKNOWN, b"\x00" * 100),
    (FileKind.UNKNOWN, b"some words, then \x00 and \x1b[31m"),
]


def refused(name: str, content: bytes) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refusal) as refusal:
        check_upload(name, content)
    assert refusal.value.key in REFUSALS
    return refusal.value.key, refusal.value.values


@pytest.mark.parametrize(("kind", "content"), GOOD)
def test_what_is_taken_is_known_by_its_bytes_and_named_after_them(kind: FileKind, content: bytes) -> None:
    upload = check_upload("证据.dat", content)
    assert (upload.kind, upload.family, upload.mime) == (kind, TAKEN[kind].family, TAKEN[kind].mime)
    assert upload.name == f"证据.dat.{TAKEN[kind].extensions[0]}"
    for extension in TAKEN[kind].extensions:
        assert check_upload(f"证据.{extension.upper()}", content).name == f"证据.{extension}"


def test_every_kind_that_is_taken_is_tried_here() -> None:
    assert {kind for kind, _ in GOOD} == set(TAKEN)
    assert {kind for kind, _ in BAD} == set(FileKind) - set(TAKEN)


@pytest.mark.parametrize(("kind", "content"), BAD)
def test_what_could_do_harm_is_refused_under_any_name(kind: FileKind, content: bytes) -> None:
    assert sniff(content) is kind
    unknown = kind is FileKind.UNKNOWN
    nameless = ("upload.unknown", {}) if unknown else ("upload.kind", {"kind": kind.value})
    assert refused("", content) == refused("资料", content) == nameless
    assert refused("工资条.pdf", content) == ("upload.mismatch", {"said": "PDF", "kind": kind.value})
    assert refused("照片.jpg ", content)[0] == "upload.mismatch"


@pytest.mark.parametrize("extension", sorted(RUNNABLE))
def test_a_name_a_computer_would_run_is_refused_whatever_is_inside(extension: str) -> None:
    for name in (f"a.{extension}", f"a.jpg.{extension.upper()}", f"a.{extension}. ", f"a\u202e.{extension}"):
        assert refused(name, picture("JPEG"))[0] == "upload.mismatch"
        assert refused(name, b"plain words") == ("upload.kind", {"kind": "SCRIPT"})


def test_an_honest_picture_with_another_pictures_name_is_taken() -> None:
    assert check_upload("截图.jpg", picture("PNG")).name == "截图.jpg.png"


def test_sound_recorded_by_a_browser_is_sound() -> None:
    assert check_upload("voice.m4a", film(b"iso5")).family == "sound"
    assert check_upload("clip.mp4", film(b"iso5")).family == "film"


def test_a_document_written_as_a_stream_is_known_too() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("[Content_Types].xml", "word/document.xml"):
            file.writestr(name, "x" * 9000)
    assert sniff(out.getvalue()) is FileKind.DOCX


@given(content=st.binary(max_size=200), start=st.sampled_from([good for _, good in GOOD + BAD]))
def test_no_bytes_make_it_stumble(content: bytes, start: bytes) -> None:
    for mixed in (content, start[:40] + content, content + start[-60:], start[: len(content)]):
        assert isinstance(sniff(mixed), FileKind)


# ---- sizes


@pytest.mark.parametrize("size", [None, 1, SIZE_LIMIT])
def test_a_size_up_to_the_limit_is_taken(size: int | None) -> None:
    check_size(size)
    assert check_upload("a.txt", b"a" * (size or 1)).kind is FileKind.TEXT


def test_a_size_over_the_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(Refusal) as refusal:
        check_size(SIZE_LIMIT + 1)
    assert (refusal.value.key, refusal.value.values) == ("upload.too_large", {"limit_mb": 20})


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_file_is_refused(size: int) -> None:
    with pytest.raises(Refusal, match=r"upload\.empty"):
        check_size(size)
    assert refused("a.jpg", b"")[0] == "upload.empty"


def test_a_size_that_was_lied_about_is_found_out_by_the_content() -> None:
    assert refused("a.pdf", PDF + bytes(SIZE_LIMIT))[0] == "upload.too_large"


# ---- names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\工资.pdf", "工资.pdf"),
        ("\\\\server\\share\\a.pdf", "a.pdf"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("Lpt1.tar.gz", "_Lpt1.tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("ＮＵＬ.txt", "_ＮＵＬ.txt"),
        ("console.pdf", "console.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("工\u200b伤\u2067认定\ufeff.pdf", "工伤认定.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ('<b>"a"|?*.pdf', "_b__a____.pdf"),
        ("工资50%.pdf", "工资50%.pdf"),
        ("name.pdf. . .", "name.pdf"),
        ("...bashrc", "bashrc"),
        ("a    b\t.pdf", "a b.pdf"),
        ("", "file"),
        ("/", "file"),
        (" . ", "file"),
        ("\u200d\u200c", "file"),
        ("\ud800\x00", "file"),
        (".pdf", "pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("𠮷田.pdf", "𠮷田.pdf"),
        ("ئۇيغۇر\u200cچە.pdf", "ئۇيغۇر\u200cچە.pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(name=st.text(st.characters(exclude_categories=()), max_size=300), ending=st.sampled_from(["", "jpg"]))
@example(name="工" * 300 + ".pdf", ending="")
@example(name="a" + "\u0301" * 299, ending="jpg")
@example(name="\u0301" * 299, ending="jpg")
@example(name="👨‍👩‍👧‍👦" * 40, ending="jpg")
def test_every_name_becomes_short_visible_and_harmless(name: str, ending: str) -> None:
    shown = safe_name(name, (ending,) if ending else ())
    assert 1 <= len(shown) <= LONGEST
    assert not shown.startswith((".", " ", "\u200d"))
    assert not shown.endswith((".", " "))
    assert not set(shown) & set('/\\<>:"|?*')
    assert {unicodedata.category(letter) for letter in shown if letter not in "\u200c\u200d"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    assert shown.encode()
    assert not ending or extension_of(shown) == ending
    assert safe_name(shown, (ending,) if ending else ()) == shown


def test_a_joined_emoji_is_not_cut_apart() -> None:
    shown = safe_name("家" * 74 + "👨‍👩‍👧‍👦" + ".jpg")
    assert shown == "家" * 74 + ".jpg"


def test_a_shown_name_cannot_turn_the_words_around_it() -> None:
    assert isolated("שלום.pdf") == "\u2068שלום.pdf\u2069"
