"""The image's health check: what runs in the container is asked as it serves, HTTP or HTTPS."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from shared.runtime.healthy import fault
from shared.runtime.tls import server_context
from tests.support.certificates import certificates


class Side(BaseHTTPRequestHandler):
    """Says that it can work, or not."""

    status = 200
    said = b""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status if self.path == "/health/ready" else 404)
        self.end_headers()

        self.wfile.write(self.said)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def side(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    monkeypatch.delenv("TANDEM_HTTP_CERT", raising=False)
    monkeypatch.setattr(Side, "status", 200)
    with HTTPServer(("127.0.0.1", 0), Side) as server:
        monkeypatch.setenv("TANDEM_HTTP_PORT", str(server.server_port))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_what_can_work_is_healthy_and_what_cannot_is_not(side: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault() == ""
    monkeypatch.setattr(Side, "status", 503)
    monkeypatch.setattr(Side, "said", b'{"database": "no primary"}')
    assert "503" in fault()
    assert "no primary" in fault()


def test_what_serves_https_is_asked_so_whatever_name_its_certificate_has(
    side: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = certificates(tmp_path)
    context = server_context(made.client_cert, made.client_key)
    assert context is not None
    side.socket = context.wrap_socket(side.socket, server_side=True)
    assert fault(), "plain HTTP is no answer there"
    monkeypatch.setenv("TANDEM_HTTP_CERT", str(made.client_cert))
    assert fault() == ""


def test_what_does_not_answer_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_HTTP_CERT", raising=False)
    monkeypatch.setenv("TANDEM_HTTP_PORT", "1")
    assert "Connection refused" in fault()
