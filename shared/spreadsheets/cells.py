"""What people write into a cell: topics with levels, working times, languages, days, yes and no."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from shared.contracts.base import Text
from shared.runtime.words import Words
from shared.spreadsheets.rows import Uncomputed

words = Words("shared.spreadsheets")

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
    (
        *("#NAME?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!"),
    )
)
"""What a spreadsheet writes where a formula has no value, in English and German."""
_TOO_NARROW = re.compile("#{2,}")
"""What a spreadsheet shows, and saves as CSV, where a column is too narrow."""
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "+": "-plus", "#": "-sharp"})
_PLAIN = re.compile(r"[a-z0-9][a-z0-9. ]{0,63}")
"""A topic whose id says all of it: a blank becomes a hyphen, which no such topic holds."""
MOST_READABLE = 55
"""Characters of an id before its ending; 64 with it."""
_TOPICS = re.compile(r"[;\n]|(?<!\d),|,(?!\d+\s*(?:[;,\n]|$))")
"""What stands between topics; a comma before the last digits of a part is of its level, 4,0."""
_FIGURE = re.compile(r"(-?\d{1,9})((?:[.,]\d{1,9})?)")
_AT_HOME = re.compile(
    r"\s*\(?\s*(?:(?:von\s+)?zu\s*hause|home\s*-?\s*office|(?:at|from)\s+home)\s*\)?\s*$", re.IGNORECASE
)
"""What stands behind times that are worked at home."""
_TIMES = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*-\s*(\d{1,2})(?:[:.](\d{2}))?")


YES = frozenset(("ja", "j", "yes", "y", "x", "wahr", "true", "1", "✓", "✔", "☑", "ok"))
NO = frozenset(("nein", "n", "no", "falsch", "false", "0", "-", "–", "☐"))
FREE = frozenset(("-", "–", "—", "frei", "free", "off", "0", "0:00", "00:00", "nein", "no"))
"""What people write into a day on which somebody does not work."""
_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+\d+")
"""A number of which a spreadsheet has kept the first digits alone."""
_TURNED = re.compile(r"\d+[.,]0+|\d{4}-\d\d-\d\d( \d\d:\d\d)?")
"""A number or a day that a spreadsheet has made of what somebody typed: 7.0 of 007, 2027-01-07 of 7-1."""
TOP_OF_A = 16
_GRADE = re.compile(
    r"(?:(?:besoldungsgruppe|entgeltgruppe|besgr\.?|egr\.?|bes\.? ?gr\.?)[ .:]*)?"
    r"(A|B|C|E|EG|W|S|P|N|R|KR|TV|BV|Ü|E ?Ü)[ .-]?(\d{1,2})[ ]?[a-zü+]{0,2}",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}/\d{1,2}/\d{2,4}"
    r"|(?:\d{1,2}[. -]+)?[A-Za-zä]{3,9}[. -]+\d{2,4}"
)
NOTHING = re.compile(r"[-–—]+|\./\.|k\. ?a\.|n/a|n\.a\.|keine angaben?|entfällt", re.IGNORECASE)
"""What people write into a cell of which they have nothing to say."""
_GARBLED = re.compile(
    "Ã[\u0080-\u00bf€ŸœžŒ„“–‚ƒ…†‡ˆ‰Š‹Ž™š›˜—’”•]|\ufffd"
    r"|(?<=\w)[„”™Ÿ](?=\w)|(?<=[a-zß-ÿ])[Š§](?=[a-z])"
)
"""What becomes of umlauts that were read by another table of characters than they were written by."""


class CellError(Exception):
    """A cell that cannot be understood; its `text` says in both languages what to write."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class EndFirstError(CellError):
    """A working time that ends before it begins."""


def readable(text: str, *, lines: bool) -> str:
    """The text of a cell, of several lines or one. Raises CellError where no reader could understand it."""
    if isinstance(text, Uncomputed):
        raise CellError(words("uncomputed"))
    if text.upper() in ERRORS or _TOO_NARROW.fullmatch(text):
        raise CellError(words("sheet-error", error=text))
    if _GARBLED.search(text):
        raise CellError(words("garbled"))
    if CONTROL.search(re.sub(r"[\n\r\t]", " ", text) if lines else text):
        raise CellError(words("unseen"))
    return text


def key(text: str) -> str:
    """A personnel number or key, with the zeros it begins with. Raises CellError of a number that lost digits."""
    if _SHORTENED.fullmatch(text):
        raise CellError(words("shortened", number=text))
    if _TURNED.fullmatch(text):
        raise CellError(words("turned", number=text))
    return text


def keys(text: str) -> list[str]:
    """Personnel keys. Raises CellError."""
    # A number with a decimal comma is no list of two.
    return [key(part) for part in listed(text if "\n" in text else key(text))]


def mail(text: str) -> str:
    """A mail address, also out of a link or a list of addresses: `mailto:…`, `Name <…>`."""
    inner = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
    return re.sub(r"(?i)^mailto:", "", inner[1] if inner else text).strip()


def yes(text: str) -> bool:
    """Whether a cell says yes: ja, yes, x, wahr, 1; nein, no, falsch, 0. Raises CellError."""
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    raise CellError(words("no-yes", text=text))


def listed(text: str) -> list[str]:
    """The parts between semicolons, commas or line breaks."""
    return [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]


def path(text: str) -> list[str]:
    """The units from the outermost one, between `>` or semicolons: their names may hold commas and slashes."""
    return [part.strip() for part in re.split(r"[>;\n]", text) if part.strip()]


def number(text: str) -> int:
    """A whole number, also written 9,0 or 9.0. Raises CellError."""
    if not (found := re.fullmatch(r"(\d{1,9})(?:[.,]0{1,2})?", text)):
        raise CellError(words("no-number"))
    return int(found[1])


def grade(text: str) -> int:
    """A grade: a number, also as offices write it, `A 15`, `E 9b`, `EG 9`. Raises CellError.

    A grade of B lies above all of A, which ends with 16: B 3 is 19. Letters after a number are its steps, and dropped.
    """
    if found := _GRADE.fullmatch(text):
        above = TOP_OF_A if found[1].upper() == "B" else 0
        return above + int(found[2])
    try:
        return number(text)
    except CellError:
        raise CellError(words("no-grade")) from None


def is_day(text: str) -> bool:
    """Whether something looks as a spreadsheet shows or saves a day that it made of what somebody typed."""
    return bool(_DAY.fullmatch(text))


def day(text: str) -> str:
    """A day, written 2027-05-03 or 03.05.2027, with or without midnight, as ISO."""
    text = re.sub(r"[ T]0?0:00(:00)?$", "", text)
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
            raise CellError(words("no-language", text=part))
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
    """Topics with levels, `Scrum:4; Excel:2,0`, and how each topic is spelt, by id. Raises CellError."""
    found: list[dict[str, object]] = []
    spelt: dict[str, str] = {}
    for part in _TOPICS.split(text):
        if not part.strip():
            continue
        label, colon, level = part.rpartition(":")
        label = label.strip()
        if not colon or not (figure := _FIGURE.fullmatch(level.strip())) or not (id := topic_id(label)):
            raise CellError(words("no-topic", text=part.strip()))
        if not re.fullmatch(r"[1-5]", figure[1]) or figure[2].strip(".,0"):
            raise CellError(words("no-level", level=level.strip(), topic=label))
        found.append({"topic_id": id, "level": int(figure[1])})
        if CONTROL.search(label):
            raise CellError(words("unseen-topic"))
        spelt[id] = spelling(label)
    return found, spelt


def working_times(text: str) -> list[dict[str, int]]:
    """Stretches of a week, `Mo-Do 8:30-16:30; Fr 8:30-13:00`; times without a day are of the days before them.

    `zu Hause` or `at home` behind times says where they are worked. Raises CellError.
    """
    found: list[dict[str, int]] = []
    weekdays: list[int] = []
    pending = False
    for part in listed(re.sub(r"(?i)[–—−]|\bbis\b|\bto\b", "-", re.sub("(?i)uhr", "", text))):
        at_home = _AT_HOME.search(part)
        days, times = _days_and_times(part[: at_home.start()] if at_home else part)
        if at_home and not times:
            raise _no_times(part)
        if days:
            weekdays = [*(weekdays if pending else []), *_weekdays(days.casefold(), part)]
            pending = not times
        if times:
            start, end = _minutes(times[1], times[2], part), _minutes(times[3], times[4], part)
            if not weekdays:
                raise _no_times(part)
            if end <= start:
                raise EndFirstError(words("end-first", text=part))
            home = {"at_home": True} if at_home else {}
            found += [{"weekday": day, "start": start, "end": end, **home} for day in weekdays]
        elif not days:
            raise _no_times(part)
    if pending:
        raise _no_times(text)
    return found


def times_of_day(weekday: int, text: str) -> list[dict[str, int]]:
    """The stretches of one day, `8:30-16:30` or `8-12; 13-17`, 0 being Monday; none on a free day. Raises CellError."""
    if text.casefold() in FREE:
        return []
    try:
        found = working_times(f"mo {text}")
    except EndFirstError:
        raise EndFirstError(words("end-first", text=text)) from None
    except CellError:
        found = []
    if not found or any(stretch["weekday"] for stretch in found):
        raise CellError(words("no-times-of-day", text=text))
    return [{**stretch, "weekday": weekday} for stretch in found]


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
    return CellError(words("no-times", text=part))
