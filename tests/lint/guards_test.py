"""The guards find what they are for: each is shown a fault in a repository made for it."""

import pathlib
import subprocess

import guards
import pytest
import repository


@pytest.fixture(name="put")
def _put(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setattr(repository, "ROOT", tmp_path)

    def put(path: str, text: str) -> None:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return put


def test_a_codec_that_includes_a_client_is_found(put):
    put("libs/redis/client.h", "// x\n")
    put("libs/wbxml/a.cc", '#include "libs/redis/client.h"\n')
    assert list(guards.include_direction()) == [
        "libs/wbxml/a.cc:1: libs/wbxml includes libs/redis, which lies above it"
    ]


def test_a_service_that_includes_another_is_found(put):
    put("services/tree/core/a.h", "// x\n")
    put("services/session/wiring.cc", '\n#include "services/tree/core/a.h"\n')
    assert "services/session/wiring.cc:2" in next(guards.include_direction())


def test_an_include_that_does_not_start_at_the_root_is_found(put):
    put("libs/base/bytes.h", "// x\n")
    put("libs/base/bytes.cc", '#include "bytes.h"\n')
    assert "does not start at the root" in next(guards.include_direction())


def test_a_core_that_asks_the_clock_or_includes_io_is_found(put):
    put("services/tree/core/a.cc", "#include <boost/asio.hpp>\nauto t = std::chrono::steady_clock::now();\n")
    assert len(list(guards.pure_code())) == 2


def test_a_metric_of_another_service_is_found(put):
    put("services/tree/metrics.h", '// x\nBuildCounter()\n .Name("drover_session_things")\n')
    assert len(list(guards.metric_names())) == 2


def test_a_link_that_leads_nowhere_is_found(put):
    put("docs/a.md", "# Title here\n[x](b.md) [y](#title-here) [z](#no)\n```\n[q](c.md)\n```\n")
    assert [finding.split(": ")[1] for finding in guards.docs_links()] == [
        "the link b.md leads nowhere",
        "docs/a.md has no heading #no",
    ]


def test_a_cited_test_that_is_not_there_is_found(put):
    put("libs/a_test.cc", "TEST(Acl, IsRead) {\n}\nTEST_P(ATable, IsRight) {\n}\n")
    put("docs/protocol.md", "| `Acl.IsRead`, `ATable.IsRight` | `Acl.IsGone` |\n| `Quirk/slow` |\n")
    assert [finding.split(": ")[1] for finding in guards.docs_tests()] == [
        "there is no test Acl.IsGone",
        "there is no test Quirk/slow",
    ]


def test_leftovers_are_found(put):
    put("a.cc", "// TO" + "DO\n// /ho" + "me/me/x\n")
    assert len(list(guards.no_leftovers())) == 2


def test_python_that_does_not_compile_or_imports_in_vain_is_found(put):
    put("a.py", "def f(:\n")
    put("b.py", "import os\n")
    assert len(list(guards.python_code())) == 2


def test_what_git_ignores_is_not_looked_at(put):
    put(".gitignore", "/build/\n")
    put("build/a.py", "def f(:\n")
    assert not list(guards.python_code())
    assert pathlib.Path("build/a.py") not in repository.files(".py")
