"""What the guards look at: the files of the working tree that belong to the repository."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes: str, under: tuple[str, ...] = ()) -> list[pathlib.Path]:
    """Tracked files and new ones that .gitignore does not name; relative to ROOT, sorted."""
    argv = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *under]
    listing = subprocess.run(argv, check=True, capture_output=True).stdout.decode()
    paths = {pathlib.Path(name) for name in listing.split("\0") if name}
    return sorted(path for path in paths if (not suffixes or path.suffix in suffixes) and (ROOT / path).is_file())


def scripts(interpreter: str) -> list[pathlib.Path]:
    """Files without a suffix whose first line names the interpreter ("bash", "python3")."""
    found = []
    for path in files(""):
        with open(ROOT / path, "rb") as stream:
            first = stream.readline(200)
        if first.startswith(b"#!") and interpreter.encode() in first:
            found.append(path)
    return found


def text(path: pathlib.Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")
