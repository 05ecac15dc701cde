"""Sees to it that the tests of the desks find a Chromium: the one on PATH, else the system's own package.

Without rights to install it, those tests are skipped and say so; everything else runs.
"""

import os
import shutil
import subprocess
import sys

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk", "iproute2")
LIMIT_S = 900
ADVICE = (
    f"没有 Chromium，网页测试将跳过 / no Chromium: the tests of the desks will be skipped; "
    f"to run them: apt install {' '.join(PACKAGES)}"
)


def main() -> None:
    """Install what is missing, if we may."""
    if any(shutil.which(program) for program in PROGRAMS):
        return
    apt_get = shutil.which("apt-get")
    if os.geteuid() != 0 or not apt_get:
        tell(ADVICE)
        return
    tell("安装网页测试用的 Chromium / installing Chromium for the tests of the desks ...")
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            [apt_get, *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode:
            tell(done.stderr + ADVICE)
            return


def tell(line: str) -> None:
    """Say it at once."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
