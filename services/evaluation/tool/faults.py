"""What is wrong with a file, as lines for people: each names the row and the column, and never what stands there."""

from collections.abc import Callable

from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError


class Faults:
    """The faults of a file as they are found; `place` says of a row's number, and of a field, where they stand."""

    def __init__(self, name: str, place: Callable[[int], str], column: Callable[[str], str]) -> None:
        self._name, self.place, self._column = name, place, column
        self._lines: list[str] = []
        self._untold = 0

    def add(self, row: int, field: str, text: str) -> None:
        """Keep a fault: a row's number (0: of the file as a whole), the field (empty: none), what to change."""
        where = [self._name, *([self.place(row)] if row else []), *([self._column(field)] if field else [])]
        if len(self._lines) < MOST_FAULTS:
            self._lines.append(one_line(f"{', '.join(where)}: {text}"))
        else:
            self._untold += 1

    @property
    def count(self) -> int:
        """How many there are so far."""
        return len(self._lines) + self._untold

    def end(self) -> None:
        """Raise WrongUseError with a line for each fault, if there are any."""
        if self._lines:
            raise WrongUseError(*self._lines, untold=self._untold)


def one_line(text: str) -> str:
    """The text as one line, and nothing that steers a terminal, whatever stands in a name or a heading."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
