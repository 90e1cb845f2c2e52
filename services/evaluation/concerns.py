"""What evaluation holds of people, and what is left of it without them.

An answer names nobody: it lies under an id that follows from its survey under the programme's key. Once that is
destroyed all answers are anonymous: nobody is shown theirs, and an erasure takes none out. Before, while no report
has told anything of its questionnaire, it goes with its survey; a report that is being made meanwhile is made anew.
Once one has, the answer may be counted in it: it stays as the figures that it is, without its comment, since a later
report that lacked just this one could be subtracted from the earlier, until a single answer is left. A closed survey
stays without its person: where the answer stays, so does who was asked, as one of so many; where it went, nobody is
reckoned with any more. Whether they answered is told by neither, since both hang on the survey's close and on the
report alone.
"""

from collections.abc import Collection, Mapping
from typing import Any

from services.evaluation.certificates.model import Certificate
from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Signs
from services.evaluation.extras.model import Extras
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Questionnaire, Report, Survey
from services.evaluation.reporting.gathering import BASELINE, END
from services.evaluation.shared_topics.model import Introduction, TandemTopics, Topic, TopicSearch
from services.evaluation.shared_topics.rights import (
    introduction_shown,
    introduction_without,
    topics_shown,
    topics_without,
)
from services.evaluation.stories.model import Feed, Story
from services.evaluation.stories.rights import story_shown, story_without
from shared.contracts.parts import NOBODY
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get, Ids
from shared.runtime.ids import derived_id
from shared.runtime.table import Concerns, all_of_it

People = frozenset[str]


def pair_without(pair: Pair, people: People) -> Pair:
    """A tandem with its other side, who is still asked."""
    mentor, mentee = (NOBODY if who in people else who for who in (pair.mentor, pair.mentee))
    return pair.but(mentor=mentor, mentee=mentee)


def survey_without(survey: Survey, people: People) -> Survey | None:
    """Nothing of an open survey, of a closed one that there was one, of somebody who was asked."""
    if survey.status != "closed":
        return None
    # It leads there from the participant's id alone, as the survey's own id does, and to no answer.
    erased = derived_id("erased", survey.programme or "", survey.participant)
    return survey.but(participant=NOBODY, tandem=None, due=None, erased=erased)


def answer_of(survey: Survey, get: Get) -> tuple[tuple[Aggregate, Aggregate | None], ...]:
    """The answers to a survey, if there are any: one, or two while an upgrade has not ended.

    Where they go, the programme is written whether there were any or not: a report that is being made sees it.
    """
    ids = _ids(survey, get)
    programme, report = get(Programme, survey.programme or ""), get(Report, survey.programme or "")
    if ids is None:
        return ()
    found = tuple(answer for answer in get.all(Answer, ids) if answer is not None)
    if survey.status == "closed" and _may_count(survey, report):
        return tuple((answer, answer.but(comment="", released=False)) for answer in found)
    seen = () if programme is None else ((programme, programme.but(erasures=programme.erasures + 1)),)
    without = survey_without(survey, frozenset())
    unreckoned = () if without is None else ((survey, without.but(erased=None)),)
    return (*((answer, None) for answer in found), *seen, *unreckoned)


def _may_count(survey: Survey, report: Report | None) -> bool:
    """Whether a report may have counted an answer: it told of the questionnaire, or of the change since it."""
    if report is None or report.version == 0:
        return False
    if report.released is None:
        # An earlier release did not keep what was told.
        return True
    told = {*report.told_before, *(kept.questionnaire for kept in report.released)}
    return survey.questionnaire in told or (survey.questionnaire == BASELINE and END in told)


def own_answer(survey: Survey, ids: Ids) -> Collection[tuple[type[Aggregate], str]] | None:
    """What somebody answered to their survey, which nobody but they is shown; None: the key to it was destroyed."""
    found = _ids(survey, ids)
    return None if found is None else tuple((Answer, id) for id in found)


def _ids(survey: Survey, ids: Ids) -> tuple[str, ...] | None:
    """Under which ids an answer may lie: of the programme's key, and of the deployment's until it is moved."""
    sealed = ids.sealed(survey.programme or "", "answer", survey.id)
    return None if sealed is None else (sealed, ids.keyed("answer", survey.id))


def extras_shown(extras: Extras, people: People) -> Mapping[str, Any]:
    """Which extras one allows, and the pause; what hangs on them is shown by itself."""
    return all_of_it(extras.but(introductions_open=(), stories_told=()), people)


def certificate_shown(certificate: Certificate, people: People) -> Mapping[str, Any]:
    """The certificate that lies ready, without what leads to it."""
    shown = all_of_it(certificate, people)
    return {name: value for name, value in shown.items() if name not in ("token", "taken_by")}


CONCERNS = (
    Concerns(Participant, lambda participant: {participant.id}),
    Concerns(Pair, lambda pair: {pair.mentor, pair.mentee}, pair_without),
    Concerns(
        Survey,
        lambda survey: {survey.participant},
        survey_without,
        also=answer_of,
        leads_to=own_answer,
        led_nowhere={"answers_kept": "anonymous"},
    ),
    Concerns(Extras, lambda extras: {extras.id}, shows=extras_shown),
    Concerns(TandemTopics, lambda worked: {worked.mentor, worked.mentee}, topics_without, topics_shown),
    Concerns(Introduction, lambda introduction: set(introduction.people), introduction_without, introduction_shown),
    Concerns(Story, lambda story: set(story.people), story_without, story_shown),
    Concerns(Certificate, lambda certificate: {certificate.participant}, shows=certificate_shown),
)
IMPERSONAL = (
    *(Programme, Questionnaire, Held, Answer, Report, Counted, Goals, Signs, Exceptional, KickOff),
    *(Topic, TopicSearch, Feed),
)
"""What names nobody; answers go with their surveys."""
