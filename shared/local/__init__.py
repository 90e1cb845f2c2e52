"""A private RabbitMQ and MongoDB for one machine: for the demo, for tests and for `tandem up`."""

from shared.local.errors import LocalServerError
from shared.local.mongo import LocalMongo
from shared.local.rabbit import LocalRabbit

__all__ = ["LocalMongo", "LocalRabbit", "LocalServerError"]
