"""Free TCP ports on the loopback address, without a race between Tandem's own processes.

Taken below the kernel's ephemeral range (from 32768), so that no outgoing connection can sit on one while a server is
down between a kill and its restart. A port is reserved by an abstract Unix socket of its name: exclusive on the
machine, in the same network namespace as the port, and gone with the process that holds it.
"""

import random
import socket

from shared.local.errors import LocalServerError

# Beside the usual ports of RabbitMQ (25672) and MongoDB (27017).
_RANGE = range(20_000, 25_000)


class Ports:
    """A few reserved ports, held until `release()` or the end of this process."""

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def take(self, wanted: int | None = None) -> int:
        """Reserves the wanted port if it is free, else another one; a port already held here is just returned.

        Raises LocalServerError when none is free.
        """
        if wanted is not None and (wanted in self._held or self._reserve(wanted)):
            return wanted
        for port in random.sample(_RANGE, len(_RANGE)):
            if self._reserve(port):
                return port
        raise LocalServerError(f"no TCP port between {_RANGE.start} and {_RANGE.stop - 1} is free on 127.0.0.1")

    def release(self) -> None:
        """Gives all of them back."""
        for reservation in self._held.values():
            reservation.close()
        self._held.clear()

    def _reserve(self, port: int) -> bool:
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0tandem-port-{port}")
            with socket.socket() as probe:
                # As a server does it: a connection in TIME_WAIT is no obstacle, a listener is.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
        except OSError:
            reservation.close()
            return False
        self._held[port] = reservation
        return True
