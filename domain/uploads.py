"""Which files are taken as evidence, told by their bytes and never by their name alone."""

from dataclasses import dataclass
from typing import Literal

from domain.errors import Refusal
from domain.filenames import extension_of, safe_name
from domain.sniffing import FileKind, sniff

Family = Literal["picture", "document", "sound", "film"]

SIZE_LIMIT = 20 * 1024 * 1024
MEBIBYTE = 1024 * 1024

REFUSALS = frozenset({"upload.empty", "upload.too_large", "upload.kind", "upload.unknown", "upload.mismatch"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a kind of file that is taken; the first extension is the one it is given."""

    family: Family
    mime: str
    extensions: tuple[str, ...]


TAKEN: dict[FileKind, Taken] = {
    FileKind.JPEG: Taken("picture", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    FileKind.PNG: Taken("picture", "image/png", ("png",)),
    FileKind.GIF: Taken("picture", "image/gif", ("gif",)),
    FileKind.WEBP: Taken("picture", "image/webp", ("webp",)),
    FileKind.HEIC: Taken("picture", "image/heic", ("heic", "heif")),
    FileKind.AVIF: Taken("picture", "image/avif", ("avif",)),
    FileKind.PDF: Taken("document", "application/pdf", ("pdf",)),
    FileKind.DOCX: Taken(
        "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)
    ),
    FileKind.XLSX: Taken(
        "document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)
    ),
    FileKind.TEXT: Taken("document", "text/plain", ("txt",)),
    FileKind.M4A: Taken("sound", "audio/mp4", ("m4a",)),
    FileKind.OGG: Taken("sound", "audio/ogg", ("ogg", "oga", "opus")),
    FileKind.MP3: Taken("sound", "audio/mpeg", ("mp3",)),
    FileKind.WAV: Taken("sound", "audio/wav", ("wav",)),
    FileKind.AMR: Taken("sound", "audio/amr", ("amr",)),
    FileKind.AAC: Taken("sound", "audio/aac", ("aac",)),
    FileKind.MP4: Taken("film", "video/mp4", ("mp4", "m4v", "3gp")),
    FileKind.MOV: Taken("film", "video/quicktime", ("mov", "qt")),
    FileKind.WEBM: Taken("film", "video/webm", ("webm",)),
}

# Extensions a computer would run when the file is opened there, whatever is inside.
# fmt: off
RUNNABLE = frozenset({
    "app", "apk", "bat", "cmd", "com", "cpl", "dll", "dmg", "exe", "gadget", "hta", "htm", "html", "inf",
    "ins", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "msc", "msi", "msp", "pif", "ps1", "py", "reg",
    "scf", "scr", "sh", "svg", "url", "vb", "vbe", "vbs", "wsf", "wsh", "xhtml", "xml",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is taken; `name` is safe to show and ends as its kind does."""

    kind: FileKind
    family: Family
    mime: str
    name: str


def check_size(size: int | None, limit: int = SIZE_LIMIT) -> None:
    """Refuse a size before anything is fetched; an unknown one passes and is checked again on the content.

    Args:
        size: in bytes, as the platform claims.
        limit: the largest size taken, in bytes.

    Raises:
        Refusal: "upload.empty", "upload.too_large" (limit_mb).
    """
    if size is None:
        return
    if size <= 0:
        raise Refusal("upload.empty")
    if size > limit:
        raise Refusal("upload.too_large", limit_mb=limit // MEBIBYTE)


def check_upload(name: str, content: bytes, limit: int = SIZE_LIMIT) -> Upload:
    """Take or refuse a file by what its bytes are.

    A harmless kind under a wrong harmless name is taken and its name put right.

    Args:
        name: as the person's device gave it; may be empty.
        content: the whole file.

    Raises:
        Refusal: "upload.empty", "upload.too_large" (limit_mb), "upload.mismatch" (said, kind),
            "upload.kind" (kind), "upload.unknown".
    """
    check_size(len(content), limit)
    kind, said = sniff(content), extension_of(name)
    if kind is FileKind.MP4 and said in TAKEN[FileKind.M4A].extensions:
        kind = FileKind.M4A  # browsers record sound under a film's brand
    taken = TAKEN.get(kind)
    if taken is None:
        raise _refusal(said, kind)
    if said in RUNNABLE:
        raise _refusal(said, FileKind.SCRIPT if kind is FileKind.TEXT else kind)
    return Upload(kind, taken.family, taken.mime, safe_name(name, taken.extensions))


def _refusal(said: str, kind: FileKind) -> Refusal:
    expected = any(said in taken.extensions for taken in TAKEN.values())
    if expected or kind in TAKEN:
        return Refusal("upload.mismatch", said=said.upper(), kind=kind.value)
    if kind is FileKind.UNKNOWN:
        return Refusal("upload.unknown")
    return Refusal("upload.kind", kind=kind.value)
