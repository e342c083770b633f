/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part "Hosts": all of them in a table that is searched and filtered. */
function host_islands(host) {
	return unique(list(host.pfs).map((pf) => pf.island).filter((island) => Number.isInteger(island))).sort((a, b) => a - b);
}

function host_values(host, key) {
	return unique(list(host.pfs).map((pf) => pf[key]).filter((value) => value));
}

function host_sum(host, key) {
	return list(host.pfs).reduce((sum, pf) => sum + (pf[key] ?? 0), 0);
}

function is_ready(host) {
	return host.verdict === "ready";
}

/* "28.42.1000", and what is stored where that is another. */
function firmware_cell(host) {
	const pairs = unique(list(host.pfs).filter((pf) => pf.firmware || pf.firmware_stored)
		.map((pf) => JSON.stringify([pf.firmware, pf.firmware_stored]))).map((pair) => JSON.parse(pair));
	return make("span", { class: "lines" }, pairs.map(([runs, stored]) => make("span", {}, runs ?? "not known",
		stored && stored !== runs ? make("span", { class: "aside" }, ` ${stored} stored`) : null)));
}

const PF_FACTS = [
	["PF", (pf) => pf.bdf], ["Model", (pf) => pf.model], ["PSID", (pf) => pf.psid], ["Runs", (pf) => pf.firmware],
	["Stored", (pf) => pf.firmware_stored], ["Island", (pf) => pf.island], ["State", (pf) => badge(pf.ready)],
	["Free VFs", (pf) => `${number(pf.free)} of ${number(pf.vfs)}`],
];

function host_more(host) {
	const facts = [["UUID", host.uuid], ["Document", host.source], ["Facts read", minute(host.time)]];
	return make("div", { class: "facts" },
		make("dl", {}, facts.filter(([, value]) => value)
			.map(([what, value]) => make("div", {}, make("dt", {}, what), make("dd", {}, value)))),
		list(host.pfs).length ? make("table", {},
			make("thead", {}, make("tr", {}, PF_FACTS.map(([title]) => make("th", { scope: "col" }, title)))),
			make("tbody", {}, host.pfs.map((pf) => make("tr", {}, PF_FACTS.map(([title, value]) =>
				make("td", { "data-title": title }, value(pf) ?? "–")))))) : make("p", {}, "No physical function."));
}

const HOST_COLUMNS = [
	{ title: "Host", cell: (host) => host.name, sort: (host) => natural(host.name) },
	{ title: "State", cell: (host) => badge(is_ready(host)), sort: (host) => (is_ready(host) ? 1 : 0) },
	{ title: "Island", cell: (host) => host_islands(host).join(", ") || "none", sort: (host) => natural(host_islands(host).join(", ")), kind: "short" },
	{ title: "PSID", cell: (host) => host_values(host, "psid").join(", ") || "–", sort: (host) => natural(host_values(host, "psid").join()), kind: "code" },
	{ title: "Firmware", cell: firmware_cell, sort: (host) => natural(host_values(host, "firmware").join()), kind: "code" },
	{ title: "Free VFs", cell: (host) => `${number(host_sum(host, "free"))} of ${number(host_sum(host, "vfs"))}`, sort: (host) => host_sum(host, "free") + host_sum(host, "vfs") / 1e6, kind: "number" },
	{ title: "Needs", cell: (host) => list(host.refusals).join(", ") || "–", sort: (host) => natural(list(host.refusals).join()), kind: "code" },
];

class Hosts {
	/* on_island: called with the island that is filtered by: "", its number, or "none" */
	constructor(audit, on_island) {
		this.audit = audit;
		this.on_island = on_island;
		this.texts = null;
		this.table = new Table({
			id: "host-table", name: ["host", "hosts"], rows: list(audit.hosts), columns: HOST_COLUMNS, more: host_more,
			size: 50, label: "Hosts",
		});
		part("hosts", "Hosts", "Hosts", null, this.make_filters(), this.table.element);
	}

	make_select(id, title, any, options) {
		const select = make("select", { id, on: { change: () => this.apply() } },
			make("option", { value: "" }, any), options.map(([value, words]) => make("option", { value }, words)));
		return [select, make("div", { class: "field" }, make("label", { for: id }, title), select)];
	}

	make_filters() {
		const { audit } = this, islands = list(audit.islands), needs = list(audit.needs), fields = [];
		this.search = make("input", {
			id: "search", type: "search", autocomplete: "off", spellcheck: "false", placeholder: "name, PSID, firmware, rule …",
			on: { input: () => this.apply() },
		});
		fields.push(make("div", { class: "field search" }, make("label", { for: "search" }, "Search"), this.search));
		const add = (name, ...how) => {
			const [select, field] = this.make_select(...how);
			this[name] = select;
			fields.push(field);
		};
		add("state", "state", "State", "any", [["ready", "ready"], ["not-ready", "not ready"]]);
		add("island", "of-island", "Island", "any", [
			["none", "in none"],
			...islands.map((island) => [island.number, `${island.number}: ${[island.psid, island_title(island)].filter(Boolean).join(" ")}`]),
		]);
		add("need", "of-need", "Need", "any", needs.map((need, index) => [index, `${need.id} (${count(need.hosts, "host")})`]));
		this.clear = make("button", { type: "button", hidden: true, on: { click: () => this.reset() } }, "Clear");
		return make("form", { class: "filters", role: "search", on: { submit: (event) => event.preventDefault() } }, fields, this.clear);
	}

	/* All that a host can be found by, made when somebody looks for the first time. */
	text_of(host) {
		this.texts ??= new Map(list(this.audit.hosts).map((one) => [one, [
			one.name, one.uuid, one.source, ...list(one.refusals),
			...list(one.pfs).flatMap((pf) => [pf.bdf, pf.model, pf.psid, pf.firmware, pf.firmware_stored]),
		].filter(Boolean).join("\n").toLowerCase()]));
		return this.texts.get(host);
	}

	apply() {
		const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
		const state = this.state.value, island = this.island.value, need = list(this.audit.needs)[this.need.value];
		const tests = [];
		if (words.length)
			tests.push((host) => words.every((word) => this.text_of(host).includes(word)));
		if (state)
			tests.push((host) => is_ready(host) === (state === "ready"));
		if (island === "none")
			tests.push((host) => !host_islands(host).length);
		else if (island)
			tests.push((host) => host_islands(host).includes(Number(island)));
		if (this.need.value !== "" && need) {
			const members = new Set(list(need.members));
			tests.push((host) => members.has(host.name) && list(host.refusals).includes(need.id));
		}
		this.clear.hidden = !tests.length;
		this.table.filter(tests.length ? (host) => tests.every((test) => test(host)) : null);
		this.on_island(island);
	}

	reset() {
		this.search.value = this.state.value = this.island.value = this.need.value = "";
		this.apply();
		this.search.focus();
	}

	/* Shows what is named alone. */
	only(values) {
		for (const name of ["search", "state", "island", "need"])
			this[name].value = values[name] ?? "";
		this.apply();
	}
}
