"""The networks' own contracts and conformance cases: other people's files, read from the folder that SOCIALOPS_CONTRACTS names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder() -> Path:
    """Holds contracts/ and conformance/. A run without it fails: it is never skipped."""
    named = os.environ.get("SOCIALOPS_CONTRACTS", "")
    if not named:
        pytest.fail("SOCIALOPS_CONTRACTS names no folder: run make test-contracts CONTRACTS=folder.", pytrace=False)
    found = Path(named)
    if not found.is_dir():
        pytest.fail(f"SOCIALOPS_CONTRACTS names {named}, which is no folder.", pytrace=False)
    return found
