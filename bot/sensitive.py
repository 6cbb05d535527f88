"""What may never be written down, known by its look."""

import re
from collections.abc import Iterable
from urllib.parse import quote

SHORTEST_SECRET = 6
LONGEST_TEXT = 8_000
READ_AHEAD = 2 * LONGEST_TEXT  # what is cut off is cut before reading, so that no line costs much

# Full-width letters and digits read like plain ones, and marks of no width hide nothing.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)

GAP = r"[\s\-\u2010-\u2015_\u00b7]{0,2}"
NAMES = "token|secret|passw(?:or)?d|api[_-]?key|authorization|signature"

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)(?<![a-z])bot\d+(?::|%3A)[^/\s\"'<>]+"), "bot[token]"),
    (re.compile(r"(?i)(?<!\d)\d{6,12}(?::|%3A)[\w-]{20,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s{1,3}[\w.~+/=-]{6,}"), r"\1 [key]"),
    (re.compile(r"(?i)(cookie[\"']?\s{0,3}[:=]\s{0,3})[^\n]+"), r"\1[key]"),
    (re.compile(r"://[^/\s@]{1,200}@"), "://[key]@"),
    (re.compile(r"([?&][\w.~%-]{1,60}=)[^&\s\"'<>]+"), r"\1[value]"),
    (
        re.compile(
            rf"(?i)((?:{NAMES})[\w-]{{0,40}}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)"
            r"(?!(?:bearer|basic)\b)[^\s\"',;&\])}]+"
        ),
        r"\1[key]",
    ),
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43,}=*"), "[key]"),
    (re.compile(rf"(?<!\d)\d(?:{GAP}\d){{14,}}(?:{GAP}[xX](?![a-zA-Z]))?"), "[number]"),
    (re.compile(rf"(?<!\d)(?:(?:\+|00)?{GAP}86{GAP})?0?1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)"), "[phone]"),
)

_secrets: set[str] = set()


def remember(secrets: Iterable[str]) -> None:
    """Blank these values from now on wherever they turn up, also as part of an address."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            _secrets.update((secret, quote(secret, safe="")))


def redact(text: str) -> str:
    """The text, cut at 8,000 characters, without tokens, keys, mobile numbers, resident IDs and codes."""
    cut = len(text) > LONGEST_TEXT
    text = text[:READ_AHEAD].translate(PLAIN)
    for secret in _secrets:
        text = text.replace(secret, "[key]")
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return f"{text[:LONGEST_TEXT]} [cut]" if cut else text
