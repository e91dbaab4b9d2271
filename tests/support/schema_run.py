"""Schemathesis against a running application: what it sends, and what it said."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence
from pathlib import Path

# Streams never end, and have tests of their own.
STREAMS = "^/api/v1/events"
# Whatever a fuzzer finds here signs the fuzzer itself out, and nothing more would be seen.
FATAL = ("/api/v1/tokens/{id}", "/api/v1/me/password", "/api/v1/users/{id}")
# What is accepted is decided by more than the schema: rights, state and what is known here.
LEFT_OUT = (
    "positive_data_acceptance",
    "ensure_resource_availability",
    "use_after_free",
    "missing_required_header",
    # `Allow` names what the whole address allows, also where two routes share it
    "allow_header_conformance",
)
SETTINGS = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501]
[generation]
allow-x00 = true
"""


async def run_schemathesis(
    url: str,
    folder: Path,
    *,
    token: str | None,
    seconds: int,
    phases: str,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> str | None:
    """Let it try an application for so long; returns what it found, None for nothing."""
    settings = folder / "schemathesis.toml"
    await asyncio.to_thread(settings.write_text, SETTINGS, encoding="utf-8")
    arguments = [
        f"--config-file={settings}",
        "run",
        f"{url}/api/v1/openapi.json",
        f"--url={url}",
        "--checks=all",
        f"--exclude-checks={','.join(LEFT_OUT)}",
        f"--exclude-path-regex={STREAMS}",
        f"--phases={phases}",
        f"--max-time={seconds}",
        "--continue-on-failure",
        "--warnings=off",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--output-sanitize=false",
        "--output-truncate=false",
        "--no-color",
        *(f"--include-path={path}" for path in only),
        *(f"--exclude-path={path}" for path in without),
    ]
    if token is not None:
        arguments.append(f"--header=Authorization: Bearer {token}")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "schemathesis.cli",
        *arguments,
        cwd=folder,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return None if process.returncode == 0 else said.decode(errors="replace")
