"""Checks, with nothing but the standard library, that a fresh machine has what set-up needs."""

import importlib.util
import shutil
import sys

ADVICE = {
    "python": "Python 3.11 or newer is needed, found {found}: install python3 (Debian 12 has it)",
    "venv": "Python's venv module is missing: apt-get install python3-venv",
    "apt": "neither an asterisk program nor apt-get/dpkg-deb was found: install Asterisk 20 or 22, "
    "or use Debian or Ubuntu",
}


def missing() -> list[str]:
    """One line for each thing that is missing."""
    lines = []
    if sys.version_info < (3, 11):
        lines.append(ADVICE["python"].format(found=sys.version.split()[0]))
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        lines.append(ADVICE["venv"])
    if not shutil.which("asterisk") and not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        lines.append(ADVICE["apt"])
    return lines


if __name__ == "__main__":
    found = missing()
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.exit(1 if found else 0)
