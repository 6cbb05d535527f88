"""What a file is, by its bytes."""

import re
from enum import StrEnum


class FileKind(StrEnum):
    """Kinds of file told apart; the value is what a person calls it."""

    JPEG = "JPG"
    PNG = "PNG"
    GIF = "GIF"
    WEBP = "WEBP"
    HEIC = "HEIC"
    AVIF = "AVIF"
    PDF = "PDF"
    DOCX = "DOCX"
    XLSX = "XLSX"
    TEXT = "TXT"
    M4A = "M4A"
    MP4 = "MP4"
    MOV = "MOV"
    WEBM = "WEBM"
    OGG = "OGG"
    MP3 = "MP3"
    WAV = "WAV"
    AMR = "AMR"
    AAC = "AAC"
    # never taken
    ZIP = "ZIP"
    ARCHIVE = "RAR"
    OLD_OFFICE = "DOC/XLS"
    MACRO = "DOCM/XLSM"
    EXE = "EXE"
    ELF = "ELF"
    HTML = "HTML"
    SVG = "SVG"
    XML = "XML"
    SCRIPT = "SCRIPT"
    UNKNOWN = "?"


# Kinds that say it themselves when they carry an archive; every other one hides it.
CARRIERS = frozenset({FileKind.DOCX, FileKind.XLSX, FileKind.MACRO, FileKind.EXE, FileKind.ELF})

STARTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"GIF87a", FileKind.GIF),
    (b"GIF89a", FileKind.GIF),
    (b"%PDF-", FileKind.PDF),
    (b"OggS", FileKind.OGG),
    (b"ID3", FileKind.MP3),
    (b"#!AMR", FileKind.AMR),
    (b"\x1a\x45\xdf\xa3", FileKind.WEBM),
    (b"\x7fELF", FileKind.ELF),
    (b"PK\x05\x06", FileKind.ZIP),
    (b"Rar!\x1a\x07", FileKind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FileKind.ARCHIVE),
    (b"\x1f\x8b", FileKind.ARCHIVE),
    (b"BZh", FileKind.ARCHIVE),
    (b"\xfd7zXZ\x00", FileKind.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", FileKind.ARCHIVE),
    (b"MSCF", FileKind.ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.OLD_OFFICE),
    (b"\xca\xfe\xba\xbe", FileKind.EXE),  # Java, and programs of two processors
    (b"\xfe\xed\xfa", FileKind.EXE),
    (b"\xce\xfa\xed\xfe", FileKind.EXE),
    (b"\xcf\xfa\xed\xfe", FileKind.EXE),
    (b"dex\n", FileKind.EXE),
    (b"L\x00\x00\x00\x01\x14\x02\x00", FileKind.EXE),  # a Windows shortcut
    (b"\x00asm", FileKind.EXE),
    (b"#!", FileKind.SCRIPT),
)

RIFF = {b"WEBP": FileKind.WEBP, b"WAVE": FileKind.WAV}

# Major brands of ISO base media files.
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), FileKind.HEIC),
    **dict.fromkeys((b"avif", b"avis"), FileKind.AVIF),
    **dict.fromkeys((b"M4A ", b"M4B "), FileKind.M4A),
    b"qt  ": FileKind.MOV,
}

MARKUP = re.compile(
    rb"<(?:(svg)\b|(!doctype\s+html|html|head|body|script|iframe|object|embed|meta|link|img|form)\b|(\?xml|!doctype))",
    re.IGNORECASE,
)
COMMANDS = re.compile(
    rb"\s*(?:<\?php|@echo\s+off\b|<%|windows registry editor|\[internetshortcut\])", re.IGNORECASE
)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
NUL_IN_PROGRAM = 64  # a program's header has a NUL this early; words that begin with MZ have none
MARKUP_WINDOW = 4096


def sniff(content: bytes) -> FileKind:
    """What a file is, whatever it is called.

    Args:
        content: the whole file, or at least its first 4 KiB; office files, and archives hidden at the end
            of something else, are told for certain only from the whole.
    """
    kind = _by_start(content)
    if kind is FileKind.UNKNOWN:
        kind = _by_words(content)
    hides_archive = kind not in CARRIERS and _directory(content) is not None
    return FileKind.ZIP if hides_archive else kind


def _by_start(content: bytes) -> FileKind:
    if content.startswith(b"PK\x03\x04"):
        return _zip_kind(content)
    if content.startswith(b"MZ") and b"\x00" in content[:NUL_IN_PROGRAM]:
        return FileKind.EXE
    if content[4:8] == b"ftyp":
        return BRANDS.get(content[8:12], FileKind.MP4)
    if content.startswith(b"RIFF"):
        return RIFF.get(content[8:12], FileKind.UNKNOWN)
    late = content[:MARKUP_WINDOW].lstrip(b"\xef\xbb\xbf \t\r\n")
    for start, kind in STARTS:
        if content.startswith(start) or (kind is FileKind.PDF and late.startswith(start)):
            return kind
    return _by_sound_frame(content)


def _by_sound_frame(content: bytes) -> FileKind:
    """MPEG audio without a tag: 11 bits of one, then version and layer."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return FileKind.UNKNOWN
    if content[1] & 0xF6 == 0xF0:
        return FileKind.AAC
    layer_three, rate = content[1] & 0x06 == 0x02, content[2] >> 4
    return FileKind.MP3 if layer_three and 0 < rate < 15 else FileKind.UNKNOWN


def _by_words(content: bytes) -> FileKind:
    text = _words(content)
    if text is None:
        return FileKind.UNKNOWN
    beginning = text[:MARKUP_WINDOW].encode("utf-8", "replace")
    markup = MARKUP.search(beginning)
    if markup:
        return (FileKind.SVG, FileKind.HTML, FileKind.XML)[(markup.lastindex or 1) - 1]
    return FileKind.SCRIPT if COMMANDS.match(beginning) or text.startswith("#!") else FileKind.TEXT


def _words(content: bytes) -> str | None:
    """The text, or None when it is not text in an encoding phones and offices write."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if CONTROLS.search(text) else text
    return None


def _zip_kind(content: bytes) -> FileKind:
    names = _directory(content)
    if names is None:
        names = _local_names(content[:MARKUP_WINDOW])
    if b"[Content_Types].xml" not in names:
        return FileKind.ZIP
    if any(name.lower().endswith((b"vbaproject.bin", b".exe", b".js", b".vbs")) for name in names):
        return FileKind.MACRO
    if any(name.startswith(b"word/") for name in names):
        return FileKind.DOCX
    return FileKind.XLSX if any(name.startswith(b"xl/") for name in names) else FileKind.ZIP


def _local_names(content: bytes) -> list[bytes]:
    names, at = [], content.find(b"PK\x03\x04")
    while at >= 0:
        length = int.from_bytes(content[at + 26 : at + 28], "little")
        names.append(content[at + 30 : at + 30 + length])
        at = content.find(b"PK\x03\x04", at + 4)
    return names


def _directory(content: bytes) -> list[bytes] | None:
    """The names in the archive that ends with the file, or None when there is no such archive."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))
    if end < 0 or end + 22 + int.from_bytes(content[end + 20 : end + 22], "little") != len(content):
        return None
    size = int.from_bytes(content[end + 12 : end + 16], "little")
    at, names = end - size, []
    while 0 <= at < end and content.startswith(b"PK\x01\x02", at):
        name, extra, comment = (int.from_bytes(content[at + n : at + n + 2], "little") for n in (28, 30, 32))
        names.append(content[at + 46 : at + 46 + name])
        at += 46 + name + extra + comment
    return names
