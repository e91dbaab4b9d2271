"""The built page as it is read from the installation."""

import gzip
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.web.built import read_built
from gateway.web.page import policy

INDEX = '<meta name="csp-nonce" content="__CSP_NONCE__"><script src="/assets/a-1.js"></script>'


def built(folder: Path, index: str = INDEX) -> Path:
    """Write a page as Vite does."""
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(index, encoding="utf-8")
    (folder / "assets" / "a-1.js").write_text("let a = 1;\n" * 200, encoding="utf-8")
    (folder / "assets" / "b-2.svg").write_text("<svg/>", encoding="utf-8")
    return folder


def test_page_that_was_never_built_is_none(tmp_path: Path) -> None:
    """The daemon works without its page, and says so where the page would be."""
    assert read_built(tmp_path) is None


def test_each_visit_gets_its_own_nonce_in_the_page(tmp_path: Path) -> None:
    """A nonce that could be foreseen would let a style through that is not ours."""
    page = read_built(built(tmp_path))
    assert page is not None
    assert b'content="first"' in page.with_nonce("first")
    assert b'content="second"' in page.with_nonce("second")


def test_large_part_is_packed_once_and_a_small_one_is_not(tmp_path: Path) -> None:
    """Packing at each request would cost more than it saves."""
    page = read_built(built(tmp_path))
    assert page is not None
    script, picture = page.assets["a-1.js"], page.assets["b-2.svg"]
    assert script.packed is not None
    assert gzip.decompress(script.packed) == script.body
    assert script.media_type == "text/javascript"
    assert (picture.packed, picture.media_type) == (None, "image/svg+xml")


@pytest.mark.parametrize("index", ["<p>no place for a nonce</p>", INDEX + INDEX])
def test_damaged_page_stops_the_start_with_a_remedy(tmp_path: Path, index: str) -> None:
    """A page whose styles the browser refuses is worse than none."""
    with pytest.raises(ConfigError) as caught:
        read_built(built(tmp_path, index))
    assert "tools/desk.sh" in str(caught.value.remedy)


def test_policy_lets_own_files_through_and_nothing_written_into_the_page() -> None:
    """Whatever a caller's name manages to write into the page does not run."""
    said = policy("abc", ("https://crm.example.com",))
    assert said.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; ")
    assert "unsafe" not in said
    assert said.endswith("frame-ancestors https://crm.example.com")
