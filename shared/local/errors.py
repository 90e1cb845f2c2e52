"""What can go wrong with a server of this machine's own."""


class LocalServerError(Exception):
    """A local server cannot be had; its one-line message says what to do."""
