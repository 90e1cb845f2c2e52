"""How alike two labels are, as people misspell them. Pure.

A score of 0 to 100, the same in both directions. Alike are labels that differ in case, signs, blanks, in how umlauts
are written (ü, ue, u), by a letter or two, in the order of words or in their endings (Trend, Trends). One that holds
all words of the other (Excel, Excel-Makros) is near, and never nearer than a misspelling of a few letters.
"""

import re
import unicodedata
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

LEAST = 75
"""Score from which one label may mean the other: two wrong letters in a label of eight."""
SAME_STEMS = 0.97
"""Of words that differ in endings or order only: near, but not the same."""
CONTAINED = 0.78
"""Of a label that holds all words of the other and more."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
SMALL = {"and", "auf", "das", "der", "die", "for", "fuer", "im", "in", "mit", "of", "oder", "or", "the", "und", "zu"}
"""Words that say nothing of a topic."""
ENDING = re.compile(r"(?<=\w{3})(?:en|er|es|e|n|s)$")


class Spelling(NamedTuple):
    """A label as it is compared."""

    letters: str
    """Letters and digits alone (and the signs of C++ and C#), small, each umlaut one letter."""
    written_out: str
    """The same with umlauts as two letters."""
    stems: tuple[str, ...]
    """Its words without endings and without small words, in the order of the alphabet."""


def spelling(label: str) -> Spelling:
    """A label without what does not tell it from another; a label of signs alone has nothing left."""
    small = unicodedata.normalize("NFC", label).lower()
    words = re.findall(r"\w+[+#]*", small.replace("_", " "))
    written = [_plain(word) for word in words]
    telling = [word for word in written if word not in SMALL] or written
    return Spelling("".join(words), "".join(written), tuple(sorted(ENDING.sub("", word) for word in telling)))


def _plain(word: str) -> str:
    """Umlauts as two letters, other accents left out."""
    taken_apart = unicodedata.normalize("NFKD", word.translate(UMLAUTS))
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter))


def score(one: str, other: str) -> int:
    """How near two labels are, 0 to 100; 100 only for the same letters in the same order."""
    a, b = spelling(one), spelling(other)
    if not a.letters or not b.letters:
        return 100 * (one == other)
    found = [
        DamerauLevenshtein.normalized_similarity(a.letters, b.letters),
        DamerauLevenshtein.normalized_similarity(a.written_out, b.written_out),
        SAME_STEMS * DamerauLevenshtein.normalized_similarity(" ".join(a.stems), " ".join(b.stems)),
    ]
    if set(a.stems) <= set(b.stems) or set(b.stems) <= set(a.stems):
        found.append(CONTAINED)
    return int(100 * max(found))
