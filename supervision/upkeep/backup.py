"""Write a backup: one file with the database and a manifest, verified before it gets its name."""

import os
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.engine import URL, make_url

from supervision.upkeep import postgres_copy, sqlite_copy
from supervision.upkeep.manifest import FORMAT, MANIFEST, MEMBERS, Manifest, Refused, Table, differing, hash_file, read

ENDING = ".backup"
PART = ".rundan-part-"
LOCK = ".rundan-backup.lock"
TOP = Path(__file__).resolve().parents[2]


def back_up(url: str, folder: Path, now: datetime, *, keep: int | None = None, name: str = "rundan") -> Path:
    """Write a backup of the database at `url` into a folder and return its file, which only the owner can read.

    It has its name only when it is whole: whoever is killed leaves a part, which the next backup removes. With `keep`,
    older backups of the same name are deleted but for so many. Raises `Refused`.
    """
    parts = make_url(url)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{name}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    with _alone(folder):
        if target.exists():
            raise Refused(f"{target} is there already. A backup is never overwritten.")
        work = Path(tempfile.mkdtemp(prefix=PART, dir=folder))
        try:
            part = work / target.name
            _write(parts, part, now)
            verify(part)
            _settle(part)
            part.rename(target)
            _settle(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if keep is not None:
            prune(folder, keep, name)
    return target


def prune(folder: Path, keep: int, name: str = "rundan") -> list[Path]:
    """Delete all but the newest `keep` backups of a folder, and return those deleted."""
    found = sorted(folder.glob(f"{name}-????????T??????Z{ENDING}"), reverse=True)
    for old in found[max(keep, 1) :]:
        old.unlink()
    return found[max(keep, 1) :]


def manifest_of(path: Path) -> Manifest:
    """Return what a backup says of itself; raises `Refused`."""
    try:
        with zipfile.ZipFile(path) as opened:
            return read(opened.read(MANIFEST))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Refused(f"{path} is no backup of Rundan, or it is damaged.") from error


def unpack(path: Path, target: Path) -> Manifest:
    """Take the database out of a backup into a new file and check it against the manifest; raises `Refused`."""
    manifest = manifest_of(path)
    try:
        with zipfile.ZipFile(path) as opened, opened.open(manifest.file) as inside, _new_file(target) as outside:
            shutil.copyfileobj(inside, outside)
    except (OSError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise Refused(f"{path} is damaged: {error}.") from error
    if target.stat().st_size != manifest.bytes or hash_file(target) != manifest.sha256:
        raise Refused(f"{path} is damaged: the database in it is not the one its manifest tells of.")
    return manifest


def verify(path: Path) -> Manifest:
    """Read a backup as a restore would, without restoring; raises `Refused`."""
    with tempfile.TemporaryDirectory(prefix=PART, dir=path.parent) as work:
        inside = Path(work) / "database"
        manifest = unpack(path, inside)
        if manifest.database == "sqlite":
            sqlite_copy.check(inside)
            wrong = differing(manifest.tables, sqlite_copy.tables(inside))
            if wrong:
                raise Refused(f"{path} is damaged: the rows of {', '.join(wrong)} are not those its manifest tells of.")
        else:
            postgres_copy.list_dump(inside)
    return manifest


def _write(url: URL, part: Path, now: datetime) -> None:
    kind = url.get_backend_name()
    if kind not in MEMBERS:
        raise Refused(f"There is no backup for {kind}.")
    copy = part.with_name(MEMBERS[kind])
    with _new_file(copy):
        pass
    tables, revision = _copy(url, kind, copy)
    manifest = Manifest(
        format=FORMAT,
        made_at=now.astimezone(UTC).isoformat(),
        version=version(),
        revision=revision,
        database=kind,
        file=MEMBERS[kind],
        bytes=copy.stat().st_size,
        sha256=hash_file(copy),
        tables=tables,
    )
    with _new_file(part) as file, zipfile.ZipFile(file, "w") as packed:
        packed.writestr(MANIFEST, manifest.to_json())
        packed.write(copy, manifest.file, zipfile.ZIP_DEFLATED if kind == "sqlite" else zipfile.ZIP_STORED)
    copy.unlink()


def _copy(url: URL, kind: str, copy: Path) -> tuple[dict[str, Table], str]:
    if kind == "sqlite":
        sqlite_copy.copy(url, copy)
        return sqlite_copy.tables(copy), sqlite_copy.revision(copy)
    return postgres_copy.dump(url, copy)


def version() -> str:
    """Return the release that runs."""
    return str(tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"])


def _new_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _settle(path: Path) -> None:
    """Wait until the disk has a file, or a folder's names."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one backup at a time write into a folder, and remove what one that was killed has left."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name != "nt":
            import fcntl  # noqa: PLC0415 - not on Windows

            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refused(f"Another backup is being written into {folder}.") from error
        for left in folder.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(descriptor)
