"""The certificate of our own listener."""

import ssl

from gateway.core.errors import ConfigError
from gateway.runtime.settings import WebSettings


def tls_context(web: WebSettings) -> ssl.SSLContext | None:
    """Return the listener's TLS; ConfigError if certificate and key cannot be used."""
    if web.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(web.tls_cert, web.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "The certificate or its key cannot be used.",
            where="web.tls_cert",
            remedy="Both must be PEM files that belong together and that we may read.",
        ) from error
    return context
