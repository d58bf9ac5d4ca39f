"""The command `form-groups`: groups from a file, without the web and without a database."""

import gzip
import json
import signal
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from click._termui_impl import ProgressBar

from supervision.formation.rules.check import faults
from supervision.formation.rules.files import plan_csv, plan_data, read_csv, read_plan_csv
from supervision.formation.rules.instance import FormedGroup, Id, Instance, Plan
from supervision.formation.rules.reading import BadInstance, read, read_groups
from supervision.formation.solver import Progress, Unplaced, reasons, solve, why_moved
from supervision.formation.solver.keep import CANNOT_COME, GROUP_CLOSED, MADE_ROOM

LENGTH = 1_000  # of the bar
MOST_MOVED = 3  # of a hundred; docs/formation.md: when more have another group than before, the command says so
WHY_MOVED = {GROUP_CLOSED: "whose group could not go on", MADE_ROOM: "so that others get a place"}
BAD_INPUT, UNSOUND = 2, 3  # exit codes; 2 is what click says of wrong options too


@click.command("form-groups")
@click.argument("instance", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Plan: .json, or .csv; else on the screen."
)
@click.option("--time-limit", type=click.FloatRange(min=0.1, max=3600), default=60.0, help="Seconds at most.")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Two runs with one seed give one plan.")
@click.option("--previous", type=click.Path(exists=True, path_type=Path), help="Earlier plan to change least.")
@click.option("--pinned", type=click.Path(exists=True, path_type=Path), help="Plan whose groups stay.")
@click.option("--why/--no-why", default=True, help="Say of those not placed why, and what would place them.")
def form_groups_command(
    instance: Path,
    out: Path | None,
    time_limit: float,
    seed: int,
    previous: Path | None,
    pinned: Path | None,
    *,
    why: bool,
) -> None:
    """Form groups from INSTANCE: a .json or .json.gz file, or a folder with people.csv and supervisors.csv."""
    try:
        problem = _read(instance)
        before = Plan(_groups(previous, problem), 0) if previous else None
        stays = _groups(pinned, problem) if pinned else ()
    except BadInstance as error:
        click.echo(f"form-groups: {error}", err=True)
        sys.exit(BAD_INPUT)
    with _Halt() as halt, click.progressbar(length=LENGTH, label="Forming groups", file=sys.stderr) as bar:
        plan = solve(
            problem,
            seed=seed,
            time_limit_s=time_limit,
            pinned=stays,
            previous=before,
            tell=_teller(bar),
            stop=halt,
        )
    if found := faults(problem, plan):
        click.echo(f"form-groups: the plan breaks a rule: {found[0]}", err=True)
        sys.exit(UNSOUND)
    unplaced = reasons(problem, plan) if why else []
    moved = why_moved(problem, before, plan) if before is not None else {}
    _write(out, problem, plan, unplaced, moved)
    proof = "no plan places more" if plan.is_optimal else f"no plan places more than {plan.bound}"
    click.echo(f"{plan.placed} of {len(problem.people)} people in {len(plan.groups)} groups; {proof}.", err=True)
    if before is not None:
        click.echo(_said_of_moves(problem, before, moved), err=True)


def _said_of_moves(problem: Instance, before: Plan, moved: Mapping[Id, str]) -> str:
    """Return how many have another group than before, and why; who cannot come any more is not among the moved."""
    why = Counter(moved.values())
    own = why.pop(CANNOT_COME, 0)
    others = sum(one in problem.person for one in before.group_of) - own
    percent = 100 * sum(why.values()) / max(1, others)
    said = [f"{len(moved)} of the earlier plan are in another group or in none."]
    if own:
        said.append(f"{own} cannot come to theirs any more.")
    if why:
        reasons_ = ", ".join(f"{count} {WHY_MOVED[code]}" for code, count in sorted(why.items()))
        many = f" That is more than {MOST_MOVED} in 100." if percent > MOST_MOVED else ""
        said.append(f"{sum(why.values())} of the other {others} moved ({percent:.1f} %).{many} Why: {reasons_}.")
    return " ".join(said)


class _Halt:
    """Ctrl-C once asks the search to end with the best plan so far; a second one ends the program."""

    def __init__(self) -> None:
        self.is_asked = False

    def __call__(self) -> bool:
        return self.is_asked

    def __enter__(self) -> "_Halt":
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_exc: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, _number: int, _frame: object) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True


def _teller(bar: ProgressBar[int]) -> Callable[[Progress], None]:
    """Return what moves the bar: by the people placed or the time gone, whichever is further."""

    def tell(progress: Progress) -> None:
        share = max(progress.share, 0.95 * progress.placed / progress.bound if progress.bound else 1.0)
        bar.label = f"{progress.placed} of at most {progress.bound} placed"
        bar.update(max(0, int(share * LENGTH) - bar.pos))

    return tell


def _json(path: Path) -> object:
    try:
        raw = path.read_bytes()
        return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except json.JSONDecodeError as error:
        raise BadInstance(f"{path.name} line {error.lineno} column {error.colno}", error.msg) from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInstance(path.name, f"cannot be read: {error}") from error


def _groups(path: Path, problem: Instance) -> tuple[FormedGroup, ...]:
    """Return the groups of a plan's file, .json or .csv."""
    if path.suffix == ".csv":
        return read_plan_csv(_sheet(path), path.name, problem)
    return read_groups(_json(path))


def _sheet(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInstance(path.name, "is not UTF-8") from error


def _read(path: Path) -> Instance:
    if not path.is_dir():
        return read(_json(path))
    texts = {}
    for name in ("people", "supervisors", "apart", "rooms"):
        file = path / f"{name}.csv"
        if not file.exists() and name in {"people", "supervisors"}:
            raise BadInstance(str(file), "is missing")
        texts[name] = _sheet(file) if file.exists() else ""
    return read_csv(**texts)


def _write(
    out: Path | None, problem: Instance, plan: Plan, unplaced: Sequence[Unplaced], moved: Mapping[Id, str]
) -> None:
    rows = []
    for one in unplaced:
        row: dict[str, object] = {"id": one.id, "reason": one.reason, "count": one.count, "would_help": None}
        if one.would_help is not None:
            row["would_help"] = asdict(one.would_help)
        rows.append(row)
    if out is not None and out.suffix == ".csv":
        out.write_text(plan_csv(problem, plan, rows, moved), "utf-8")
        return
    text = json.dumps(plan_data(problem, plan, rows, moved), ensure_ascii=False, indent=1)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", "utf-8")
