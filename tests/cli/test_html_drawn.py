# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page of vfaudit --html as a browser draws it: looked at in Chromium without a screen."""

import json
import pathlib
import re

import pytest

import browser
from pages import HOSTILE, fleet, host, write

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not browser.find(), reason="no Chromium: scripts/setup installs it (package chromium)"),
]

WIDE, NARROW = 1280, 390
HOSTS = 130


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser.Browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def make_page(vfaudit, tmp_path_factory):
    """make_page(hosts): a page's file."""

    def make(hosts, code=0):
        folder = tmp_path_factory.mktemp("page")
        ran = vfaudit(write(folder / "hosts.jsonl", hosts), "--html", str(folder / "page.html"))
        assert ran.returncode == code, ran.stderr
        return folder / "page.html"

    return make


@pytest.fixture(scope="module")
def file(make_page):
    return make_page(fleet(HOSTS))


@pytest.fixture
def page(chromium, file):
    """The page of a fleet, opened afresh on a wide screen; sound, and so it has to stay."""
    chromium.screen(WIDE)
    chromium.open(file)
    yield chromium
    assert chromium.complaints == []


def document(file, kind):
    text = pathlib.Path(file).read_text(encoding="utf-8")
    return json.loads("".join(re.findall(f'<script type="application/json" class="{kind}">(.*)</script>', text)))


def with_audit(file, audit, to):
    """The page with another document in it, in pieces as it is written."""
    text = file.read_text(encoding="utf-8")
    data = json.dumps(audit, separators=(",", ":")).replace("<", "\\u003c")
    own = '<script type="application/json" class="audit">'
    pieces = [f"{own}{data[at:at + 500000]}</script>\n" for at in range(0, len(data), 500000)]
    head, rest = text.split(own, 1)
    to.write_text(head + "".join(pieces) + rest.split("</script>\n", 1)[1], encoding="utf-8")
    return to


def rows(page, table="host-table"):
    """Words of the cells of each row that is shown."""
    return page.run(f"""[...document.querySelectorAll('#{table} > .scroll > table > tbody > tr:not(.more)')]
        .map((row) => [...row.children].map((cell) => cell.innerText.trim()))""")


def status(page):
    return page.run("document.querySelector('#host-table .status').innerText")


def click(page, selector, number=0):
    page.run(f"document.querySelectorAll({json.dumps(selector)})[{number}].click()")


def search(page, words):
    page.run("document.getElementById('search').select()")
    page.run("document.getElementById('search').focus()")
    page.type(words)


# ---- what is drawn ------------------------------------------------------------


def test_islands_are_drawn(page, file):
    """Each as many marks as it has hosts, those that are not ready of another form."""
    islands = document(file, "audit")["islands"]
    assert len(islands) > 3
    drawn = page.run("""[...document.querySelectorAll('.isle:not([data-island="none"])')].map((isle) => ({
        number: Number(isle.dataset.island),
        words: isle.innerText,
        marks: [...isle.querySelectorAll('.mark')].map((mark) =>
            [mark.classList[1], mark.getAttribute('d').split('M').length - 1, mark.getBoundingClientRect().width]),
        land: isle.querySelector('.land').getBoundingClientRect().width,
        water: isle.closest('.water').innerText,
    }))""")
    assert sorted(isle["number"] for isle in drawn) == [island["number"] for island in islands]
    by_number = {isle["number"]: isle for isle in drawn}
    for island in islands:
        isle = by_number[island["number"]]
        marks = {name: count for name, count, _ in isle["marks"]}
        assert marks.get("ready", 0) == island["ready"]
        assert marks.get("not-ready", 0) == island["hosts"] - island["ready"]
        assert all(2 < width <= isle["land"] for *_, width in isle["marks"])
        assert island["firmware"] in isle["words"] and island["psid"] in isle["water"]
    # The larger island is larger.
    sizes = [by_number[island["number"]]["land"] for island in islands]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > sizes[-1]


def test_hosts_in_no_island_are_drawn_apart(page, file):
    none = [entry for entry in document(file, "audit")["hosts"] if not any(pf["island"] for pf in entry["pfs"])]
    assert none
    assert f"{len(none)} hosts" in page.run("document.querySelector('[data-island=\"none\"]').innerText")
    click(page, '[data-island="none"]')
    assert sorted(row[0] for row in rows(page)) == sorted(entry["name"] for entry in none)


def test_plan_is_drawn(page, file):
    """Before and after; the islands after are as many as the plan counts."""
    audit, plan = document(file, "audit"), document(file, "plan")
    after = page.run("""islands_after(read_document('audit'), read_document('plan'))
        .map((island) => [island.hosts, island.ready, [...island.from.keys()]])""")
    assert len(after) == plan["islands_after"] < plan["islands_before"]
    assert sorted(number for *_, numbers in after for number in numbers) == [one["number"] for one in audit["islands"]]
    joined = [numbers for *_, numbers in after if len(numbers) > 1]
    drawn = page.run("""[...document.querySelectorAll('.merger')].map((merger) =>
        [merger.querySelectorAll('.before .island').length, merger.querySelectorAll('.after .island').length])""")
    assert sorted(drawn) == sorted([len(numbers), 1] for numbers in joined)
    words = page.run("document.getElementById('plan').innerText")
    assert plan["message"] in words
    for value in (plan["pairs_before"], plan["pairs_after"]):
        assert f"{value:,}" in words
    assert page.run("document.querySelectorAll('.wave').length") == len(plan["waves"])


def test_wave_lists_its_changes(page, file):
    wave = document(file, "plan")["waves"][0]
    click(page, ".wave summary")
    assert page.run("document.querySelector('.wave').open")
    page.run("new Promise((done) => setTimeout(done))")
    shown = rows(page, "wave-1")
    assert [(row[0], row[3], row[4]) for row in shown] == [
        (change["host"], change["from"], change["to"]) for change in wave["changes"]][:25]


def test_needs_show_what_cures(page, file):
    need = document(file, "audit")["needs"][0]
    words = page.run("document.querySelector('.need').innerText")
    assert need["id"] in words and need["message"] in words
    assert all(line in words for line in need["fix"])
    click(page, ".need .names a")
    assert status(page).startswith(f"{need['hosts']} that match")
    assert all(need["id"] in row[6] for row in rows(page))


def test_figures_are_those_of_the_document(page, file):
    summary = document(file, "audit")["summary"]
    words = page.run("document.querySelector('header').innerText")
    assert f"{summary['ready']} ready, {summary['not_ready']} not" in words
    assert page.run("document.title") == f"vfaudit: {HOSTS} hosts, {summary['islands']} islands"
    # Whoever is not ready has a word and a form for it, and not a colour alone.
    states = page.run("[...document.querySelectorAll('#host-table .badge')].map((b) => [b.innerText, b.querySelector('use').getAttribute('href')])")
    assert {tuple(state) for state in states} == {("ready", "#sign-ready"), ("not ready", "#sign-not-ready")}


def test_what_the_page_does_not_know_is_shown(page, file, tmp_path):
    """A list that a later version adds; members that it leaves out."""
    audit = document(file, "audit")
    audit["cpu_groups"] = [{"cpu": "Xeon </script>", "hosts": 3}]
    audit["islands"].append({"number": 99, "device": "vgpu", "hosts": 2, "ready": 1, "keys": [
        {"id": "vgpu-driver", "what": "driver", "value": "570.1"}]})
    for key in ("psids", "clashes", "mixed"):
        del audit[key]
    page.open(with_audit(file, audit, tmp_path / "later.html"))
    assert rows(page, "cpu_groups-table") == [["Xeon </script>", "3"]]
    assert "vGPUs" in page.run("document.querySelector('[data-island=\"99\"]').closest('.water').innerText")
    assert len(rows(page)) == 50


# ---- the table ----------------------------------------------------------------


def test_table_is_turned_page_by_page(page, file):
    names = [entry["name"] for entry in document(file, "audit")["hosts"]]
    seen = []
    for number in range(3):
        seen += [row[0] for row in rows(page)]
        assert page.run("document.querySelector('#host-table .turning button:nth-child(3)').disabled") == (number == 2)
        click(page, "#host-table .turning button", 2)
    assert seen == names
    assert status(page) == f"101–{HOSTS} of {HOSTS} hosts"
    page.run("(() => { const s = document.querySelector('#host-table select'); s.value = '500'; s.dispatchEvent(new Event('change')); })()")
    assert [row[0] for row in rows(page)] == names


def natural(name):
    return int("".join(sign for sign in name if sign.isdigit()))


def test_columns_sort_both_ways(page):
    page.run("(() => { const s = document.querySelector('#host-table select'); s.value = '500'; s.dispatchEvent(new Event('change')); })()")
    heads = page.run("[...document.querySelectorAll('#host-table thead th')].map((th) => th.innerText.trim())")
    assert heads == ["Host", "State", "Island", "PSID", "Firmware", "Free VFs", "Needs"]
    for column, key in enumerate([natural, None, None, str, str, None, None]):
        for way, order in enumerate(("ascending", "descending")):
            click(page, "#host-table thead button", column)
            sorted_by = page.run("[...document.querySelectorAll('#host-table thead th')].map((th) => th.getAttribute('aria-sort'))")
            assert sorted_by == [order if at == column else None for at in range(len(heads))]
            values = [row[column] for row in rows(page) if row[column] not in ("–", "none")]
            if key:
                assert values == sorted(values, key=key, reverse=bool(way))
            else:
                groups = [value for at, value in enumerate(values) if at == 0 or values[at - 1] != value]
                assert len(groups) == len(set(groups)), f"{heads[column]}: equal ones do not stand together"
    assert [row[0] for row in rows(page)] != sorted((row[0] for row in rows(page)), key=natural)


def test_search_finds_by_all_that_is_known(page, file):
    hosts = document(file, "audit")["hosts"]
    for words in ("hv12", "28.42", "del0 28.43", "switchdev", "UUID-7-", "0000:f1", "no such thing"):
        search(page, words)
        found = [entry["name"] for entry in hosts
                 if all(word in json.dumps(entry).lower() for word in words.lower().split())]
        shown = rows(page)
        if not found:
            assert "None of the 130 hosts" in shown[0][0]
        else:
            assert [row[0] for row in shown] == found[:50], words
            assert f"{len(found)} that match, of {HOSTS} hosts" in status(page)
    click(page, ".filters > button")
    assert status(page) == f"1–50 of {HOSTS} hosts"


def test_filters_narrow_together(page, file):
    audit = document(file, "audit")
    island = audit["islands"][0]
    click(page, f'[data-island="{island["number"]}"]')
    assert page.run("document.querySelector('[data-island=\"1\"]').getAttribute('aria-pressed')") == "true"
    words = page.run("document.querySelector('.panel').innerText")
    assert island["capacity"] in words and all(key["value"] in words for key in island["keys"])
    assert f"{island['hosts']} that match" in status(page)
    page.run("(() => { const s = document.getElementById('state'); s.value = 'not-ready'; s.dispatchEvent(new Event('change')); })()")
    both = [entry["name"] for entry in audit["hosts"]
            if entry["verdict"] != "ready" and any(pf["island"] == 1 for pf in entry["pfs"])]
    assert both and [row[0] for row in rows(page)] == both
    click(page, '[data-island="1"]')
    assert page.run("document.querySelector('.panel')") is None


def test_row_opens(page, file):
    entry = document(file, "audit")["hosts"][7]
    assert len(entry["pfs"]) == 2
    click(page, "#host-table .opener", 7)
    words = page.run("document.querySelector('tr.more').innerText")
    for fact in (entry["uuid"], entry["source"], entry["pfs"][1]["bdf"], entry["pfs"][1]["firmware"]):
        assert fact in words
    click(page, "#host-table .opener", 7)
    assert page.run("document.querySelectorAll('tr.more').length") == 0


# ---- by keyboard --------------------------------------------------------------

FOCUSED = """(() => { const a = document.activeElement, s = getComputedStyle(a), b = a.getBoundingClientRect();
    return { tag: a.tagName, words: a.innerText ?? '', outline: s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth),
             id: a.id, seen: b.bottom > 0 && b.top < innerHeight && b.width > 0 }; })()"""


def test_all_of_it_by_keyboard(page):
    """Tab reaches every control once, in the order of the page, and where it is can be seen."""
    controls = page.run("""[...document.querySelectorAll('a[href], button:enabled, input, select, summary, [tabindex="0"]')]
        .filter((one) => one.checkVisibility()).length""")
    seen = []
    for _ in range(controls):
        page.press("Tab")
        focused = page.run(FOCUSED)
        assert focused["tag"] != "BODY" and focused["outline"] >= 2 and focused["seen"], focused
        seen.append(page.run("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert len(set(seen)) == controls
    assert seen == sorted(seen)


def test_keys_do_what_clicks_do(page):
    page.press("Tab")
    assert page.run(FOCUSED)["words"] == "Skip to the hosts"
    page.press("Enter")
    for _ in range(2):
        page.press("Tab")
        if page.run(FOCUSED)["id"] == "search":
            break
    assert page.run(FOCUSED)["id"] == "search"
    page.type("hv1")
    assert rows(page)[0][0] == "hv1.example.com"
    page.run("document.querySelector('#host-table thead button').focus()")
    page.press("Enter")
    page.press(" ")
    names = [row[0] for row in rows(page)]
    assert names == sorted(names, key=natural, reverse=True)
    assert page.run(FOCUSED)["words"] == "Host", "sorting keeps the focus"
    page.run("document.querySelector('#host-table .opener').focus()")
    page.press("Enter")
    assert page.run("document.querySelectorAll('tr.more').length") == 1
    page.run("document.querySelector('.isle').focus()")
    page.press(" ")
    assert page.run("document.querySelector('.isle').getAttribute('aria-pressed')") == "true"


def test_names_for_who_does_not_see(page):
    """Each control has a name, each table and part too."""
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "link", "combobox", "searchbox", "table", "region", "columnheader", "heading", "navigation")
    seen = set()
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in roles:
            continue
        seen.add(role)
        bars = role == "columnheader"  # of bars, which say again what stands beside them
        assert bars or node.get("name", {}).get("value", "").strip(), node
    assert seen == set(roles)


# ---- colours, sizes, paper ----------------------------------------------------

CONTRAST = """(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour === 'none' ? 'transparent' : colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (a, b) => {
        const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
        return (x + 0.05) / (y + 0.05);
    };
    const ground = (element) => {
        const layers = [];
        for (let one = element; one; one = one.parentElement)
            layers.unshift(rgba(getComputedStyle(one).backgroundColor));
        return layers.reduce((below, layer) => over(layer, below), rgba('Canvas'));
    };
    const poor = [];
    let texts = 0;
    const hold = (what, colour, below, least) => {
        const found = ratio(over(colour, below), below);
        if (found < least)
            poor.push(`${what}: ${found.toFixed(2)} < ${least}`);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.hidden, script, style, noscript, .skip'))
            continue;
        const style = getComputedStyle(element), size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
        hold(walker.currentNode.data.trim().slice(0, 40), rgba(style.color), ground(element), large ? 3 : 4.5);
        texts++;
    }
    for (const input of document.querySelectorAll('input, select')) {
        const below = ground(input), style = getComputedStyle(input);
        hold('what is typed', rgba(style.color), below, 4.5);
        hold('edge of a field', rgba(style.borderTopColor), below, 3);
        hold('placeholder', rgba(getComputedStyle(input, '::placeholder').color), below, 4.5);
    }
    let marks = 0;
    for (const isle of document.querySelectorAll('.island')) {
        const land = rgba(getComputedStyle(isle.querySelector('.land')).fill);
        for (const mark of isle.querySelectorAll('.mark')) {
            const style = getComputedStyle(mark), below = land[3] ? land : ground(isle);
            hold(mark.classList[1], rgba(style.fill === 'none' ? style.stroke : style.fill), below, 3);
            marks++;
        }
    }
    for (const piece of document.querySelectorAll('.bar .good, .bar .part'))
        hold('bar', rgba(getComputedStyle(piece).backgroundColor), ground(piece.parentElement), 3);
    const link = getComputedStyle(document.querySelector('a')).color;
    return { poor, texts, marks, link, ground: luminance(ground(document.body)) };
})()"""


@pytest.mark.parametrize("width", [WIDE, 800, NARROW])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable_in_light_and_dark(page, tmp_path, scheme, width):
    page.screen(width, scheme=scheme)
    click(page, ".isle")
    click(page, "#host-table .opener", 1)
    seen = page.run(CONTRAST)
    assert seen["poor"] == []
    assert seen["texts"] > 400 and seen["marks"] > 5
    assert seen["ground"] > 0.7 if scheme == "light" else seen["ground"] < 0.05
    assert page.run("document.documentElement.scrollWidth") <= width
    # Nothing is cut off but what can be scrolled to.
    cut = page.run("""[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility()
        && one.getBoundingClientRect().right > innerWidth + 1
        && !one.closest('.scroll, pre, .symbols, .hidden, #contents')).map((one) => one.outerHTML.slice(0, 80))""")
    assert cut == []
    page.picture(tmp_path / f"{scheme}-{width}.png")
    assert (tmp_path / f"{scheme}-{width}.png").stat().st_size > 20000


def test_paper(page, tmp_path):
    """In the colours of light whatever the screen has, all rows on it, no controls."""
    page.screen(WIDE, scheme="dark")
    page.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert len(rows(page)) == 50, "it is as it was"
    page.screen(WIDE, scheme="dark", media="print")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert len(rows(page)) == HOSTS
    seen = page.run(CONTRAST)
    assert seen["poor"] == [] and seen["ground"] > 0.9
    assert page.run("[...document.querySelectorAll('.filters, .turning, #contents')].some((one) => one.checkVisibility())") is False


# ---- what may go wrong --------------------------------------------------------


def test_hostile_texts_are_texts(chromium, make_page):
    evil = [host(name, number) for number, name in enumerate(HOSTILE)]
    for facts, name in zip(evil, HOSTILE):
        facts["pfs"][0].update(psid=name, eswitch_mode="legacy")
    chromium.screen(WIDE)
    chromium.open(make_page(evil))
    click(chromium, ".isle")
    assert chromium.run("document.querySelector('.panel').innerText")
    click(chromium, ".filters > button")
    assert chromium.run("document.querySelector('.panel')") is None, "no island is chosen any more"
    for number in range(len(HOSTILE)):
        click(chromium, "#host-table .opener", number)
    assert chromium.run("window.hit") is None
    assert chromium.complaints == []
    assert chromium.run("document.querySelectorAll('script:not([type])').length") == 1
    assert chromium.run("document.querySelectorAll('img, iframe, [onerror], [onmouseover]').length") == 0
    shown = [row[0] for row in rows(chromium)]
    assert shown[0] == HOSTILE[0] and shown[3] == HOSTILE[3]
    words = chromium.run("document.body.innerText")
    assert not set(words) & set("\u2028\u2029\u202e\u2066")


def test_policy_holds(chromium, file):
    """A hole in the page's scripts would not be one: the browser runs and loads nothing else."""
    chromium.screen(WIDE)
    chromium.open(file)
    assert chromium.run("(() => { try { document.body.innerHTML = '<b>x</b>'; return 'set'; } catch (e) { return e.name; } })()") == "TypeError"
    assert chromium.run("""(() => { const s = document.createElement('script'); try { s.text = 'window.hit = 1'; document.body.append(s); }
        catch (e) { } return window.hit; })()""") is None
    assert chromium.run("fetch('data:,x').then(() => 'loaded', () => 'refused')") == "refused"
    assert chromium.run("""new Promise((done) => { const i = new Image(); i.onload = () => done('loaded'); i.onerror = () => done('refused');
        i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='; })""") == "refused"


def test_page_that_was_cut_says_so(chromium, file, tmp_path):
    text = file.read_text(encoding="utf-8")
    cut = tmp_path / "cut.html"
    cut.write_text(text.replace('"kind":"audit"', '"kind":"audit', 1), encoding="utf-8")
    chromium.screen(WIDE)
    chromium.open(cut)
    assert chromium.run("document.getElementById('message').innerText") == "This page is broken"
    assert "vfaudit --html" in chromium.run("document.querySelector('[role=alert]').innerText")


@pytest.mark.parametrize("count,islands", [(0, 0), (1, 1), (3, 2)])
def test_hardly_any_hosts(chromium, make_page, count, islands):
    chromium.screen(WIDE)
    # An empty file is a document that is not counted.
    chromium.open(make_page(fleet(count), code=0 if count else 4))
    assert chromium.complaints == []
    assert chromium.run("document.querySelectorAll('.isle').length") == islands
    assert chromium.run(CONTRAST)["poor"] == []


def test_100000_hosts(chromium, file, tmp_path):
    """The document grows, and not what the browser lays out. Seconds are printed, and not judged."""
    audit = document(file, "audit")
    some = audit["hosts"]
    audit["hosts"] = [{**some[number % HOSTS], "name": f"hv{number}.example.com"} for number in range(100000)]
    audit["pending"] = [{"host": f"hv{number}", "object": "0000:01:00.0", "id": "x", "message": "y"} for number in range(20000)]
    audit["summary"]["hosts"] = len(audit["hosts"])
    large = with_audit(file, audit, tmp_path / "large.html")
    chromium.screen(WIDE)
    chromium.open(large)
    assert chromium.complaints == []
    assert status(chromium) == "1–50 of 100,000 hosts"
    assert chromium.run("document.getElementsByTagName('*').length") < 5000
    print(f"{large.stat().st_size / 2**20:.0f} MiB, opened in {chromium.run('performance.timing.loadEventEnd - performance.timing.navigationStart')} ms")
    click(chromium, "#host-table thead button")
    click(chromium, "#host-table thead button")
    assert rows(chromium)[0][0] == "hv99999.example.com"
    search(chromium, "hv77777")
    assert [row[0] for row in rows(chromium)] == ["hv77777.example.com"]
