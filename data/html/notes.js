/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hosts need, and the lists of what else was seen. A list that is empty is not there. */
const NEEDS_SHOWN = 10;

/* The first of them, and a button for the others. */
function shorten(items, shown, name, make_one) {
	const elements = items.slice(0, shown).map(make_one);
	if (items.length > shown) {
		const button = make("button", {
			type: "button", class: "others",
			on: {
				click: () => {
					const others = items.slice(shown).map(make_one);
					button.replaceWith(...others);
					(others[0].querySelector("summary, button, a") ?? others[0]).focus();
				},
			},
		}, `Show ${count(items.length - shown, `more ${name}`)}`);
		elements.push(button);
	}
	return elements;
}

function make_need(need, index, all, on_choice) {
	return make("article", { class: "need", tabindex: "-1" },
		make("h3", {}, make("code", {}, need.id), make("span", { class: "aside" }, count(need.hosts, "host"))),
		bar([["part", need.hosts], ["rest", Math.max(all - need.hosts, 0)]]),
		make("p", {}, `What must hold: ${need.protects}.`),
		make("p", { class: "seen" }, need.message),
		list(need.fix).length
			? make("pre", { tabindex: "0", "aria-label": `Commands that cure ${need.id}` }, make("code", {}, need.fix.join("\n")))
			: make("p", {}, `Remedy: ${need.remedy}.`),
		make("p", { class: "names" }, need.names ?? "", " ",
			make("a", { href: "#hosts", on: { click: () => on_choice(index) } }, "See them in the table")));
}

function show_needs(audit, on_choice) {
	const needs = list(audit.needs), hosts = audit.summary?.not_ready ?? 0;
	if (!needs.length)
		return;
	part("needs", "Needs", "What hosts need", `${count(hosts, "host")} ${hosts === 1 ? "is" : "are"} not ready. `
		+ "They are grouped by what cures them; a host can need several things.",
		make("div", { class: "needs" }, shorten(needs.map((need, index) => [need, index]), NEEDS_SHOWN, "need",
			([need, index]) => make_need(need, index, hosts, on_choice))));
}

function show_cards(audit) {
	const psids = list(audit.psids);
	if (!psids.length)
		return;
	const most = Math.max(1, ...psids.flatMap((psid) => list(psid.firmware).map((firmware) => firmware.pfs)));
	const rows = psids.flatMap((psid) => list(psid.firmware).map((firmware) => ({ psid: psid.psid, ...firmware })));
	part("cards", "Cards", "Cards and firmware", psids.some((psid) => psid.several)
		? "No firmware makes islands of two PSIDs one." : null,
	new Table({
		id: "card-table", name: ["version", "versions"], rows, label: "Firmware by PSID",
		columns: [
			{ title: "PSID", cell: (row) => row.psid ?? "not known", sort: (row) => natural(row.psid), kind: "code" },
			{ title: "Firmware", cell: (row) => row.version ?? "not known", sort: (row) => natural(row.version), kind: "code" },
			{ title: "Hosts", cell: (row) => number(row.hosts), sort: (row) => row.hosts, kind: "number" },
			{ title: "PFs", cell: (row) => number(row.pfs), sort: (row) => row.pfs, kind: "number" },
			{ title: "", cell: (row) => bar([["part", row.pfs], ["rest", most - row.pfs]]), kind: "bars" },
		],
	}).element);
}

/* key of the document, short title, title, what it means, what an entry is called */
const NOTES = [
	["pending", "Restarts", "Restarts that are waited for", "What is stored takes effect with the next start.", ["restart", "restarts"]],
	["mixed", "Mixed firmware", "Mixed firmware within a host", "Cards of one PSID in one host run different firmware.", ["host", "hosts"]],
	["unplaced", "In no island", "In no island", "What decides about the island of these cards is not known.", ["card", "cards"]],
	["clashes", "Shared UUIDs", "Hosts that libvirt takes for one", "They have the same UUID.", ["UUID", "UUIDs"]],
	["faults", "Not counted", "Not counted", "These documents could not be read as facts of a host, or are older than another of the same host.", ["document", "documents"]],
];
const SHOWN_ELSEWHERE = new Set(["islands", "needs", "psids", "hosts"]);
const COLUMNS = {
	host: "Host", object: "What", id: "Rule", message: "Message", words: "PFs", pf: "PF", uuid: "UUID", names: "Hosts",
	source: "Document", hint: "What to do",
};
const CODES = new Set(["object", "id", "pf", "uuid", "source"]);
const WIDE = new Set(["message", "words", "names", "hint"]);

/* A list of any entries that hold words and numbers: a column a member. */
function make_note_table(id, title, name, rows) {
	const keys = unique(rows.flatMap((row) => Object.keys(row).filter((key) => typeof row[key] !== "object" || row[key] === null)));
	return new Table({
		id: `${id}-table`, name, rows, label: title,
		columns: keys.map((key) => ({
			title: COLUMNS[key] ?? key.replaceAll("_", " "),
			cell: (row) => typeof row[key] === "number" ? number(row[key]) : row[key] ?? "–",
			sort: (row) => typeof row[key] === "number" ? row[key] : natural(row[key]),
			kind: CODES.has(key) ? "code" : WIDE.has(key) ? "wide" : rows.every((row) => typeof row[key] === "number") ? "number" : null,
		})),
	}).element;
}

/* What a newer document has and this page does not know is shown as it is. */
function unknown_lists(audit) {
	const known = new Set([...SHOWN_ELSEWHERE, ...NOTES.map(([key]) => key)]);
	return Object.keys(audit)
		.filter((key) => !known.has(key) && list(audit[key]).length && audit[key].every((entry) => entry && typeof entry === "object"))
		.map((key) => {
			const title = key.charAt(0).toUpperCase() + key.slice(1).replaceAll("_", " ");
			return [key, title, title, null, ["entry", "entries"]];
		});
}

function show_notes(audit) {
	for (const [key, short, title, words, name] of [...NOTES.slice(0, -1), ...unknown_lists(audit), NOTES.at(-1)]) {
		const rows = list(audit[key]);
		if (rows.length)
			part(key, short, title, words, make_note_table(key, title, name, rows));
	}
}
