"""What can be added and subtracted: whether a few people are left when published groups are put together in any way.

Independent of `services.evaluation.protection.admission`: exact linear algebra with fractions, without its rule.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

People = frozenset[str]


def singled_out(bases: Sequence[People], fewer_than: int) -> People | None:
    """A group of fewer people than that whose count follows from those of the bases; None: there is none.

    It follows if its indicator is a sum of multiples of theirs. People who are in just the same bases have the same
    weight in every such sum; so only whole groups of these need be tried.
    """
    atoms = Counter[tuple[bool, ...]]()
    names: dict[tuple[bool, ...], set[str]] = {}
    for person in frozenset().union(*bases):
        where = tuple(person in base for base in bases)
        atoms[where] += 1
        names.setdefault(where, set()).add(person)
    small = [atom for atom, size in atoms.items() if size < fewer_than]
    rows = _reduced([[Fraction(atom[row]) for atom in atoms] for row in range(len(bases))])
    for chosen in _unions(small, atoms, fewer_than):
        if _spanned([Fraction(atom in chosen) for atom in atoms], rows):
            return frozenset().union(*(names[atom] for atom in chosen))
    return None


def _unions(
    small: Sequence[tuple[bool, ...]], atoms: Counter[tuple[bool, ...]], fewer_than: int
) -> Iterator[tuple[tuple[bool, ...], ...]]:
    for number in range(1, fewer_than):
        yield from (c for c in combinations(small, number) if sum(atoms[atom] for atom in c) < fewer_than)


def _reduced(rows: list[list[Fraction]]) -> list[tuple[int, list[Fraction]]]:
    """The rows in echelon form, each with the place of its first entry, which is one."""
    found: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = _remainder(row, found)
        lead = next((place for place, entry in enumerate(rest) if entry), None)
        if lead is not None:
            found.append((lead, [entry / rest[lead] for entry in rest]))
    return found


def _remainder(row: list[Fraction], echelon: list[tuple[int, list[Fraction]]]) -> list[Fraction]:
    for lead, other in echelon:
        if row[lead]:
            row = [entry - row[lead] * by for entry, by in zip(row, other, strict=True)]
    return row


def _spanned(row: list[Fraction], echelon: list[tuple[int, list[Fraction]]]) -> bool:
    return not any(_remainder(row, echelon))
