"""A made-up person's registration, as a portal would send it."""

from shared.cli.demo.story import Person, Story
from shared.contracts import registration as r


def registering(story: Story, person: Person, privacy_notice: str) -> r.RegisterMentor | r.RegisterMentee:
    """The command that registers somebody of a story in the programme `pilot`."""
    kind = r.RegisterMentor if person.role == "mentor" else r.RegisterMentee
    return kind(
        programme_id="pilot",
        personnel_key=person.key,
        display_name=person.key,
        mail=f"{person.key}@example.org",
        superiors=(f"head-of-{person.unit[0]}",),
        profile=story.profile(person),
        voluntary=True,
        privacy_notice=privacy_notice,
    )
