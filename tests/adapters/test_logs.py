"""Log lines: static texts, personal data hashed."""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from callcenter import logs

pytestmark = pytest.mark.adapters

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def test_personal_values_are_replaced_by_a_keyed_hash() -> None:
    """The number is gone; two lines of one citizen still carry the same hash."""
    output = io.StringIO()
    logs.configure(b"secret", output)
    try:
        log = structlog.get_logger()
        log.info("caller arrived", caller_pii="13800012345")
        log.info("caller left", caller_pii="13800012345")
    finally:
        structlog.reset_defaults()
    first, second = (json.loads(line) for line in output.getvalue().splitlines())
    assert "13800012345" not in output.getvalue()
    assert first["caller_hash"] == second["caller_hash"]


def _log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for package in ("callcenter", "ivr", "queues", "recordings"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _is_log_call(node.func):
                    yield path, node


def _is_log_call(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
        return False
    return ast.unparse(function.value).split(".")[-1].strip("_") in ("log", "logger")


def test_every_log_text_is_static_and_no_key_names_a_number() -> None:
    """Texts are literals; caller, number, text and name appear only as ``*_pii``."""
    calls = list(_log_calls())
    assert len(calls) > 10
    for path, call in calls:
        where = f"{path.relative_to(ROOT)}:{call.lineno}"
        assert call.args, where
        parts = {type(node) for node in ast.walk(call.args[0])}
        assert not parts & {ast.JoinedStr, ast.BinOp, ast.Call}, where
        keys = {keyword.arg for keyword in call.keywords}
        assert not keys & {"caller", "number", "citizen", "text", "transcript", "password"}, where
