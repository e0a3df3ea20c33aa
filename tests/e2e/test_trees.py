"""Trees, descriptions, profiles and authentication of terminals, from the operator's desk."""

import json

import pytest

OK, FAILURE, USAGE, NOT_FOUND = range(4)

TREE = """<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD>
<Node><NodeName>Con</NodeName><Path>.</Path><RTProperties><ACL>Get=*&amp;Replace=drover</ACL><Format><node/></Format>
<Type><DDFName>urn:oma:mo:oma-connmo:1.0</DDFName></Type></RTProperties>
<Node><NodeName>APN</NodeName><RTProperties><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties>
<Value>%s</Value></Node>
<Node><NodeName>Key</NodeName><RTProperties><Format><b64/></Format></RTProperties><Value>AAH/</Value></Node>
</Node></MgmtTree>"""

DDF = """<MgmtTree><VerDTD>1.2</VerDTD><Man>Acme</Man><Mod>Phone 9</Mod><Node><NodeName>Con</NodeName><DFProperties>
<AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties><Node><NodeName>APN</NodeName><DFProperties>
<AccessType><Get/><Replace/></AccessType><DFFormat><chr/></DFFormat></DFProperties></Node></Node></MgmtTree>"""


@pytest.fixture(scope="module", name="terminal")
def _terminal(site):
    """One with two versions of a subtree."""
    terminal = site.terminal("--server-password-file", site.drover.secret("server secret"))
    site.drover.ok("tree", "import", terminal.id, "-", stdin=TREE % "internet")
    site.drover.ok("tree", "import", terminal.id, "-", stdin=TREE % "mms")
    return terminal


def nodes(site, *words: str) -> dict:
    listed = json.loads(site.drover.ok("tree", "get", *words, "-o", "json"))
    return {node["uri"]: node for node in listed}


def test_an_imported_tree_is_shown_with_its_acls(site, terminal):
    found = nodes(site, terminal.id, "./Con")
    assert found["./Con/APN"]["value"] == "mms"
    assert found["./Con/Key"]["value_base64"] == "AAH/"
    assert found["./Con"]["acl"] == "Get=*&Replace=drover"
    assert found["./Con"]["value"] == "APN/Key"
    wide = site.drover.ok("tree", "get", terminal.id, "./Con", "-o", "wide").splitlines()
    assert "ACL" in wide[0] and "Get=*&Replace=drover" in wide[1]


def test_a_nodes_history_is_listed_the_newest_first(site, terminal):
    versions = json.loads(site.drover.ok("tree", "history", terminal.id, "./Con/APN", "-o", "json"))
    assert [version["value"] for version in versions] == ["mms", "internet"]
    assert "until" not in versions[0] and versions[1]["until"] == versions[0]["since"]
    assert site.drover.run("tree", "history", terminal.id, "./Nothing").returncode == NOT_FOUND


def test_the_tree_is_shown_as_it_was(site, terminal):
    versions = json.loads(site.drover.ok("tree", "history", terminal.id, "./Con/APN", "-o", "json"))
    before = versions[1]["since"]
    assert nodes(site, terminal.id, "./Con", "--as-of", before)["./Con/APN"]["value"] == "internet"
    assert nodes(site, terminal.id, "./Con", "--as-of", "1ms")["./Con/APN"]["value"] == "mms"
    assert site.drover.run("tree", "get", terminal.id, "./Con", "--as-of", "1h").returncode == NOT_FOUND
    assert site.drover.run("tree", "get", terminal.id, "--as-of", "yesterday").returncode == USAGE
    too_old = site.drover.run("tree", "get", terminal.id, "--as-of", "365d")
    assert too_old.returncode != OK and "--history-retention" in too_old.stderr


@pytest.mark.parametrize("form", ["tnds-xml", "tnds-wbxml"])
def test_an_exported_tree_is_imported_elsewhere(site, terminal, form, tmp_path):
    file = tmp_path / "tree"
    site.drover.ok("tree", "export", terminal.id, "./Con", "--form", form, "--out", str(file))
    other = site.terminal()
    site.drover.ok("tree", "import", other.id, str(file))
    mine, theirs = nodes(site, terminal.id, "./Con"), nodes(site, other.id, "./Con")
    for node in [*mine.values(), *theirs.values()]:
        node.pop("reported_at")
    assert mine == theirs


def test_an_import_that_is_no_object_is_refused_with_the_place(site, terminal):
    refused = site.drover.run("tree", "import", terminal.id, "-", stdin="<MgmtTree><Node>")
    assert refused.returncode == USAGE and "octet" in refused.stderr


def test_a_ddf_is_imported_listed_exported_and_deleted(site, tmp_path):
    site.drover.ok("ddf", "import", "-", stdin=DDF)
    assert "Phone 9" in site.drover.ok("ddf", "list")
    assert "<NodeName>APN</NodeName>" in site.drover.ok("ddf", "export", "Acme", "Phone 9")
    site.drover.ok("ddf", "import", "-", "--model", "Phone 10", stdin=DDF)
    site.drover.ok("ddf", "delete", "Acme", "Phone 9")
    assert site.drover.run("ddf", "export", "Acme", "Phone 9").returncode == NOT_FOUND
    assert site.drover.ok("ddf", "list", "-o", "name").split("\n")[:-1] == ["Phone 10"]
    site.drover.ok("ddf", "delete", "Acme", "Phone 10")
    wrong = site.drover.run("ddf", "import", "-", stdin=DDF.replace("<chr/>", "<word/>"))
    assert wrong.returncode == USAGE and "Con/APN" in wrong.stderr


def test_a_profile_is_set_shown_listed_and_deleted(site):
    text = "manufacturer: Acme\nmodel: X1\nfamily: windows\ntraits: {atomic: no, max_msg_size: 4096}\n"
    site.drover.ok("profile", "set", "-f", "-", stdin=text)
    shown = site.drover.ok("profile", "get", "Acme", "X1", "-o", "yaml")
    site.drover.ok("profile", "set", "-f", "-", stdin=shown)
    found = json.loads(site.drover.ok("profile", "get", "Acme", "X1", "-o", "json"))
    assert found["traits"] == {"atomic": "NO", "max_msg_size": 4096}
    assert "windows" in site.drover.ok("profile", "list")
    site.drover.ok("profile", "delete", "Acme", "X1")
    assert site.drover.run("profile", "get", "Acme", "X1").returncode == NOT_FOUND
    unknown = site.drover.run("profile", "set", "-f", "-", stdin=text.replace("windows", "palm"))
    assert unknown.returncode == USAGE and "libdmclient" in unknown.stderr


def test_the_known_clients_are_listed(site):
    families = json.loads(site.drover.ok("profile", "families", "-o", "json"))
    assert {family["name"] for family in families} >= {"aosp", "libdmclient", "s60", "nokia", "windows", "samsung"}
    assert "no_add_replace_in_atomic" in site.drover.ok("profile", "families")


def test_schemes_are_set_and_a_terminal_is_challenged_for_the_stronger_one(site, terminal):
    shown = json.loads(
        site.drover.ok("device", "set-auth", terminal.id, "--client", "mac", "--server", "md5", "-o", "json")
    )
    assert (shown["client_scheme"], shown["server_scheme"]) == ("MAC", "MD5")
    assert site.drover.run("device", "set-auth", terminal.id).returncode == USAGE
    basic = site.drover.run("device", "set-auth", terminal.id, "--server", "basic")
    assert basic.returncode != OK and "rotate" in basic.stderr
    site.drover.ok("device", "set-auth", terminal.id, "--client", "md5")


def test_a_prepared_rotation_shows_no_secret_and_is_made_once(site, terminal):
    first = json.loads(site.drover.ok("device", "prepare-rotation", terminal.id, "-o", "json"))
    again = json.loads(site.drover.ok("device", "prepare-rotation", terminal.id, "-o", "json"))
    assert first["account_version"] == again["account_version"]
    assert not any("password" in key for key in first)
    assert terminal.manage()  # The present secret holds.


def test_no_account_is_sealed_with_a_key_that_seals_no_more(site):
    assert site.metric("tree", "drover_tree_accounts_sealed_otherwise") == 0
