"""The guards: what a compiler does not see and every change must keep. Each yields "file:line: what is wrong".

    tests/lint/run [GUARD]..      without names: all

They are ctest tests (lint.GUARD); scripts/lint runs them too.
"""

import ast
import collections.abc
import pathlib
import re

import repository

Findings = collections.abc.Iterator[str]

CPP = (".h", ".cc")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

# Layers, from the bottom: a file includes its own layer and those below.
CODECS = ["syncml", "wbxml", "dmtree", "dmauth", "notification", "xml", "sms", "wap", "pap", "registration", "gateway", "smpp", "dispatch", "sip"]
CLIENTS = ["async", "redis", "kafka", "postgres", "http"]
LAYER = {"libs/base": 0}
LAYER |= {f"libs/{name}": 1 for name in CODECS}
LAYER |= {f"libs/{name}": 2 for name in CLIENTS}
LAYER |= {"libs/smpp/link": 2, "libs/sip/link": 2, "libs/service": 3}
PROTO_LAYER = 2  # Generated gRPC stubs; generated messages are values and count as models.

# What pure code (codecs, models, core/) never includes: IO, threads, clients.
IMPURE = re.compile(
    r"^(boost/(asio|beast)|asio|grpc|hiredis|librdkafka|libpq|pqxx|prometheus|spdlog|sys/socket|"
    r"netinet|unistd|fcntl|thread|mutex|condition_variable|future|filesystem|fstream)\b"
)
CLOCK_CALL = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\bgettimeofday\(|\btime\(nullptr\)")


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _layer_of(path: str) -> tuple[int, str] | None:
    """(layer, the part that may include itself)."""
    parts = path.split("/")
    part = "/".join(parts[:2])
    if parts[0] == "libs":
        deeper = "/".join(parts[:3])
        part = deeper if deeper in LAYER else part
        return LAYER.get(part, 2), part
    if parts[0] == "drover" and path.endswith(".pb.h"):
        return (PROTO_LAYER, "proto") if path.endswith(".grpc.pb.h") else (1, "proto")
    if parts[0] in ("services", "tools"):
        return 4, part
    if parts[0] == "loadtest":
        return 4, "loadtest"
    return None  # Tests may include everything.


def _is_pure(path: pathlib.Path) -> bool:
    layer = _layer_of(str(path))
    in_core = path.parts[0] == "services" and "core" in path.parts
    return in_core or (layer is not None and layer[0] <= 1 and path.parts[0] == "libs")


def _is_test(path: pathlib.Path) -> bool:
    return path.stem.endswith("_test") or "testing" in path.parts or path.stem.startswith("bench_")


def _include_fault(path: pathlib.Path, quoted: str) -> str:
    includer, included = _layer_of(str(path)), _layer_of(quoted)
    if not (repository.ROOT / quoted).exists() and not quoted.endswith(".pb.h"):
        return f'"{quoted}" does not start at the root of the repository'
    if includer is None or included is None:
        return ""
    if included[0] == 4 and included[1] != includer[1]:
        return f"{includer[1]} includes {included[1]}: they may meet in proto/ and topics only"
    if included[0] > includer[0]:
        return f"{includer[1]} includes {included[1]}, which lies above it"
    if path.parts[0] == "services" and "core" in path.parts and included[0] >= 2 and "/core/" not in quoted:
        if not quoted.endswith("ports.h"):
            return f'core/ is values in, values out: it may not include "{quoted}"'
    return ""


def include_direction() -> Findings:
    """services -> libs/service -> clients -> codecs -> base; includes start at the root."""
    for path in repository.files(*CPP, under=("libs", "services", "tools", "loadtest")):
        source = repository.text(path)
        for match in INCLUDE.finditer(source):
            fault = _include_fault(path, match[1]) if match[1] and not _is_test(path) else ""
            if fault:
                yield f"{path}:{_line(source, match.start())}: {fault}"


def pure_code() -> Findings:
    """core/, codecs and models: no IO, no threads, no clock."""
    for path in repository.files(*CPP, under=("libs", "services")):
        if not _is_pure(path) or _is_test(path):
            continue
        source = repository.text(path)
        for match in INCLUDE.finditer(source):
            if match[2] and IMPURE.match(match[2]):
                yield f"{path}:{_line(source, match.start())}: pure code may not include <{match[2]}>"
        for match in CLOCK_CALL.finditer(source):
            if path.stem != "clock":
                yield f"{path}:{_line(source, match.start())}: pure code is told the time, it does not ask"


def headers() -> Findings:
    """A header opens with what it is for and is included once."""
    for path in repository.files(".h", under=("libs", "services", "tools", "loadtest")):
        source = repository.text(path)
        if not source.startswith("//"):
            yield f"{path}:1: a header opens with a comment that says what it is for"
        if "#pragma once" not in source:
            yield f"{path}:1: no #pragma once"


def metric_names() -> Findings:
    """drover_<service>_<noun>_<unit>: counters end in _total, times are in seconds."""
    for path in repository.files(*CPP, under=("services", "libs")):
        source = repository.text(path)
        for match in re.finditer(r"\b(Build\w+)\(\)\s*\.Name\(\s*\"([^\"]+)\"", source):
            kind, name = match.groups()
            owner = path.parts[1] if path.parts[0] == "services" else ""
            where = f"{path}:{_line(source, match.start())}: metric {name}"
            if not re.fullmatch(r"drover_[a-z0-9_]+", name) or (owner and not name.startswith(f"drover_{owner}_")):
                yield f"{where} has to start with drover_{owner}{'_' if owner else ''}"
            if kind == "BuildCounter" and not name.endswith("_total"):
                yield f"{where} is a counter and has to end in _total"
            if re.search(r"_(ms|millis|milliseconds|us|micros)\b", name):
                yield f"{where}: times are in seconds"


LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _anchors(markdown: str) -> set[str]:
    titles = re.findall(r"^#+\s+(.+?)\s*$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _without_code(markdown: str) -> str:
    blanked = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), markdown, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", blanked)


def docs_links() -> Findings:
    """Every relative link of every page leads to a file, and to a heading of it if it names one."""
    for path in repository.files(".md"):
        markdown = _without_code(repository.text(path))
        for match in LINK.finditer(markdown):
            target, _, anchor = match[1].partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            where = f"{path}:{_line(markdown, match.start())}"
            file = (repository.ROOT / path.parent / target).resolve() if target else repository.ROOT / path
            if not file.exists():
                yield f"{where}: the link {match[1]} leads nowhere"
            elif anchor and file.suffix == ".md" and anchor not in _anchors(file.read_text(encoding="utf-8")):
                yield f"{where}: {target or path} has no heading #{anchor}"


CITED = re.compile(r"`([A-Z]\w+\.[A-Z]\w+|test_\w+|Quirk/[\w-]+)`")
GTEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)


def docs_tests() -> Findings:
    """Every test that docs/protocol.md cites exists; its quirks are the simulated terminal's."""
    page = pathlib.Path("docs/protocol.md")
    if page not in repository.files(".md"):
        return
    known = set()
    for path in repository.files("_test.cc", ".cc"):
        known.update(f"{suite}.{name}" for suite, name in GTEST.findall(repository.text(path)))
    for path in repository.files(".py"):
        known.update(re.findall(r"^def (test_\w+)", repository.text(path), re.MULTILINE))
    for path in repository.files(".cc", under=("loadtest/terminal",)):
        known.update(f"Quirk/{name}" for name in re.findall(r'\{Quirk::k\w+,\s*"([\w-]+)"', repository.text(path)))
    text = repository.text(page)
    for match in CITED.finditer(text):
        if match[1] not in known:
            yield f"{page}:{_line(text, match.start())}: there is no test {match[1]}"


MARKERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(ro" + r"ot|ho" + r"me|wo" + r"rk|Us" + r"ers)/\w")
TEXT = (".h", ".cc", ".py", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".proto", ".sql", ".xml", ".sh", "")


def no_leftovers() -> Findings:
    """No unfinished-work markers, no path of one machine."""
    for path in repository.files(*TEXT):
        if "corpus" in path.parts:
            continue
        for number, line in enumerate(repository.text(path).splitlines(), 1):
            if MARKERS.search(line):
                yield f"{path}:{number}: finish it or leave it out: {line.strip()[:80]}"
            if MACHINE_PATHS.search(line):
                yield f"{path}:{number}: names a path of one machine: {line.strip()[:80]}"


def python_code() -> Findings:
    """Every Python file compiles, imports nothing it does not use, and starts no shell."""
    for path in repository.files(".py") + repository.scripts("python3"):
        source = repository.text(path)
        try:
            tree = ast.parse(source, str(path))
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}"
            continue
        yield from _unused_imports(path, tree, source)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", True):
                yield f"{path}:{node.value.lineno}: shell=True: give the arguments as a list"
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                yield f"{path}:{node.lineno}: say which exception is expected"


def _unused_imports(path: pathlib.Path, tree: ast.Module, source: str) -> Findings:
    if path.name == "__init__.py":
        return
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or getattr(node, "module", "") == "__future__":
            continue
        for alias in node.names:
            name = (alias.asname or alias.name).split(".")[0]
            if name not in used and "noqa" not in source.splitlines()[node.lineno - 1]:
                yield f"{path}:{node.lineno}: {name} is imported and not used"


GUARDS = {
    function.__name__: function
    for function in (
        include_direction,
        pure_code,
        headers,
        metric_names,
        docs_links,
        docs_tests,
        no_leftovers,
        python_code,
    )
}
