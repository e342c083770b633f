# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page that vfaudit --html writes, as a text: what it is made of, that nothing gets out of its
documents, and how the file comes to be. What a browser makes of it is in test_html_drawn.py."""

import base64
import hashlib
import html.parser
import json
import os
import re
import stat

import pytest

from pages import HOSTILE, fleet, host, printable, write

VOID = {"meta", "br", "input", "img", "link", "hr", "circle", "path", "use"}


class Page(html.parser.HTMLParser):
    """Elements with their attributes, and the text of those that hold a script or a style."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements = []
        self.open = []
        self.feed(text)
        self.close()
        assert self.open == [], "elements that do not end"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.elements[-1][2].append(data)

    def all(self, tag):
        return [(attributes, "".join(text)) for name, attributes, text in self.elements if name == tag]

    def document(self, kind):
        return json.loads("".join(text for attributes, text in self.all("script") if attributes.get("class") == kind))

    def policy(self):
        (content,) = [a["content"] for a, _ in self.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
        return {words.split()[0]: words.split()[1:] for words in content.split(";")}

    def skeleton(self):
        return [(tag, sorted(attributes)) for tag, attributes, _ in self.elements]


@pytest.fixture
def hosts(tmp_path):
    return write(tmp_path / "hosts.jsonl", fleet(60))


def page_of(vfaudit, tmp_path, *arguments, code=0):
    file = tmp_path / "page.html"
    ran = vfaudit(*arguments, "--html", str(file))
    assert ran.returncode == code, ran.stderr
    return Page(file.read_text(encoding="utf-8"))


def test_page_holds_both_documents(vfaudit, tmp_path, hosts):
    page = page_of(vfaudit, tmp_path, hosts)
    assert page.document("audit") == json.loads(vfaudit("--json", hosts).stdout)
    assert page.document("plan") == json.loads(vfaudit("plan", "--json", hosts).stdout)
    assert len(page.document("audit")["hosts"]) == 60
    assert page.document("plan")["verdict"] == "planned"


def test_page_is_besides(vfaudit, tmp_path, hosts):
    """What is printed is the same with it."""
    file = str(tmp_path / "page.html")
    for words in ([], ["--json"], ["--csv"], ["plan"], ["plan", "--json"]):
        assert vfaudit(*words, hosts, "--html", file).stdout == vfaudit(*words, hosts).stdout


def test_page_of_a_plan_as_asked(vfaudit, tmp_path, hosts):
    plan = page_of(vfaudit, tmp_path, "plan", "--target", "28.42.1000", hosts).document("plan")
    assert {entry["target"] for entry in plan["sets"]} == {"28.42.1000"}
    page = page_of(vfaudit, tmp_path, "plan", "--target", "28.30.1000", hosts, code=3)
    assert page.document("plan")["verdict"] == "refused"
    # The islands are those that are, not those that the plan makes.
    assert page.document("audit") == json.loads(vfaudit("--json", hosts).stdout)


def test_policy_allows_the_page_itself_alone(vfaudit, tmp_path, hosts):
    page = page_of(vfaudit, tmp_path, hosts)
    policy = page.policy()

    def digest(text):
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    (style,) = [text for _, text in page.all("style")]
    (script,) = [text for attributes, text in page.all("script") if "type" not in attributes]
    assert policy == {
        "default-src": ["'none'"], "script-src": [digest(script)], "style-src": [digest(style)], "base-uri": ["'none'"],
        "form-action": ["'none'"], "require-trusted-types-for": ["'script'"], "trusted-types": ["'none'"],
    }
    # It stands before all that it is about.
    tags = [tag for tag, *_ in page.elements]
    assert tags[:4] == ["html", "head", "meta", "meta"]


def test_nothing_from_elsewhere(vfaudit, tmp_path, hosts):
    page = page_of(vfaudit, tmp_path, hosts)
    for tag, attributes, _ in page.elements:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base", "audio", "video", "form"), tag
        for name, value in attributes.items():
            assert name not in ("src", "style", "action", "srcset", "data"), (tag, name)
            assert not name.startswith("on"), (tag, name)
            assert name != "href" or value.startswith("#"), (tag, value)
    own = re.sub(r'<script type="application/json".*', "", page.text)
    assert not re.search(r"[a-z]+://|url\(|@import|@font-face|\bimport\b|innerHTML|outerHTML|insertAdjacent|document\.write"
                         r"|\beval\b|new Function|fetch\(|XMLHttp|WebSocket|localStorage", own)


def test_no_text_gets_out_of_its_document(vfaudit, tmp_path, hosts):
    sane = page_of(vfaudit, tmp_path, hosts)
    evil = [host(name, number) for number, name in enumerate(HOSTILE)]
    for number, (facts, name) in enumerate(zip(evil, HOSTILE)):
        facts["pfs"][0]["firmware_running"] = ["28.43.1014", name][number % 2]
        facts["pfs"][0]["psid"] = {"unknown": name} if number % 3 == 2 else facts["pfs"][0]["psid"]
        facts["host"]["uuid"] = name
    page = page_of(vfaudit, tmp_path, write(tmp_path / "evil.jsonl", evil))
    assert page.skeleton() == sane.skeleton()
    assert {entry["name"] for entry in page.document("audit")["hosts"]} == {printable(name) for name in HOSTILE}
    (line,) = [line for line in page.text.split("\n") if 'class="audit"' in line]
    data = line.removeprefix('<script type="application/json" class="audit">').removesuffix("</script>")
    assert not re.search("[<>&\u2028\u2029]", data)


def test_documents_that_are_not_counted_are_in_it(vfaudit, tmp_path):
    file = tmp_path / "some.jsonl"
    write(file, fleet(5))
    with open(file, "a", encoding="utf-8") as lines:
        lines.write("{cut\n")
    page = page_of(vfaudit, tmp_path, str(file), code=4)
    assert [fault["source"] for fault in page.document("audit")["faults"]] == [f"{file}:6"]


def test_file_is_replaced_in_one_go(vfaudit, tmp_path, hosts):
    """Who has the old one open keeps it whole; nothing is left beside it."""
    file = tmp_path / "page.html"
    file.write_text("old")
    with open(file, encoding="utf-8") as old:
        page_of(vfaudit, tmp_path, hosts)
        assert old.read() == "old"
        assert os.fstat(old.fileno()).st_ino != file.stat().st_ino
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hosts.jsonl", "page.html"]


def test_file_that_cannot_be_written(vfaudit, tmp_path, hosts):
    link, pipe = tmp_path / "link.html", tmp_path / "pipe.html"
    link.symlink_to("hosts.jsonl")
    os.mkfifo(pipe)
    before = (tmp_path / "hosts.jsonl").read_text()
    for words in ([], ["plan"]):
        for path in (link, pipe, tmp_path / "no-such" / "page.html", tmp_path):
            ran = vfaudit(*words, hosts, "--html", str(path))
            assert (ran.returncode, ran.stdout) == (1, ""), path
            assert str(path) in ran.stderr
    assert (tmp_path / "hosts.jsonl").read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hosts.jsonl", "link.html", "pipe.html"]


# arguments, words on stderr
WRONG = [
    (["--html"], "--html needs a value"),
    (["--html=", "."], "--html: empty value"),
    (["plan", "--html"], "--html needs a value"),
    (["--html", "x.html"], "name files of facts"),
    (["diff", "--html", "x.html", "a", "b"], "--html"),
    (["pair", "--html", "x.html", "a", "b"], "--html"),
    (["--html", "x", "--prometheus", "x", "."], "--prometheus and --html name one file"),
]


@pytest.mark.parametrize("arguments,words", WRONG, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_wrong(vfaudit, tmp_path, arguments, words):
    ran = vfaudit(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
    assert list(tmp_path.iterdir()) == []
