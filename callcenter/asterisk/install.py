"""Finds an Asterisk 20 or 22, or builds a private one that needs no root and touches nothing of the system.

Invariant: a private copy counts only with its stamp, which is written last, after the program has run from its
final place; an interrupted build is thrown away and its downloads are used again.
"""

import fcntl
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callcenter.asterisk import packages
from callcenter.asterisk.closure import Closure, resolve, shared_objects
from callcenter.asterisk.modules import MODULES, OPTIONAL_MODULES
from callcenter.asterisk.packages import Planned, PrivateApt, Progress
from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings

ACCEPTED_MAJORS = (20, 22)
OLDEST_PRIVATE = (22, 10)
FREE_BYTES_MIN = 400_000_000
"""Index 10 MB + downloads 25 MB + unpacked 150 MB + the copy 60 MB, doubled."""

ROOT_PACKAGES = ("asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm")
TRIMMED = ("doc", "man", "locale", "info", "lintian", "bug", "doc-base", "gdb")
"""Folders of ``usr/share`` that nothing reads at run time."""


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """An Asterisk that can be started; ``prefix`` is set for the private copy."""

    program: Path
    version: str
    prefix: Path | None
    modules_path: Path
    data_path: Path


def ensure_asterisk(settings: Settings, progress: Progress) -> AsteriskProgram:
    """The Asterisk to use: the one named in the settings, on PATH, or a private copy (built if need be).

    Raises:
        UsageError: the named or found one is not 20 or 22; no apt; no disk space.
        PeerError: the package archive cannot be reached.
    """
    found = find_asterisk(settings)
    return found or _build_locked(settings.cache_path / "asterisk", progress)


def find_asterisk(settings: Settings) -> AsteriskProgram | None:
    """What :func:`ensure_asterisk` would use without building anything.

    Raises:
        UsageError: the named or found one is not 20 or 22.
    """
    if settings.asterisk:
        return _existing(Path(settings.asterisk), "setting 'asterisk'")
    on_path = shutil.which("asterisk")
    if on_path:
        return _existing(Path(on_path), "on PATH")
    return _stamped(settings.cache_path / "asterisk")


def parse_version(printed: str) -> tuple[int, int] | None:
    """``Asterisk 22.10.1~dfsg...`` -> (22, 10); ``None`` if it is no release number."""
    match = re.match(r"Asterisk (?:certified[/-])?(\d+)\.(\d+)", printed)
    return (int(match[1]), int(match[2])) if match else None


def _existing(program: Path, origin: str) -> AsteriskProgram:
    path = program.absolute()
    printed = _ask_version(path)
    version = parse_version(printed)
    if version is None or version[0] not in ACCEPTED_MAJORS:
        raise UsageError(
            f"{path} ({origin}) is '{printed.strip()[:60]}', needed is Asterisk 20 or 22: "
            "take it off PATH, or name another in CALLCENTER_ASTERISK",
            code="asterisk_version",
        )
    return _described(path, printed, prefix=None)


def _ask_version(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "-V"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(
            f"cannot run {program}: check CALLCENTER_ASTERISK", code="asterisk_program"
        ) from None
    return done.stdout


def _described(program: Path, printed: str, prefix: Path | None) -> AsteriskProgram:
    root = program.resolve().parents[1]
    modules = [
        *root.glob("lib/*/asterisk/modules"),
        root / "lib/asterisk/modules",
        root / "lib64/asterisk/modules",
    ]
    data = [root / "share/asterisk", root / "var/lib/asterisk", Path("/var/lib/asterisk")]
    return AsteriskProgram(
        program=program,
        version=printed.split()[1],
        prefix=prefix,
        modules_path=_first_with(modules, "app_queue.so", program),
        data_path=_first_with(data, "documentation/core-en_US.xml", program),
    )


def _first_with(folders: list[Path], file: str, program: Path) -> Path:
    for folder in folders:
        if (folder / file).exists():
            return folder
    raise UsageError(f"{program} has no {file} in {', '.join(map(str, folders))}", code="asterisk_incomplete")


# The private copy


def _stamp_path(root: Path) -> Path:
    return root / "prefix" / "complete.json"


def _stamped(root: Path) -> AsteriskProgram | None:
    try:
        stamp = json.loads(_stamp_path(root).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    prefix = root / "prefix"
    if stamp.get("prefix") != str(prefix):  # the cache was moved: loader and library folders are absolute
        return None
    return _described(prefix / "usr/sbin/asterisk", stamp["version"], prefix)


def _build_locked(root: Path, progress: Progress) -> AsteriskProgram:
    packages.require_tools()
    root.mkdir(parents=True, exist_ok=True)
    with _exclusive(root / "lock", progress):
        done = _stamped(root)
        return done or _build(root, progress)


@contextmanager
def _exclusive(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Asterisk: another process is building the private copy, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(root: Path, progress: Progress) -> AsteriskProgram:
    _require_space(root)
    prefix, building, stage = root / "prefix", root / "building", root / "stage"
    for leftover in (building, stage):
        shutil.rmtree(leftover, ignore_errors=True)
    apt = PrivateApt(root / "apt", packages.debian_source())
    progress("Asterisk: reading the signed package index")
    apt.update()
    plan = apt.plan("asterisk")
    kept = _collect(apt, plan, stage, progress)
    progress(f"Asterisk: putting {len(kept)} packages together")
    for package in kept:
        _merge(stage / package.name, building)
    _trim(building)
    _link_sounds(building)
    _write_lock(apt, kept, building / "packages.lock")
    _point_at_own_libraries(building, prefix)
    shutil.rmtree(prefix, ignore_errors=True)
    building.rename(prefix)
    program = _stamp(prefix)
    for scaffold in (stage, root / "apt"):
        shutil.rmtree(scaffold)
    progress(f"Asterisk: {program.version} is ready")
    return program


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < FREE_BYTES_MIN:
        raise UsageError(
            f"{root} has {free // 1_000_000} MB free, building Asterisk needs {FREE_BYTES_MIN // 1_000_000}: "
            "free some, or set CALLCENTER_CACHE to another disk",
            code="no_space",
        )


def _collect(apt: PrivateApt, plan: dict[str, Planned], stage: Path, progress: Progress) -> list[Planned]:
    """Fetch and unpack, round by round, only the packages that hold a library somebody needs."""
    unpacked: dict[str, Planned] = {}
    closure = Closure()
    wanted = [plan[name] for name in (*ROOT_PACKAGES, "libc6")]
    while wanted:
        size = sum(package.size_bytes for package in wanted) / 1e6
        progress(f"Asterisk: {len(unpacked)} packages here, fetching {len(wanted)} more ({size:.1f} MB)")
        apt.fetch(wanted)
        for package in wanted:
            packages.unpack(apt.path(package), stage / package.name)
            unpacked[package.name] = package
        closure = resolve(_roots(stage), shared_objects(stage))
        rest = {name: package for name, package in plan.items() if name not in unpacked}
        wanted = _offers(apt, closure.missing, unpacked, rest, stage)
    holders = {path.relative_to(stage).parts[0] for path in closure.found.values()}
    return [package for name, package in sorted(unpacked.items()) if name in holders.union(ROOT_PACKAGES)]


def _roots(stage: Path) -> list[Path]:
    modules = {path.stem: path for path in stage.glob("asterisk-modules/usr/lib/*/asterisk/modules/*.so")}
    lacking = set(MODULES) - set(modules) - OPTIONAL_MODULES
    if lacking:
        raise PeerError(f"the archive's Asterisk lacks module {min(lacking)}", code="asterisk_incomplete")
    return [stage / "asterisk/usr/sbin/asterisk", *(modules[name] for name in MODULES if name in modules)]


def _offers(
    apt: PrivateApt,
    missing: dict[str, list[Path]],
    unpacked: dict[str, Planned],
    rest: dict[str, Planned],
    stage: Path,
) -> list[Planned]:
    """The packages that may hold the missing sonames: those named like one, else dependencies of who needs it."""
    by_name = {_squeezed(name): package for name, package in rest.items()}
    named = {_squeezed(soname) for soname in missing} & by_name.keys()
    if named:
        return [by_name[name] for name in named]
    for soname, needers in missing.items():
        owners = {needer.relative_to(stage).parts[0] for needer in needers}
        depends = [packages.dependencies(apt.path(unpacked[owner])) for owner in owners]
        offers = [[rest[name] for name in names if name in rest] for names in depends]
        if any(offers):
            return min(filter(None, offers), key=len)
        raise PeerError(f"no package offers {soname}", code="asterisk_incomplete")
    return []


def _squeezed(name: str) -> str:
    """``libssl.so.3`` and ``libssl3t64`` -> ``libssl3``."""
    return re.sub(r"[-_.]", "", name.replace(".so", "")).removesuffix("t64")


def _merge(tree: Path, building: Path) -> None:
    shutil.copytree(tree, building, symlinks=True, dirs_exist_ok=True)


def _trim(building: Path) -> None:
    for name in TRIMMED:
        shutil.rmtree(building / "usr/share" / name, ignore_errors=True)
    shutil.rmtree(building / "etc", ignore_errors=True)
    shutil.rmtree(building / "var", ignore_errors=True)


def _link_sounds(building: Path) -> None:
    sounds = building / "usr/share/asterisk/sounds"
    if not (sounds / "en").exists():
        (sounds / "en").symlink_to("en_US_f_Allison")


def _write_lock(apt: PrivateApt, kept: list[Planned], path: Path) -> None:
    lines = [
        f"{package.name}={package.version} sha256:{packages.sha256(apt.path(package))}" for package in kept
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _point_at_own_libraries(building: Path, prefix: Path) -> None:
    """Give the program its own loader and library folders, so that it starts directly and can restart itself."""
    loader = next(building.glob("usr/lib/*/ld-linux*.so.*"))
    libraries = loader.parent
    rpath = ":".join(str(prefix / path.relative_to(building)) for path in (libraries, libraries / "asterisk"))
    packages.run_tool(
        str(_patchelf()),
        "--set-interpreter",
        str(prefix / loader.relative_to(building)),
        "--force-rpath",
        "--set-rpath",
        rpath,
        str(building / "usr/sbin/asterisk"),
        folder=building,
    )


def _patchelf() -> Path:
    beside_python = Path(sys.executable).parent / "patchelf"
    if beside_python.exists():
        return beside_python
    on_path = shutil.which("patchelf")
    if on_path is None:
        raise UsageError("the patchelf program is missing: run 'make setup' again", code="no_patchelf")
    return Path(on_path)


def _stamp(prefix: Path) -> AsteriskProgram:
    program = prefix / "usr/sbin/asterisk"
    printed = _ask_version(program).strip()
    version = parse_version(printed)
    if version is None or version < OLDEST_PRIVATE or version[0] not in ACCEPTED_MAJORS:
        raise PeerError(
            f"the archive offers '{printed[:60]}', needed is 22.10 or newer", code="asterisk_version"
        )
    text = json.dumps({"prefix": str(prefix), "version": printed}, indent=1)
    (prefix / "complete.json").write_text(text, "utf-8")
    return _described(program, printed, prefix)
