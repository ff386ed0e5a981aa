"""Documents, judged by what they are: PDF, and Word and PowerPoint files without macros."""

from __future__ import annotations

import mmap
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PDF = "application/pdf"
OFFICE = {
    b"presentationml.presentation.main+xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    b"wordprocessingml.document.main+xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
EXTENSIONS = {PDF: "pdf", **dict(zip(OFFICE.values(), ("pptx", "docx"), strict=True))}
MAX_ENTRIES = 10_000  # files in an office file
MAX_LIST = 1_000_000  # bytes of its table of contents, and of one packed table of a PDF
MAX_TABLES = 2_000
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_TABLE = re.compile(rb"/Type\s*/ObjStm.{0,400}?stream\r?\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """`pages` 0 where the file doesn't tell."""

    content_type: str
    pages: int = 0


def inspect_document(path: Path) -> DocumentFacts | None:
    """What the file is; None for anything that isn't one of these, is cut short, locked by a password, or carries macros."""
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        return _pdf(path)
    return _office(path) if head.startswith(b"PK\x03\x04") else None


def _pdf(path: Path) -> DocumentFacts | None:
    """Pages are counted where they stand, also in packed tables (ISO 32000-1, 7.5.7). An encrypted PDF can't be shown page by page."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.rfind(b"%%EOF", max(0, len(data) - 2048)) < 0 or data.find(b"/Encrypt") >= 0:
            return None
        pages = sum(1 for _ in _PAGE.finditer(data))
        pages += sum(len(_PAGE.findall(table)) for table in _tables(data))
    return DocumentFacts(PDF, pages)


def _tables(data: mmap.mmap) -> Iterator[bytes]:
    for number, found in enumerate(_TABLE.finditer(data)):
        if number == MAX_TABLES:
            return
        try:
            yield zlib.decompressobj().decompress(data[found.end() : found.end() + MAX_LIST], MAX_LIST)
        except zlib.error:
            continue  # packed in another way: the count is then too low, never wrong about what it saw


def _office(path: Path) -> DocumentFacts | None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            with archive.open("[Content_Types].xml") as file:
                kinds = file.read(MAX_LIST)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return None  # each is zipfile's way to say: damaged, locked, or packed in a way that office files aren't
    macros = any("vbaproject" in name or name.endswith(".bin") for name in names) or b"macroEnabled" in kinds
    if macros or len(entries) > MAX_ENTRIES:
        return None
    kind = next((content_type for mark, content_type in OFFICE.items() if mark in kinds), "")
    return DocumentFacts(kind) if kind else None
