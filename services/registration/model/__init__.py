"""What registration remembers."""

from services.registration.model.people import Contact, Participant, Participation, Person
from services.registration.model.programmes import Programme, seal_of
from services.registration.model.topics import Topic

__all__ = ["Contact", "Participant", "Participation", "Person", "Programme", "Topic", "seal_of"]
