"""Origins as browsers write them."""

import pytest

from gateway.web.origins import origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://desk.example", "https://desk.example"),
        ("https://desk.example:443/x?y", "https://desk.example"),
        ("https://Desk.Example:8443/", "https://desk.example:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_address_becomes_the_origin_a_browser_sends(url: str, origin: str) -> None:
    """An administrator writes an address; the comparison is exact."""
    assert origin_of(url) == origin
