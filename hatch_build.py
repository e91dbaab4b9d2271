"""Builds the page into the package where Node is at hand; without Node the gateway has none."""

import os
import subprocess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Runs `tools/desk.sh` before a wheel or a source archive is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the page if its sources have changed; `make` does it for an editable install."""
        if version == "editable":
            return
        subprocess.run(
            ["/bin/sh", "tools/desk.sh", "build"],
            cwd=self.root,
            env=os.environ | {"DESK_NODE": "machine"},
            check=True,
        )
