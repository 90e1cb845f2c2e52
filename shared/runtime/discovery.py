"""Finds the services: each folder under `services/` that has a `service.py` with a `service`."""

import importlib
import importlib.util
import pkgutil
from pathlib import Path

from shared.runtime.table import Service, check

PACKAGE = "services"


class UnknownServiceError(Exception):
    """There is no service of that name; says which there are."""


def service_names() -> tuple[str, ...]:
    """The services of this code base, by name."""
    package = importlib.import_module(PACKAGE)
    return tuple(
        sorted(
            module.name
            for module in pkgutil.iter_modules(package.__path__)
            if module.ispkg and any(Path(path, module.name, "service.py").exists() for path in package.__path__)
        )
    )


def load(name: str) -> Service:
    """A service by name, its table checked. Raises UnknownServiceError, TableError."""
    if name not in service_names():
        raise UnknownServiceError(f"no service is called {name!r}; there are {', '.join(service_names())}")
    service: Service = importlib.import_module(f"{PACKAGE}.{name}.service").service
    check(service)
    return service


def load_all() -> tuple[Service, ...]:
    """Every service, by name."""
    return tuple(load(name) for name in service_names())
