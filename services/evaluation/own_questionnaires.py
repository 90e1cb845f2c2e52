"""Questionnaires of the office's own: they are checked, published, and asked on their day like any other."""

import datetime as dt
from collections.abc import Iterator, Sequence

from services.evaluation.asking import Wave
from services.evaluation.loaders import Adding, Opening, not_asked_id
from services.evaluation.model import DAY, Programme, Questionnaire
from services.evaluation.own_room import ROOM, room_of
from services.evaluation.questionnaires import AGREE, BOUNDS, CHOICES, NEWEST, RELEASED, marked, words
from shared.contracts import evaluation as e
from shared.contracts.base import Contract, Reason, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

LONGEST = {"title": 80, "item": 300, "choice": 120}
"""Characters of what people read, in either language."""
SHORTEST = 3 * DAY
"""A survey that would be open for less is not asked."""
RESERVED = frozenset(item.id for released in RELEASED.values() for item in released.items)
"""Items of the software's own: what is told of them is protected together with nothing else of their name."""
NAMING = ("urn:uuid:", "{", "}", "@")
"""What leads to somebody, or would be filled in, in words that are shown as they are."""


def add_questionnaire(message: e.AddQuestionnaire, state: Adding, context: Context) -> Outcome:
    """Add a questionnaire of the office's own, or its next version; it is published now and asked on its day.

    The programme is written with it: of two that are added at once, the second is decided again, and finds the room
    that the first one took.
    """
    programme = state.programme
    if programme is None:
        return refuse(reason("programme_id", "unknown_programme", words("unknown-programme")))
    if programme.reports_no_more:
        return refuse(reason("programme_id", "gone", words("gone")))
    today = programme.on(context.today)
    found = [
        *_version_wrong(message, state),
        *_asked_wrongly(message, today, context.today),
        *unfit(message, [item for version in state.versions for item in version.items]),
    ]
    if found:
        return refuse(*found)
    items = tuple(item_of(item) for item in message.items)
    earlier = {item.id: item for version in state.versions for item in version.items}
    room = room_of(message.questionnaire, message.title, {**earlier, **{item.id: item for item in items}}.values())
    with_it = {**programme.own_room, message.questionnaire: room}
    if (needed := sum(with_it.values())) > ROOM:
        return refuse(reason("items", "report_too_large", words("own-room", percent=-(-100 * needed // ROOM))))
    added = Questionnaire(
        id=Questionnaire.id_of(programme.id, message.questionnaire, message.version),
        programme=programme.id,
        due=message.opens,
        name=message.questionnaire,
        version=message.version,
        title=message.title,
        items=items,
        comment=words("comment-own"),
        asked_of=message.asked_of,
        opens=message.opens,
        own=True,
    )
    said: list[Contract] = [e.QuestionnairePublished.model_validate(added.published())]
    written: list[Aggregate] = [added, programme.but(own_room=with_it)]
    if state.sign is not None and state.sign.status != "settled":
        # What could not be asked is asked anew.
        settled = state.sign.settled()
        written.append(settled)
        said.append(e.OfficeAttentionNeeded.model_validate(settled.said()))
    return Decision(state=tuple(written), messages=tuple(said))


def item_of(item: e.OwnItem) -> e.Item:
    """An item of the office's own, as it is published; it serves none of the four questions."""
    low, high = BOUNDS.get(item.scale, (0, 0))
    if item.scale == "agree":
        choices = AGREE
    else:
        numbers = [choice.value for choice in item.choices] if item.scale == "options" else range(low, high + 1)
        choices = tuple(
            e.Choice(value=value or 0, code=choice.code, text=choice.text)
            for value, choice in zip(numbers, item.choices, strict=False)
        )
    if item.scale == "options":
        low, high = choices[0].value, choices[-1].value
    return e.Item(
        id=item.id,
        scale=item.scale,
        low=low,
        high=high,
        choices=choices,
        question=None,
        text=item.text,
        source=item.source,
    )


def unfit(message: e.AddQuestionnaire, earlier: Sequence[e.Item]) -> Iterator[Reason]:
    """What is wrong with what is asked, whenever it is; `earlier`: the items of its earlier versions."""
    if message.questionnaire in NEWEST:
        yield reason("questionnaire", "reserved", words("questionnaire-reserved", names=", ".join(NEWEST)))
    yield from _unfit_words("title", message.title, "title")
    for number, item in enumerate(message.items):
        yield from _item_reasons(number, item)
    yield from _items_changed(message, earlier)


def _version_wrong(message: e.AddQuestionnaire, state: Adding) -> Iterator[Reason]:
    """A version that there is, or that is not the next."""
    if message.questionnaire in NEWEST:
        return
    last = max((known.version for known in state.versions), default=0)
    if message.version != last + 1:
        code = "taken" if message.version <= last else "not_the_next"
        yield reason("version", code, words("questionnaire-version", next=last + 1))


def _asked_wrongly(message: e.AddQuestionnaire, programme: Programme, today: dt.date) -> Iterator[Reason]:
    """A day that is over, on which hardly anybody is in a tandem yet, or too near the final survey."""
    if message.opens <= today:
        yield reason("opens", "past", words("opens-past", date=today))
    elif message.opens < programme.term.starts:
        yield reason("opens", "too_early", words("opens-too-early", date=programme.term.starts))
    elif not programme.before_the_end(message.opens):
        latest = programme.asks_finally - programme.window_days * DAY
        yield reason("opens", "too_late", words("opens-too-late", date=latest))


def _unfit_words(field: str, text: Text, what: str) -> Iterator[Reason]:
    longest = LONGEST[what]
    if max(len(text.de), len(text.en)) > longest:
        yield reason(field, "too_long", words("words-too-long", most=longest))
    if any(sign in written for sign in NAMING for written in (text.de, text.en)):
        yield reason(field, "names_somebody", words("words-name-somebody"))


def _item_reasons(number: int, item: e.OwnItem) -> Iterator[Reason]:
    """What is wrong with an item by itself."""
    where = f"items.{number}"
    yield from _unfit_words(f"{where}.text", item.text, "item")
    if not marked(item.source):
        yield reason(f"{where}.source", "not_marked", words("source-not-marked"))
    count, least = len(item.choices), CHOICES.get(item.scale, 2 if item.scale == "options" else 0)
    if count != least and not (item.scale == "options" and count > least):
        key = "choices-options" if item.scale == "options" else "choices-count"
        yield reason(f"{where}.choices", "choices", words(key, scale=item.scale, count=least))
    for place, choice in enumerate(item.choices):
        yield from _unfit_words(f"{where}.choices.{place}.text", choice.text, "choice")
    values = [choice.value for choice in item.choices]
    numbered = [value for value in values if value is not None]
    if item.scale == "options" and (len(numbered) < count or numbered != sorted(set(numbered))):
        yield reason(f"{where}.choices", "values", words("choices-values"))
    if item.scale != "options" and numbered:
        yield reason(f"{where}.choices", "values", words("choices-no-values"))
    if len({choice.code for choice in item.choices}) < count:
        yield reason(f"{where}.choices", "code_twice", words("choice-twice"))


def _items_changed(message: e.AddQuestionnaire, earlier: Sequence[e.Item]) -> Iterator[Reason]:
    """An item twice; or one whose name stood for other words, or another scale, in an earlier version."""
    known = {item.id: item for item in earlier}
    seen: set[str] = set()
    for number, item in enumerate(message.items):
        field = f"items.{number}.id"
        if item.id in seen:
            yield reason(field, "item_twice", words("item-twice", item=item.id))
        seen.add(item.id)
        if item.id in RESERVED:
            yield reason(field, "reserved", words("item-reserved", item=item.id))
        before = known.get(item.id)
        if before is None or any(_item_reasons(number, item)):
            continue
        # All that people see, and the numbers behind it: versions of one item are told in one figure.
        if item_of(item).model_copy(update={"source": before.source}) != before:
            yield reason(field, "item_changed", words("item-changed", item=item.id))


def questionnaire_due(message: DueReached, state: Opening, context: Context) -> Outcome:
    """Ask everybody who is in a tandem; where the programme's end has come too near, the office is told instead."""
    questionnaire, programme = state
    if questionnaire is None or programme is None:
        return NOTHING
    asked = questionnaire.but(due=None)
    if "answers" in programme.gone:
        return Decision(state=(asked,))
    programme = programme.on(context.today)
    # The term, or the days of a window, may have changed since it was added.
    if message.date + SHORTEST - DAY > programme.latest_end(questionnaire.name):
        sign = not_asked(questionnaire, programme, message.date)
        return Decision(state=(asked, sign), messages=(e.OfficeAttentionNeeded.model_validate(sign.said()),))
    wave = Wave(programme.id, questionnaire.name, questionnaire.version, message.date)
    return Decision(state=(asked,), jobs=(wave.start(),))


def not_asked(questionnaire: Questionnaire, programme: Programme, today: dt.date) -> Attention:
    """What the office is told of a questionnaire whose survey would hardly be open before the programme's end."""
    by = today + programme.office_days * DAY
    return Attention(
        id=not_asked_id(questionnaire.id),
        programme=programme.id,
        what="questionnaire-not-asked",
        whom=(questionnaire.subject,),
        text=words("questionnaire-not-asked", title=questionnaire.title),
        by=by,
        answered_by=(e.AddQuestionnaire.name,),
        office=programme.office,
        rules_version=programme.rules_version,
        due=by + 2 * DAY,
    )
