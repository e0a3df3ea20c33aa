"""What happens in a run, drawn from its seed: the same seed draws the same harm in the same order."""

import dataclasses
import random

# Of injections on connections: (link, weight); on "terminals" whole messages are known.
LINKS = [
    ("terminals", 860),
    ("redis", 20),
    ("postgres", 25),
    ("kafka", 15),
    ("tree", 15),
    ("operations", 20),
    ("desk", 15),
    ("session-1", 15),
    ("session-2", 15),
]
HTTP_KINDS = [
    ("cut-request-head", 10),
    ("cut-request-body", 14),
    ("cut-between", 14),
    ("cut-answer-head", 10),
    ("cut-answer-body", 14),
    ("lose-answer", 16),
    ("swallow-request", 1),
    ("swallow-answer", 1),
    ("delay-request", 6),
    ("delay-answer", 6),
    ("repeat", 10),
    ("twins", 10),
    ("stale", 10),
]
OCTET_KINDS = [("cut", 60), ("delay", 25), ("hold", 10), ("half-open", 5)]

# Of kills, one process at a time unless several are named.
KILLS = [
    (("session-1",), 14),
    (("session-2",), 14),
    (("operations-1",), 12),
    (("operations-2",), 12),
    (("tree-1",), 8),
    (("tree-2",), 8),
    (("ingress-1",), 8),
    (("ingress-2",), 8),
    (("session-1", "session-2"), 4),
    (("operations-1", "operations-2"), 4),
    (("tree-1", "tree-2"), 3),
    (("ingress-1", "ingress-2"), 3),
    (("session-1", "operations-2"), 4),
    (("session-2", "tree-1", "operations-1"), 3),
    (("redis",), 6),
    (("postgres",), 5),
    (("kafka",), 2),
]


@dataclasses.dataclass(frozen=True)
class Injection:
    link: str
    kind: str
    how: dict


@dataclasses.dataclass(frozen=True)
class Step:
    """what: "kill", or a scenario of scenarios.py."""

    what: str
    units: tuple[str, ...] = ()
    number: int = 0


def _drawn(dice: random.Random, weighted: list) -> object:
    return dice.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


class Injections:
    """An endless row of injections on connections."""

    def __init__(self, seed: int, links: list[str]):
        self._dice = random.Random(f"injections {seed}")
        self._links = [(link, weight) for link, weight in LINKS if link == "terminals" or link in links]

    def next(self) -> Injection:
        link = _drawn(self._dice, self._links)
        kind = _drawn(self._dice, HTTP_KINDS if link == "terminals" else OCTET_KINDS)
        how = {
            "where": round(self._dice.random(), 4),
            "reset": self._dice.random() < 0.5,
            "way": self._dice.choice(["up", "down"]),
            "ms": self._milliseconds(kind),
        }
        return Injection(link, kind, how)

    def _milliseconds(self, kind: str) -> int:
        bounds = {"half-open": (2000, 8000), "hold": (200, 2500), "stale": (50, 4000), "cut-between": (0, 30)}
        return self._dice.randint(*bounds.get(kind, (20, 800)))


def steps(seed: int, kills: int, scenarios: list[str], there: list[str]) -> list[Step]:
    """Kills in a drawn order, the first of every kind before any second; scenarios evenly among them."""
    dice = random.Random(f"steps {seed}")
    possible = [(units, weight) for units, weight in KILLS if set(units) <= set(there)]
    nodes = [name for name in there if name.startswith("redis-")]
    possible += [((node,), 2) for node in nodes]
    order = [units for units, _ in possible]
    dice.shuffle(order)
    planned: list[Step] = []
    count = 0
    while count < kills:
        units = order.pop() if order else _drawn(dice, possible)
        planned.append(Step("kill", units))
        count += len(units)
    dice.shuffle(scenarios)
    for number, scenario in enumerate(scenarios):
        place = (number + 1) * (len(planned) + 1) // (len(scenarios) + 1)
        planned.insert(min(place, len(planned)), Step(scenario, number=number))
    return planned
