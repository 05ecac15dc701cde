"""``callcenter cluster``: transcription on many machines. In the house: ``keys``, ``scheduler``; elsewhere: ``worker``."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from callcenter.clocks import SystemClock
from callcenter.core.errors import UsageError
from callcenter.settings import Settings, load

if TYPE_CHECKING:
    from recordings.cluster.keys import ClusterKeys

console = Console()

cluster_app = typer.Typer(no_args_is_help=True, help="转写集群 / transcription on many machines")


@cluster_app.command("keys", epilog="Example: callcenter cluster keys")
def keys() -> None:
    """密钥 / make the keys of the cluster, once, in the house; every machine of the cluster needs a copy."""
    from recordings.cluster.keys import ClusterKeys

    made = ClusterKeys.of(load().settings)
    made.make(SystemClock().at())
    _say(f"已生成 / made: {made.folder}；请安全地复制到每台机器 / copy it to every machine, safely")


@cluster_app.command(
    "scheduler", epilog="Example: callcenter cluster scheduler --listen tls://192.0.2.10:8786"
)
def scheduler(
    listen: Annotated[
        str, typer.Option(help="tls://HOST:PORT of this machine; without: transcription.cluster")
    ] = "",
) -> None:
    """调度器 / run the scheduler, one for the cluster. It hands jobs on and sees no sound."""
    from recordings.cluster.machine import serve_scheduler

    settings = load().settings
    address = checked_address(listen) if listen else _address(settings)
    _serve(serve_scheduler(address, _checked_keys(settings), _say))


@cluster_app.command("worker", epilog="Example: callcenter cluster worker --slots 16")
def worker(
    slots: Annotated[int, typer.Option(min=0, help="recordings at once; 0: one a core")] = 0,
    host: Annotated[
        str, typer.Option(help="where house and scheduler reach this machine; without: found out")
    ] = "",
) -> None:
    """转写机 / transcribe for the house at transcription.cluster, with the same model as there."""
    from recordings.cluster.machine import Machine
    from recordings.models import resolve_model
    from recordings.process import Limits

    settings = load().settings
    speech = settings.speech
    machine = Machine(
        _address(settings),
        _checked_keys(settings),
        resolve_model(settings),
        Limits(jobs=speech.jobs_per_worker, resident_mb=speech.worker_memory_mb),
        slots or len(os.sched_getaffinity(0)),
        host,
    )
    _serve(machine.serve(_say))


def checked_address(text: str) -> str:
    """``tls://HOST:PORT``, or the error of the setting.

    Raises:
        UsageError: ``bad_config``.
    """
    from callcenter.sections import checked_cluster

    try:
        return checked_cluster(text)
    except ValueError as error:
        raise UsageError(str(error), code="bad_config") from None


def _address(settings: Settings) -> str:
    if not settings.transcription.cluster:
        raise UsageError(
            'no cluster is set: put cluster = "tls://HOST:8786" under [transcription], or set CALLCENTER_CLUSTER',
            code="bad_config",
        )
    return settings.transcription.cluster


def _checked_keys(settings: Settings) -> "ClusterKeys":
    from recordings.cluster.keys import ClusterKeys

    found = ClusterKeys.of(settings)
    found.check(SystemClock().at())
    return found


def _serve(work: Coroutine[Any, Any, None]) -> None:
    """Until told to stop (Ctrl-C or SIGTERM)."""
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await task


def _say(text: str) -> None:
    console.print(f"[dim]·[/dim] {text}", highlight=False, soft_wrap=True)
