"""Sits on the database connection of a service and sees when a transaction is open: that is when a kill is worst."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

BEGIN = b"startTransaction"
INBOX = b".inbox"
"""Only a transaction that writes the inbox has messages in hand: deliveries that nobody has acknowledged."""


@dataclass
class MongoProxy:
    """Passes bytes both ways; `on_transaction` is called when a batch's transaction is begun, not yet committed."""

    target: str
    on_transaction: Callable[[], None] = field(default=lambda: None)
    batches: int = 0
    _server: asyncio.Server | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The address to give to the service in the database's place."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        parts = urlsplit(self.target)
        credentials = parts.netloc.rpartition("@")[0]
        here = f"127.0.0.1:{port}"
        return urlunsplit(parts._replace(netloc=f"{credentials}@{here}" if credentials else here))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(self.target)
        try:
            inner_reader, inner_writer = await asyncio.open_connection(parts.hostname, parts.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._requests(reader, inner_writer), self._answers(inner_reader, writer))

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
                if BEGIN in data and INBOX in data:
                    self.batches += 1
                    self.on_transaction()
        writer.close()

    @staticmethod
    async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()
