"""What people write into a cell: topics with levels, working times, languages, days."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

DAYS: Mapping[str, int] = MappingProxyType(
    {
        **{day: at for at, day in enumerate(("mo", "di", "mi", "do", "fr", "sa", "so"))},
        **{day: at for at, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
        **{
            day: at
            for at, day in enumerate(("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"))
        },
        **{
            day: at
            for at, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
        },
    }
)
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "deutsch": "de", "german": "de", "englisch": "en", "english": "en", "französisch": "fr", "french": "fr",
        "italienisch": "it", "italian": "it", "spanisch": "es", "spanish": "es", "türkisch": "tr", "turkish": "tr",
        "polnisch": "pl", "polish": "pl", "russisch": "ru", "russian": "ru", "ukrainisch": "uk", "ukrainian": "uk",
        "kroatisch": "hr", "croatian": "hr", "griechisch": "el", "greek": "el", "arabisch": "ar", "arabic": "ar",
    }
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no name holds: it ends a line, steers a terminal or turns the direction of writing."""
ERRORS = frozenset(
    ("#NAME?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!")
)
"""What a spreadsheet writes where a formula has no value, in English and German."""
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "+": "-plus", "#": "-sharp"})
_PLAIN = re.compile(r"[a-z0-9][a-z0-9. ]{0,63}")
"""A topic whose id says all of it: a blank becomes a hyphen, which no such topic holds."""
MOST_READABLE = 55
"""Characters of an id before its ending; 64 with it."""
_TIMES = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*-\s*(\d{1,2})(?:[:.](\d{2}))?")


class CellError(Exception):
    """A cell that cannot be understood; its text says what to write."""


def no_error(text: str) -> str:
    """The text of a cell. Raises CellError of a spreadsheet's own error."""
    if text.upper() in ERRORS:
        raise CellError(f"{text} is an error of the spreadsheet. Mend the formula, or type the value.")
    return text


def listed(text: str) -> list[str]:
    """The parts between semicolons, commas or line breaks."""
    return [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]


def path(text: str) -> list[str]:
    """The units from the outermost one, between `>` or semicolons: their names may hold commas and slashes."""
    return [part.strip() for part in re.split(r"[>;\n]", text) if part.strip()]


def number(text: str) -> int:
    """A whole number. Raises CellError."""
    if not re.fullmatch(r"\d{1,9}", text):
        raise CellError("A whole number belongs here.")
    return int(text)


def day(text: str) -> str:
    """A day, written 2027-05-03 or 03.05.2027, as ISO. Raises CellError."""
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    return text


def role(text: str) -> str:
    """A role; the words that offices use for it are taken too."""
    word = re.sub(r"[^a-zäöüß]", "", text.casefold())
    if word in ("mentor", "mentorin", "mentorinnen", "mentoren"):
        return "mentor"
    return "mentee" if word in ("mentee", "führungskraft", "leader") else text


def languages(text: str) -> list[str]:
    """Languages by code or name. Raises CellError."""
    found = []
    for part in re.split(r"[;,/\n\s]+", text.casefold()):
        if not part:
            continue
        if not re.fullmatch(r"[a-z]{2}", code := LANGUAGES.get(part, part)):
            raise CellError(f"The language {part} is unknown here. Write its code of two letters, such as de; en.")
        found.append(code)
    return list(dict.fromkeys(found))


def spelling(label: str) -> str:
    """A topic as it is shown: composed (NFC), with single blanks."""
    return " ".join(unicodedata.normalize("NFC", label).split())


def topic_id(label: str) -> str:
    """An id for a topic as people write it, at most 64 characters; empty where there is no letter and no digit.

    Social media → social-media; Künstliche Intelligenz → kuenstliche-intelligenz_fdebb4ce. It depends on nothing but
    the topic. Where letters and digits alone do not say all of it, an ending does, that of its SHA-256: so topics are
    one only if they differ in capitals, in blanks or in how Unicode composes them, and Café is not Cafè.
    """
    word = unicodedata.normalize("NFC", spelling(label).lower())
    if not any(map(str.isalnum, word)):
        return ""
    if _PLAIN.fullmatch(word):
        return word.replace(" ", "-")
    letters = unicodedata.normalize("NFKD", word.translate(_SPELT)).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^a-z0-9.]+", "-", letters).strip("-.")[:MOST_READABLE]
    # Blanks beside other marks are no difference that anybody means: R&D, R & D.
    ending = hashlib.sha256(word.replace(" ", "").encode()).hexdigest()[:8]
    return f"{readable or 'topic'}_{ending}"


def topics(text: str) -> tuple[list[dict[str, object]], dict[str, str]]:
    """Topics with levels, `Scrum:4; Excel:2`, and how each topic is spelt, by id. Raises CellError."""
    found: list[dict[str, object]] = []
    words: dict[str, str] = {}
    for part in listed(text):
        label, colon, level = part.rpartition(":")
        label, level = label.strip(), level.strip()
        if not colon or not re.fullmatch(r"[1-5]", level) or not (id := topic_id(label)):
            raise CellError(f"{part} is no topic with a level. Write it like Scrum:4; Excel:2, with levels of 1 to 5.")
        found.append({"topic_id": id, "level": int(level)})
        if CONTROL.search(label):
            raise CellError("A topic holds a character that nobody sees. Write it anew.")
        words[id] = spelling(label)
    return found, words


def working_times(text: str) -> list[dict[str, int]]:
    """Stretches of a week, `Mo-Do 8:30-16:30; Fr 8:30-13:00`; times without a day are of the days before them.

    Raises CellError.
    """
    found: list[dict[str, int]] = []
    weekdays: list[int] = []
    pending = False
    for part in listed(re.sub(r"[–—]|\bbis\b|\bto\b", "-", text.casefold().replace("uhr", ""))):
        words, times = _days_and_times(part)
        if words:
            weekdays = [*(weekdays if pending else []), *_weekdays(words, part)]
            pending = not times
        if times:
            start, end = _minutes(times[1], times[2], part), _minutes(times[3], times[4], part)
            if end <= start or not weekdays:
                raise _no_times(part)
            found += [{"weekday": day, "start": start, "end": end} for day in weekdays]
        elif not words:
            raise _no_times(part)
    if pending:
        raise _no_times(text)
    return found


def _days_and_times(part: str) -> tuple[str, re.Match[str] | None]:
    """The days and the times of a part; a part is the one, the other, or both."""
    times = _TIMES.search(part)
    if times is None:
        return part, None
    if part[times.end() :].strip():
        raise _no_times(part)
    return part[: times.start()].strip(" :"), times


def _weekdays(words: str, part: str) -> list[int]:
    names = [word.strip(" .") for word in words.split("-")]
    if len(names) > 2 or any(name not in DAYS for name in names):
        raise _no_times(part)
    first, last = DAYS[names[0]], DAYS[names[-1]]
    if last < first:
        raise _no_times(part)
    return list(range(first, last + 1))


def _minutes(hours: str, minutes: str | None, part: str) -> int:
    total = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) > 59 or total > 1440:
        raise _no_times(part)
    return total


def _no_times(part: str) -> CellError:
    return CellError(f"{part} is no working time. Write it like Mo-Do 8:30-16:30; Fr 8:30-13:00.")
