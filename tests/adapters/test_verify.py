"""Proof of the vault: every kind of tampering is found and named, and an honest vault is clean."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from vaults import master_key, new_vault

from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, RecordingId
from recordings import wav
from recordings.core.manifest import BEGINNING, line_hash, parse, render
from recordings.roots import Roots
from recordings.vault import Vault
from recordings.verify import ADVICE, Kind, Report, verify

pytestmark = pytest.mark.adapters

FIRST = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY_S = 86_400


@dataclass
class House:
    """A vault with three recordings, one a day, and the roots of these days."""

    vault: Vault
    roots: Roots

    @property
    def manifest(self) -> Path:
        """Its file."""
        return self.vault.manifest.path

    def path(self, number: int) -> Path:
        """Where the recording of a day lies."""
        return self.vault.sealed_path(recording(number))

    def keep(self, number: int) -> None:
        """Seal the recording of a day."""
        raw = self.vault.root / "x.raw"
        raw.write_bytes(os.urandom(4 * wav.RATE))
        self.vault.keep(ContactId(recording(number)), wav.of_raw(raw), FIRST + timedelta(days=number))
        raw.unlink()

    def verify(self, day: str | None = None, rows: dict[RecordingId, str] | None = None) -> Report:
        """Prove it."""
        return verify(self.vault, self.roots, TODAY, UTC, day=day, rows=rows)

    def found(self) -> set[tuple[Kind, str]]:
        """What is wrong with it."""
        return {(finding.kind, finding.name) for finding in self.verify().findings}

    def lines(self) -> list[str]:
        """The manifest's lines."""
        return self.manifest.read_text().splitlines()

    def write(self, lines: list[str]) -> None:
        """Replace them."""
        self.manifest.write_text("".join(f"{line}\n" for line in lines))


def recording(number: int) -> RecordingId:
    """The id of a recording that was made on a day from the 20th on."""
    return RecordingId(f"cell1-{int(FIRST.timestamp()) + number * DAY_S}.{number}")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An honest house."""
    house = House(
        new_vault(tmp_path / "v"), Roots(tmp_path / "v" / "roots", tmp_path / "secrets" / "sign.pem")
    )
    assert house.roots.set_up()
    for number in range(3):
        house.keep(number)
    assert house.roots.sign_days(house.vault.manifest, TODAY, UTC) == ["20261120", "20261121", "20261122"]
    return house


def test_an_honest_vault_is_clean(house: House) -> None:
    """Everything was looked at, and whoever waits sees how far it is."""
    shares: list[float] = []
    rows = {name: entry.sound_sha256 for name, entry in house.vault.manifest.newest().items()}
    report = verify(house.vault, house.roots, TODAY, UTC, rows=rows, progress=shares.append)
    assert report.as_json() == {"clean": True, "lines": 3, "roots": 3, "files": 3, "findings": []}
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_every_kind_of_finding_says_what_to_do() -> None:
    """In Chinese and English."""
    assert set(ADVICE) == set(Kind)
    assert all(" / " in text for text in ADVICE.values())


def test_a_flipped_bit_is_found(house: House) -> None:
    """One bit of one file."""
    content = bytearray(house.path(1).read_bytes())
    content[len(content) // 2] ^= 1
    house.path(1).write_bytes(content)
    assert house.found() == {(Kind.CHANGED, house.vault.relative(house.path(1)))}


def test_a_cut_file_is_found(house: House) -> None:
    """Also when it is cut to nothing."""
    for size in (100, 0):
        os.truncate(house.path(1), size)
        assert house.found() == {(Kind.CHANGED, house.vault.relative(house.path(1)))}


def test_a_deleted_file_is_found(house: House) -> None:
    """Its line is there, it is not."""
    house.path(0).unlink()
    assert house.found() == {(Kind.MISSING, house.vault.relative(house.path(0)))}


@pytest.mark.parametrize(
    "name",
    [
        "sealed/20261121/cell1-1763712000.9.wav.enc",
        "sealed/20261121/cell1-1763712000.9.wav",
        "sealed/20261121/notes.txt",
        "sealed/x/y/z.wav",
        "waiting/20261121/cell1-1763712000.9.wav",
    ],
)
def test_an_added_file_is_found(house: House, name: str) -> None:
    """Sound or not, wherever it lies."""
    path = house.vault.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert house.found() == {(Kind.ADDED, name)}


def test_a_second_file_of_a_known_recording_is_found(house: House) -> None:
    """Only the entered place counts: the plain file beside the encrypted one is a stranger."""
    for place in (house.vault.waiting_path, house.vault.wav_path):
        path = place(recording(1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav.header(0))
        assert house.found() == {(Kind.ADDED, house.vault.relative(path))}
        path.unlink()


def test_what_lies_beside_a_recording_is_no_stranger(house: House) -> None:
    """Transcripts and the like begin with its id; drafts go by themselves."""
    for suffix in ("json", "peaks.json"):
        house.path(1).with_name(f"{recording(1)}.{suffix}").write_text("{}")
    house.path(1).with_name(".part-abc").write_bytes(b"x")
    assert house.found() == set()


def test_files_that_were_exchanged_are_found(house: House) -> None:
    """Two recordings under each other's name."""
    one, other = house.path(0).read_bytes(), house.path(1).read_bytes()
    house.path(0).write_bytes(other)
    house.path(1).write_bytes(one)
    assert house.found() == {(Kind.CHANGED, house.vault.relative(house.path(n))) for n in (0, 1)}


def test_a_changed_line_is_found(house: House) -> None:
    """By the chain, where a line follows, and by the root of its day in any case."""
    lines = house.lines()
    for number in range(3):
        changed = lines[number].replace('"seconds":1.0', '"seconds":2.0')
        house.write([*lines[:number], changed, *lines[number + 1 :]])
        found = house.found()
        assert (Kind.ROOT, f"roots/2026112{number}.json") in found
        assert ((Kind.LINE, f"manifest.jsonl:{number + 2}") in found) == (number < 2)


@pytest.mark.parametrize("text", ["nonsense", "{}", "[]", "null", '{"recording_id": 1}', "\ufffd"])
def test_a_damaged_line_is_found(house: House, text: str) -> None:
    """Whatever stands there."""
    lines = house.lines()
    house.write([lines[0], text, lines[2]])
    assert (Kind.LINE, "manifest.jsonl:2") in house.found()


def test_a_dropped_or_inserted_line_is_found(house: House) -> None:
    """In the middle of the chain."""
    lines = house.lines()
    house.write([lines[0], lines[2]])
    assert {kind for kind, _ in house.found()} >= {Kind.LINE, Kind.CUT, Kind.ADDED}
    house.write([lines[0], lines[0], *lines[1:]])
    assert (Kind.LINE, "manifest.jsonl:2") in house.found()


def test_a_cut_manifest_is_found(house: House) -> None:
    """Its end is missing, with or without the file that it named; or all of it."""
    house.write(house.lines()[:2])
    assert house.found() == {(Kind.CUT, "manifest.jsonl"), (Kind.ADDED, house.vault.relative(house.path(2)))}
    house.path(2).unlink()
    assert house.found() == {(Kind.CUT, "manifest.jsonl")}
    house.manifest.unlink()
    assert (Kind.CUT, "manifest.jsonl") in house.found()


def test_a_manifest_written_anew_is_found(house: House) -> None:
    """A whole new chain over changed lines contradicts the roots, which cannot be signed without the key."""
    previous, forged = BEGINNING, []
    for line in house.lines():
        entry = json.loads(line) | {"seconds": 9.0, "previous": previous}
        forged.append(render(parse(json.dumps(entry))))
        previous = line_hash(forged[-1])
    house.write(forged)
    assert house.found() == {(Kind.ROOT, f"roots/2026112{n}.json") for n in range(3)}


def _other_count(tree: dict[str, object]) -> dict[str, object]:
    return tree | {"count": 1}


def _no_signature(tree: dict[str, object]) -> dict[str, object]:
    return tree | {"signature": ""}


def _other_signature(tree: dict[str, object]) -> dict[str, object]:
    return tree | {"signature": "AAAA"}


def _other_day(tree: dict[str, object]) -> dict[str, object]:
    return tree | {"day": "20261121"}


def _nothing(_: dict[str, object]) -> dict[str, object]:
    return {}


@pytest.mark.parametrize("forge", [_other_count, _no_signature, _other_signature, _other_day, _nothing])
def test_a_wrong_root_is_found(house: House, forge: Callable[[dict[str, object]], dict[str, object]]) -> None:
    """Whatever was changed in it."""
    path = house.vault.root / "roots" / "20261122.json"
    path.write_text(json.dumps(forge(json.loads(path.read_text()))))
    assert house.found() == {(Kind.ROOT, "roots/20261122.json")}


def test_roots_signed_with_another_key_are_found(house: House, tmp_path: Path) -> None:
    """Somebody who has the folder and not the secrets cannot make roots, nor a public key for them."""
    forger = Roots(house.vault.root / "roots", tmp_path / "forger.pem")
    for path in (house.vault.root / "roots").glob("*.json"):
        path.unlink()
    assert forger.set_up()
    forger.sign_days(house.vault.manifest, TODAY, UTC)
    assert house.found() == {
        (Kind.ROOT, name)
        for name in ("roots/public.pem", *(f"roots/2026112{number}.json" for number in range(3)))
    }


def test_a_missing_root_is_found_once_its_night_is_over(house: House) -> None:
    """Yesterday's may still be signed in the coming night."""
    for day in ("20261121", "20261122"):
        (house.vault.root / "roots" / f"{day}.json").unlink()
    assert house.found() == {(Kind.NO_ROOT, "roots/20261121.json")}
    assert house.roots.sign_days(house.vault.manifest, TODAY, UTC) == ["20261121", "20261122"]
    assert house.found() == set()


def test_roots_are_written_once_and_today_is_not_signed_yet(house: House) -> None:
    """Signing again changes nothing."""
    before = {path: path.read_bytes() for path in (house.vault.root / "roots").iterdir()}
    house.keep(3)
    assert house.roots.sign_days(house.vault.manifest, TODAY, UTC) == []
    assert {path: path.read_bytes() for path in (house.vault.root / "roots").iterdir()} == before
    assert house.found() == set()


def test_a_lost_signing_key_is_said(house: House, tmp_path: Path) -> None:
    """No new one is made over old roots; the public half still proves them."""
    key = tmp_path / "secrets" / "sign.pem"
    key.rename(tmp_path / "aside")
    assert house.roots.set_up() is False
    assert house.found() == set()
    house.keep(3)
    with pytest.raises(PeerError) as caught:
        house.roots.sign_days(house.vault.manifest, TODAY + timedelta(days=1), UTC)
    assert caught.value.code == "vault_sign_key"
    key.write_text("nonsense")
    assert (Kind.UNREADABLE, "roots") in house.found()


def test_the_database_is_a_fourth_witness(house: House) -> None:
    """A recording whose line and file are both gone is still known there."""
    rows = {name: entry.sound_sha256 for name, entry in house.vault.manifest.newest().items()}
    rows[RecordingId("cell1-1763712000.77")] = "0" * 64
    rows[recording(1)] = "1" * 64
    found = {(finding.kind, finding.name) for finding in house.verify(rows=rows).findings}
    assert found == {(Kind.ROW, "cell1-1763712000.77"), (Kind.ROW, recording(1))}


def test_one_day_can_be_proved_alone(house: House) -> None:
    """Only its files are read; the chain is proved all the same."""
    house.path(0).unlink()
    assert house.verify(day="20261121").as_json()["findings"] == []
    assert house.verify(day="20261121").files == 1
    assert [finding.kind for finding in house.verify(day="20261120").findings] == [Kind.MISSING]


def test_a_deletion_on_purpose_is_no_finding(house: House) -> None:
    """The tombstone explains the missing file; a file that comes back is a stranger."""
    content = house.path(1).read_bytes()
    newest = house.vault.manifest.find(recording(1))
    house.vault.delete(recording(1), newest, "call: 180 days", FIRST)
    house.vault.delete(recording(1), house.vault.manifest.find(recording(1)), "again", FIRST)
    assert len(house.lines()) == 4
    assert house.found() == set()
    house.path(1).write_bytes(content)
    assert house.found() == {(Kind.ADDED, house.vault.relative(house.path(1)))}


def test_a_line_that_leads_out_of_the_vault_is_not_followed(house: House) -> None:
    """A forged path is a finding, not a file that is opened."""
    newest = house.vault.manifest.find(recording(1))
    assert newest is not None
    for path in ("../../etc/passwd", "/etc/passwd", "sealed/20261121/x.wav.enc"):
        lines = house.lines()
        house.vault.manifest.append(parse(render(newest).replace(newest.path, path)))
        assert (Kind.LINE, path) in house.found()
        house.write(lines)


def test_verifying_needs_no_key_of_the_recordings(house: House) -> None:
    """Whoever proves the vault need not be able to listen."""
    master_key(house.vault.root).unlink()
    assert house.found() == set()


def test_roots_prove_the_manifest_to_somebody_else(house: House) -> None:
    """With the public key alone, by the documented bytes."""
    public = house.roots.public()
    assert public is not None
    root = house.roots.read("20261122")
    assert root.signed_bytes() == (
        f"callcenter recordings root 1\n20261122\n3\n{line_hash(house.lines()[2])}\n".encode()
    )
    assert public.public_bytes_raw() != Ed25519PrivateKey.generate().public_key().public_bytes_raw()
