"""Debian's Prometheus for tests: from the path, or unpacked from its package; nothing is installed or started."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from shared.local.system import ROOT

FOLDER = ROOT / ".local" / "prometheus"
"""Where the package's programs are kept for the next run."""


def found(name: str) -> str | None:
    """Where `prometheus` or `promtool` is, if it is here already."""
    kept = FOLDER / name
    return shutil.which(name) or (str(kept) if kept.exists() else None)


def fetched(name: str) -> str | None:
    """The same; where it is not here, Debian's package is asked for it first."""
    if found(name) is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        # Beside where they go: who looks meanwhile finds a whole program or none.
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            ask = ["apt-get", "-o", "Acquire::http::Timeout=5", "-o", "Acquire::Retries=0", "download", "prometheus"]
            got = subprocess.run(ask, cwd=folder, capture_output=True, check=False)
            packages = list(Path(folder).glob("prometheus_*.deb"))
            if got.returncode == 0 and packages:
                subprocess.run(["dpkg-deb", "-x", str(packages[0]), folder], check=True)
                for program in ("prometheus", "promtool"):
                    shutil.move(Path(folder, "usr", "bin", program), FOLDER / program)
    return found(name)


class Asked:
    """A running Prometheus: queries and alerts."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            answer = await client.get(f"{self._url}/api/v1/query", params={"query": expression})
        content = answer.json()
        assert content["status"] == "success", f"{expression}: {content.get('error')}"
        samples: list[dict[str, Any]] = content["data"]["result"]
        return samples

    async def firing(self) -> dict[str, set[str]]:
        """The alerts that fire, each with the services or queues that it names."""
        found: dict[str, set[str]] = {}
        for sample in await self.query('ALERTS{alertstate="firing"}'):
            labels = sample["metric"]
            found.setdefault(labels["alertname"], set()).add(labels.get("queue") or labels.get("service", ""))
        return found


@asynccontextmanager
async def running(program: str, config: Path, port: int) -> AsyncIterator[Asked]:
    """Prometheus on a port of this machine, until the end of the block."""
    log = config.parent / "prometheus.log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={config.parent / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=out,
            stderr=out,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
                while True:
                    assert process.poll() is None, log.read_text(encoding="utf-8")[-2000:]
                    try:
                        if (await client.get(f"{url}/-/ready")).status_code == 200:
                            break
                    except httpx.TransportError:
                        pass
                    await asyncio.sleep(0.1)
            yield Asked(url)
        finally:
            process.terminate()
            process.wait()
