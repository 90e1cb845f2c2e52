"""Where a stack that compose runs is, told by its `.env` and the folder of its secrets: no password is copied."""

import re
from collections.abc import Mapping
from pathlib import Path

from shared.runtime import discovery, topology
from shared.runtime.secret_files import with_password

SECRETS = "TANDEM_SECRETS"
"""The folder with one file a secret, where there is one."""
MARK = "TANDEM_UID"
"""What `./tandem keys` writes into compose's `.env`, and nobody into another file."""
DEFAULTS = {"AMQP": 5672, "MANAGEMENT": 15672, "HTTP": 8080}
"""The ports that a stack publishes, as docker-compose.yml has them."""
_QUOTED = re.compile(r"""\s*(["'])(.*?)\1\s*(?:#.*)?""")
_COMMENT = re.compile(r"(?:^|\s+)#.*$|\s+$")
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what is published there is found on this machine too


def as_compose_reads(value: str) -> str:
    """A value of `.env` without the quotes or the comment behind it that compose passes over."""
    found = _QUOTED.fullmatch(value)
    return found[2] if found else _COMMENT.sub("", value)


def published(env: Mapping[str, str], root: Path) -> dict[str, str]:
    """What a stack publishes on this machine, by the settings in its `.env` under `root`; its own addresses win."""
    address = env.get("TANDEM_ADDRESS", "")
    host = "127.0.0.1" if address in EVERYWHERE else address
    port = {name: env.get(f"TANDEM_PORT_{name}", str(default)) for name, default in DEFAULTS.items()}
    told = {
        "TANDEM_AMQP_URL": f"amqp://tandem-admin@{host}:{port['AMQP']}/",
        "TANDEM_MANAGEMENT_URL": f"http://{host}:{port['MANAGEMENT']}",
        "TANDEM_HTTP_URL": f"http://{host}:{port['HTTP']}",
        "TANDEM_DAYS": "clock",
    }
    own = {name: env[name] for name in told if env.get(name)}
    return {SECRETS: str(root / "deploy" / "secrets"), **told, **own}


def completed(values: Mapping[str, str]) -> dict[str, str]:
    """The same with an address for each user and service, and with the secrets of the folder. Raises OSError."""
    folder = Path(values[SECRETS])
    kept = {name: _read(folder / name) for name in ("office-token", "ops-token", "hr-token", "rabbitmq-admin")}
    broker, door = values.get("TANDEM_AMQP_URL", ""), values.get("TANDEM_HTTP_URL", "")
    found = {
        "TANDEM_AMQP_URL": with_password(broker, kept["rabbitmq-admin"]),
        "TANDEM_OFFICE_TOKEN": kept["office-token"],
        "TANDEM_OPS_TOKEN": kept["ops-token"],
        "TANDEM_HR_TOKEN": kept["hr-token"],
        **{f"TANDEM_HTTP_{name.upper()}": f"{door}/{name}" for name in discovery.service_names()},
    }
    for user in topology.people():
        theirs = broker.replace("//tandem-admin@", f"//{user}@")
        password = _read(folder / f"password-{user}")
        found[f"TANDEM_AMQP_URL_{user.upper()}"] = with_password(theirs, password) if password else ""
    return {**values, **{name: value for name, value in found.items() if value}}


def _read(file: Path) -> str:
    """A secret, or nothing where the folder has none of that name. Raises OSError where that cannot be seen."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
