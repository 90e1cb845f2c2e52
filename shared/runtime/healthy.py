"""`python -m shared.runtime.healthy`: the image's health check; ends with 0 if what runs in this container can work."""

import os
import ssl
import sys
import urllib.error
import urllib.request

PATIENCE = 4.0
"""Seconds; the image gives the check five."""
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - who listens everywhere is found here too


def fault() -> str:
    """Why this container's own HTTP side is not ready; empty if it is. By HTTPS where it serves that."""
    scheme = "https" if os.environ.get("TANDEM_HTTP_CERT") else "http"
    host = os.environ.get("TANDEM_HTTP_HOST", "")
    host = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    url = f"{scheme}://{host}:{os.environ.get('TANDEM_HTTP_PORT') or 8080}/health/ready"
    # Its certificate names the host that others know, and nobody is between: it is this very container.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    own = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with own.open(url, timeout=PATIENCE):
            return ""
    except urllib.error.HTTPError as error:
        # What keeps it from working, which the engine shows with the container's health.
        return f"{url}: {error} {error.read().decode(errors='replace')}"
    except OSError as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit(fault() or 0)
