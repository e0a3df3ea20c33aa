"""Figures: how they are written to var/bench and how the table shows them."""

import dataclasses
import json
import pathlib


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    better: str  # "higher" or "lower"
    floor: float | None = None  # What the machine itself needs for the same, measured in the same run.
    ratio: float | None = None
    bar: str = ""  # What the figure has to reach; only shown.
    met: bool | None = None

    def entry(self) -> dict:
        """The figure as var/bench/*.json has it."""
        return {key: getattr(self, key) for key in ("name", "value", "unit", "floor", "ratio", "better")}


def write(path: pathlib.Path, figures: list[Figure]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([figure.entry() for figure in figures], indent=1) + "\n")


def read(path: pathlib.Path) -> list[Figure]:
    return [Figure(**{key: entry.get(key) for key in ("name", "value", "unit", "better", "floor", "ratio")})
            for entry in json.loads(path.read_text())]


def read_judged(path: pathlib.Path) -> list[Figure]:
    """Figures whose program wrote bar and verdict beside each."""
    figures = read(path)
    for figure, entry in zip(figures, json.loads(path.read_text())):
        figure.bar, figure.met = entry["bar"], entry["met"]
    return figures


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}" if abs(value) < 10 else f"{value:,.1f}"


def table(figures: list[Figure]) -> str:
    verdicts = {None: "", True: "met", False: "MISSED"}
    rows = [("figure", "value", "unit", "floor", "ratio", "bar", "")]
    for figure in figures:
        numbers = _number(figure.value), figure.unit, _number(figure.floor), _number(figure.ratio)
        rows.append((figure.name, *numbers, figure.bar, verdicts[figure.met]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = {1, 3, 4}
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if column in right else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)
