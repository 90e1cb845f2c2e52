"""`tandem contracts`: AsyncAPI and its page, JSON Schemas, their changelog, the record of processing, settings.

With `--definitions` what must stand in the broker, for an operator who imports it himself.
"""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli.given import read_text, write_all
from shared.contracts.base import Command
from shared.local.system import ROOT
from shared.runtime import asyncapi, changelog, discovery, topology
from shared.runtime.compatibility import broken
from shared.runtime.page import page
from shared.runtime.settings import settings_table


def contracts(
    out: Annotated[Path, typer.Option(help="folder to write to")] = ROOT / "docs" / "asyncapi",
    data_map: Annotated[
        bool, typer.Option("--data-map", help="print the record of processing (Art. 30 GDPR) instead")
    ] = False,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="print RabbitMQ's definitions instead: what `declare` would import")
    ] = False,
    passwords: Annotated[
        Path | None,
        typer.Option(help="with --definitions: folder with a file password-USER for each user (deploy/secrets)"),
    ] = None,
) -> None:
    """Write AsyncAPI 3 (for programs and as a page), JSON Schemas and their changelog, from tables and contracts."""
    if passwords is not None and not definitions:
        raise typer.BadParameter("it goes with --definitions", param_hint="--passwords")
    if definitions:
        typer.echo(_json(topology.definitions(passwords_in(passwords) if passwords else {})), nl=False)
        return
    if data_map:
        typer.echo(asyncapi.data_map_table(discovery.load_all()), nl=False)
        return
    texts = generated(out)
    breaks = broken_by(texts)
    if breaks:
        raise typer.BadParameter(
            f"{breaks[0]}; give it a new version (v2), or delete its schema if it was never published"
        )
    write_all(texts, "--out")
    typer.echo(f"written to {out}")


def passwords_in(folder: Path) -> dict[str, str]:
    """Each user's password from the file `password-<user>`. Raises BadParameter that names the first one missing."""
    hint = "--passwords"
    found = {user: read_text(folder / f"password-{user}", hint).strip() for user in topology.users()}
    for user, password in found.items():
        if not password:
            raise typer.BadParameter(f"{folder / f'password-{user}'} is empty; run ./tandem keys", param_hint=hint)
    return found


def generated(out: Path) -> dict[Path, str]:
    """Every generated file with its text."""
    services = discovery.load_all()
    found = {
        out / "asyncapi.json": _json(asyncapi.document(services)),
        out / "index.html": page(services),
        out / "envelope.json": _json(asyncapi.envelope_schema()),
        out / "data-map.md": asyncapi.data_map_table(services),
        out / "settings.md": settings_table(),
    }
    schemas = {name: asyncapi.schema(contract) for name, contract in asyncapi.contracts(services).items()}
    schemas |= {name: asyncapi.file_schema(name) for name in asyncapi.FILES}
    for name, schema in schemas.items():
        found[out / "schemas" / f"{name}.json"] = _json(schema)
    found[out / "CHANGELOG.md"] = _changelog(out, {**schemas, "envelope": asyncapi.envelope_schema()})
    return found


def _changelog(out: Path, now: dict[str, dict[str, Any]]) -> str:
    """The changelog with what is new against the schemas that stand there, under the release of pyproject.toml."""
    places = {name: out / "schemas" / f"{name}.json" for name in now} | {"envelope": out / "envelope.json"}
    published = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in places.items() if path.is_file()}
    log = out / "CHANGELOG.md"
    text = log.read_text(encoding="utf-8") if log.is_file() else ""
    release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return changelog.updated(text, published, now, release)


def broken_by(texts: dict[Path, str]) -> list[str]:
    """What would break readers or senders of the schemas that stand there now, a line for each contract."""
    # Who hands a file over relies on what is taken, as the sender of a command does.
    commands = {c.name for c in asyncapi.contracts(discovery.load_all()).values() if issubclass(c, Command)}
    commands |= set(asyncapi.FILES)
    found = []
    for path, text in texts.items():
        if path.parent.name != "schemas" or not path.is_file():
            continue
        published = json.loads(path.read_text(encoding="utf-8"))
        differences = broken(published, json.loads(text), command=path.stem in commands)
        if differences:
            found.append(f"{path.stem} would break who relies on it ({'; '.join(differences)})")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
