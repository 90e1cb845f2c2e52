"""What somebody sees of the other before both have accepted: role, department, topics, languages; never who it is."""

from collections.abc import Iterable, Mapping

from services.matching.model import Candidate
from services.matching.say import words
from shared.contracts.base import Text
from shared.contracts.parts import TopicLevel


def introduced(other: Candidate, labels: Mapping[str, Text]) -> Text:
    """Somebody in a few sentences; a topic without a label is left out."""
    profile = other.profile
    about = words(
        "introduced",
        role=words(f"role-{other.role}"),
        department=profile.department,
        languages=_listed(_language(code) for code in profile.languages),
    )
    found = [about]
    for key, topics in (("can-help", profile.strengths), ("wants-help", profile.concerns)):
        known = _known(topics, labels)
        if known:
            found.append(words(key, topics=_listed(known)))
    return Text(de=" ".join(text.de for text in found), en=" ".join(text.en for text in found))


def _known(topics: Iterable[TopicLevel], labels: Mapping[str, Text]) -> list[Text]:
    """Labels, the highest level first."""
    ranked = sorted(topics, key=lambda topic: (-topic.level, topic.topic_id))
    return [labels[id] for id in dict.fromkeys(topic.topic_id for topic in ranked) if id in labels]


def _language(code: str) -> Text:
    key = f"language-{code}"
    return words(key) if key in words else Text(de=code, en=code)


def _listed(texts: Iterable[Text]) -> Text:
    found = list(texts)
    return Text(de=", ".join(text.de for text in found), en=", ".join(text.en for text in found))
