"""``callcenter tls``: a certificate of our own for web and browser phones, where the city gives none."""

from typing import Annotated

import typer
from rich.console import Console

from callcenter.clocks import SystemClock
from callcenter.settings import load

tls_app = typer.Typer(no_args_is_help=True, help="证书 / certificate of web and browser phones")
console = Console()


@tls_app.callback()
def tls() -> None:
    """The group."""


@tls_app.command("make", epilog="Example: callcenter tls make hotline.yanan.local 192.168.1.10")
def make(
    names: Annotated[
        list[str], typer.Argument(help="浏览器使用的主机名或地址 / host names or addresses that browsers use")
    ],
) -> None:
    """自签证书 / make a self-signed pair; each browser has to trust it once."""
    from callcenter.tls import make_pair

    pair = make_pair(load().settings.secrets_path / "tls", names, SystemClock().at())
    console.print(
        f"证书指纹 / fingerprint (SHA-256): {pair.sha256}",
        "写入 callcenter.toml 后重启 / put into callcenter.toml and restart:",
        f'\\[phones]\ntls_cert = "{pair.cert}"\ntls_key = "{pair.key}"',
        sep="\n",
        highlight=False,
        soft_wrap=True,
    )
