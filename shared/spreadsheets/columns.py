"""The columns of a spreadsheet of people, by their German and English names, in the shape of the register commands.

docs/import-people.md and docs/match-a-file.md list them.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.contracts.base import Text
from shared.spreadsheets import cells

Use = Literal["match", "import", "demo"]
"""What a file of people is read for: a match on a file, to register them, or to try a programme with them."""
ALL_USES: tuple[Use, ...] = ("match", "import", "demo")
MATCH: tuple[Use, ...] = ("match",)
WITHOUT_NAMES: tuple[Use, ...] = ("match", "demo")
IMPORT: tuple[Use, ...] = ("import",)
NONE: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    field: str
    """Of a register command, or of what matching knows besides, dotted; empty: the column is not looked at."""
    name: Text
    hint: Text
    read: Callable[[str], object] = str
    needed: tuple[Use, ...] = NONE
    also: tuple[str, ...] = ()
    """Other names that are taken."""
    uses: tuple[Use, ...] = ALL_USES
    """Who looks at it."""
    lines: bool = False
    """A cell may hold several lines."""
    weekday: int | None = None
    """The day whose working times stand in it, 0 being Monday."""


COLUMNS = (
    Column(
        "role",
        Text(de="Rolle", en="Role"),
        Text(de="Mentor oder Mentee", en="mentor or mentee"),
        cells.role,
        ALL_USES,
        also=("Mentor/Mentee", "Funktion im Programm", "Side"),
    ),
    Column(
        "id",
        Text(de="Kennung", en="Id"),
        Text(
            de="für tandem match: eindeutig, kein Name; Buchstaben, Ziffern . _ -",
            en="for tandem match: unique, no name; letters, digits . _ -",
        ),
        needed=MATCH,
        uses=WITHOUT_NAMES,
    ),
    Column(
        "personnel_key",
        Text(de="Personalnummer", en="Personnel key"),
        Text(
            de="eigene Nummer oder Stelle, auch mit Nullen am Anfang: 007",
            en="own number or post, also with zeros at the beginning: 007",
        ),
        cells.key,
        IMPORT,
        also=(
            *("Stelle", "Post", "Position", "Personalschlüssel", "Personal-Nr.", "Pers.-Nr.", "PersNr", "PNr"),
            *("Personnel number", "Personnel no.", "Employee number", "Employee id", "Staff number"),
        ),
    ),
    Column(
        "display_name",
        Text(de="Name", en="Name"),
        Text(de="für den Import", en="for the import"),
        needed=IMPORT,
        also=("Vor- und Nachname", "Vorname Nachname", "Vollständiger Name", "Full name", "Anzeigename"),
        uses=IMPORT,
    ),
    Column(
        "mail",
        Text(de="E-Mail", en="Mail"),
        Text(de="für den Import: name@example.org", en="for the import: name@example.org"),
        cells.mail,
        IMPORT,
        also=("Email", "E-Mail-Adresse", "Mailadresse", "E-Mail address", "Dienstliche E-Mail"),
        uses=IMPORT,
    ),
    Column(
        "profile.department",
        Text(de="Referat", en="Department"),
        Text(de="oberste Einheit", en="top unit"),
        needed=ALL_USES,
        also=("Dezernat", "Fachbereich"),
    ),
    Column(
        "profile.unit",
        Text(de="Organisationseinheit", en="Unit"),
        Text(de="von außen nach innen: KR-1 > KR-12", en="outermost first: KR-1 > KR-12"),
        cells.path,
        also=("Einheit", "OE", "Org.-Einheit", "Dienststelle", "Organisational unit"),
        lines=True,
    ),
    Column(
        "profile.grade",
        Text(de="Stufe", en="Grade"),
        Text(de="Stufe der Stelle, 1 bis 30", en="grade of the post, 1 to 30"),
        cells.grade,
        ALL_USES,
        also=("Besoldungsstufe", "Entgeltstufe", "Wertigkeit", "Pay grade"),
    ),
    # Needed, because two empty ones would be the same site.
    Column(
        "profile.site",
        Text(de="Standort", en="Site"),
        Text(de="Mitte", en="Mitte"),
        needed=ALL_USES,
        also=("Dienstort", "Arbeitsort", "Location"),
    ),
    Column(
        "profile.languages",
        Text(de="Sprachen", en="Languages"),
        Text(de="de; en", en="de; en"),
        cells.languages,
        ALL_USES,
        also=("Sprache", "Language"),
        lines=True,
    ),
    Column(
        "profile.working_times",
        Text(de="Arbeitszeiten", en="Working times"),
        Text(de="Mo-Do 8:30-16:30; Fr 8:30-13:00", en="Mon-Thu 8:30-16:30; Fri 8:30-13:00"),
        cells.working_times,
        ALL_USES,
        also=("Arbeitszeit", "Dienstzeiten", "Working time", "Working hours"),
        lines=True,
    ),
    Column(
        "profile.strengths",
        Text(de="Stärken", en="Strengths"),
        Text(de="Scrum:4; Excel:2 (1 wenig bis 5 viel)", en="Scrum:4; Excel:2 (1 little to 5 much)"),
        cells.topics,
        also=("Stärke", "Kann helfen bei", "Strength"),
        lines=True,
    ),
    Column(
        "profile.concerns",
        Text(de="Anliegen", en="Concerns"),
        Text(de="Scrum:4; Excel:2 (1 wenig bis 5 viel)", en="Scrum:4; Excel:2 (1 little to 5 much)"),
        cells.topics,
        also=("Wünscht Hilfe bei", "Themenwünsche", "Concern"),
        lines=True,
    ),
    Column(
        "profile.capacity",
        Text(de="Kapazität", en="Capacity"),
        Text(de="Mentees auf einmal, 1 bis 3", en="mentees at a time, 1 to 3"),
        cells.number,
    ),
    Column(
        "superiors",
        Text(de="Vorgesetzte", en="Superiors"),
        Text(
            de="deren Personalnummern oder Stellen, die direkte zuerst",
            en="their personnel keys or posts, the direct one first",
        ),
        cells.keys,
        also=("Vorgesetzter", "Führungskräfte", "Superior", "Reporting line"),
        lines=True,
    ),
    Column(
        "releaser_mail",
        Text(de="E-Mail Vorgesetzte", en="Line manager's mail"),
        Text(
            de="für den Import: wer die Zeit freigibt, wenn das Programm es verlangt",
            en="for the import: who releases the time, where the programme asks for it",
        ),
        cells.mail,
        also=(
            *("E-Mail der Führungskraft", "E-Mail Führungskraft", "E-Mail Vorgesetzter", "E-Mail der Vorgesetzten"),
            *("E-Mail des Vorgesetzten", "Mail Vorgesetzte", "Manager's mail", "Manager mail", "Superior's mail"),
        ),
        uses=IMPORT,
    ),
    Column(
        "about_me",
        Text(de="Über mich", en="About me"),
        Text(de="für den Import: freier Text", en="for the import: free text"),
        uses=IMPORT,
        lines=True,
    ),
    Column(
        "voluntary",
        Text(de="Freiwillig", en="Voluntary"),
        Text(de="für den Import: ja, wenn die Person freiwillig teilnimmt", en="for the import: yes if so"),
        cells.yes,
        also=("Freiwillige Teilnahme", "Takes part voluntarily"),
        uses=IMPORT,
    ),
    Column(
        "privacy_notice",
        Text(de="Datenschutzhinweis", en="Privacy notice"),
        Text(de="für den Import: gelesene Fassung", en="for the import: the version that was read"),
        also=("Datenschutz", "Privacy notice version"),
        uses=IMPORT,
    ),
    Column(
        "wishes",
        Text(de="Wünsche", en="Wishes"),
        Text(de="für tandem match: Kennungen, beste zuerst", en="for tandem match: ids, best first"),
        cells.listed,
        uses=WITHOUT_NAMES,
        lines=True,
    ),
    Column(
        "vetoes",
        Text(de="Ausschlüsse", en="Vetoes"),
        Text(de="für tandem match: Kennungen", en="for tandem match: ids"),
        cells.listed,
        uses=WITHOUT_NAMES,
        lines=True,
    ),
    Column(
        "waiting_since",
        Text(de="Wartet seit", en="Waiting since"),
        Text(de="für tandem match: 01.03.2026", en="for tandem match: 2026-03-01"),
        cells.day,
        uses=MATCH,
    ),
)
"""What the template offers, in its order."""

FIRST_NAME = Column(
    "first_name", Text(de="Vorname", en="First name"), Text(de="statt Name", en="instead of Name"), uses=IMPORT
)
LAST_NAME = Column(
    "last_name",
    Text(de="Nachname", en="Last name"),
    Text(de="statt Name", en="instead of Name"),
    also=("Familienname", "Surname"),
    uses=IMPORT,
)
"""What may stand in the place of the name."""

DAYS = tuple(
    Column(
        f"day.{weekday}",
        Text(de=de, en=en),
        Text(de="8:30-16:30", en="8:30-16:30"),
        also=(*also, *(f"{time} {day}" for time in ("Arbeitszeit", "Arbeitszeiten") for day in (de, also[0]))),
        lines=True,
        weekday=weekday,
    )
    for weekday, (de, en, also) in enumerate(
        (
            ("Mo", "Mon", ("Montag", "Monday")),
            ("Di", "Tue", ("Dienstag", "Tuesday")),
            ("Mi", "Wed", ("Mittwoch", "Wednesday")),
            ("Do", "Thu", ("Donnerstag", "Thursday")),
            ("Fr", "Fri", ("Freitag", "Friday")),
            ("Sa", "Sat", ("Samstag", "Saturday")),
            ("So", "Sun", ("Sonntag", "Sunday")),
        )
    )
)
"""The days of a week in columns of their own, in the place of the working times."""

CONSENTS = Column(
    "consents",
    Text(de="Einwilligungen", en="Consents"),
    Text(de="gibt nur die Person selbst", en="only the person gives them"),
    also=("Einwilligung", "Consent"),
    uses=NONE,
)

LEFT_OUT = Column(
    "",
    Text(de="Telefon", en="Phone"),
    Text(de="wird nicht gelesen", en="is not looked at"),
    also=(
        *("Bemerkung", "Bemerkungen", "Remark", "Remarks", "Nr", "Lfd. Nr.", "No", "Anrede", "Titel", "Title"),
        *("Raum", "Büro", "Room", "Office", "Durchwahl", "Tel", "Fax", "Fehler", "Faults"),
    ),
    uses=NONE,
)
"""What offices' lists often have, and nobody needs."""

ALL = (*COLUMNS, FIRST_NAME, LAST_NAME, *DAYS, CONSENTS, LEFT_OUT)


def plain(heading: str) -> str:
    """A heading without capitals, blanks, marks, and what stands in brackets to explain it."""
    words = unicodedata.normalize("NFC", heading).casefold()
    letters = re.sub(r"[^a-zäöü0-9]", "", re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", words))
    return letters or re.sub(r"[^a-zäöü0-9]", "", words)


NAMED = {
    plain(name): column
    for column in ALL
    for name in (column.name.de, column.name.en, column.field.rpartition(".")[2], *column.also)
    if name and not name.isdecimal()
}


def named(heading: str) -> Column | None:
    """The column of a heading, which may give both names, `Rolle / Role`."""
    return next((c for part in (heading, *heading.split(" / ")) if (c := NAMED.get(plain(part)))), None)
