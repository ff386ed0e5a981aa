"""Documents by what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from socialops.networks.documents import PDF, DocumentFacts, inspect_document
from tests.fakes.files import movie, paper, picture, slides

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def judged(folder: Path, data: bytes) -> DocumentFacts | None:
    path = folder / "document"
    path.write_bytes(data)
    return inspect_document(path)


@pytest.mark.parametrize("packed", [False, True])
def test_the_pages_of_a_pdf_are_counted(packed, tmp_path: Path) -> None:
    assert judged(tmp_path, paper(7, packed=packed)) == DocumentFacts(PDF, 7)


def test_slides_are_taken_without_macros(tmp_path: Path) -> None:
    assert judged(tmp_path, slides()) == DocumentFacts(PPTX)
    assert judged(tmp_path, slides(macros=True)) is None


def test_what_is_no_document_is_refused(tmp_path: Path) -> None:
    bomb = paper(1).replace(b"%%EOF", b"")
    for data in (
        bomb,
        paper(2, Encrypt="5 0 R"),
        picture(),
        movie(),
        b"PK\x03\x04" + bytes(200),
        b"%PDF-1.7",
        slides()[:-60],
    ):
        assert judged(tmp_path, data) is None


def test_a_packed_table_that_grows_without_end_is_cut(tmp_path: Path) -> None:
    import zlib  # noqa: PLC0415 -- for this file alone

    table = zlib.compress(b"/Type /Page \n" * 2_000_000)
    data = b"%PDF-1.7\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + table + b"\nendstream\n%%EOF"
    found = judged(tmp_path, data)
    assert found is not None
    assert 70_000 < found.pages < 80_000  # a million bytes of it, no more
