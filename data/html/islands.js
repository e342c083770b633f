/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part "Islands": each drawn in the waters of its PSID; what one has comes below when it is chosen. */
const ISLANDS_DRAWN = 60;
const DEVICES = { vf: "virtual functions", vgpu: "vGPUs", mdev: "vGPUs" };

function device_words(island) {
	return DEVICES[island.device] ?? island.device ?? "devices";
}

function island_value(island, id) {
	return list(island.keys).find((key) => key.id === id)?.value ?? null;
}

/*
 * What tells islands of one group apart beside the firmware: of each key that differs among them the
 * words that not all of them have. By island.
 */
function tell_apart(islands) {
	const told = new Map(islands.map((island) => [island, []]));
	const ids = unique(islands.flatMap((island) => list(island.keys).map((key) => key.id)));
	for (const id of ids.filter((id) => !/^(psid|firmware)-/.test(id))) {
		const values = islands.map((island) => island_value(island, id));
		if (unique(values).length < 2)
			continue;
		const words = values.map((value) => value === null ? null : String(value).split(" "));
		const common = new Set((words.find((of) => of) ?? []).filter((word) => words.every((of) => of?.includes(word))));
		islands.forEach((island, at) => {
			const what = list(island.keys).find((key) => key.id === id)?.what ?? id;
			const own = words[at]?.filter((word) => !common.has(word)) ?? ["not known"];
			told.get(island).push(`${what}: ${own.length ? own.join(" ") : "no more than the others"}`);
		});
	}
	return told;
}

/* What an island is called beside its number: its firmware, or what else it has. */
function island_title(island) {
	return island.firmware ?? (island.psid === undefined ? "" : "firmware not known");
}

class Islands {
	/* chosen: island -> called when one is chosen; null: none is any more */
	constructor(audit, on_choice) {
		this.islands = list(audit.islands);
		this.on_choice = on_choice;
		this.scale = choose_scale(this.islands.slice(0, ISLANDS_DRAWN));
		this.buttons = new Map();
		this.panel = make("div", { class: "panel", id: "island" });
		this.chosen = null;
		this.models = new Map();
		for (const host of list(audit.hosts)) {
			for (const pf of list(host.pfs)) {
				if (pf.psid && pf.model && !this.models.has(pf.psid))
					this.models.set(pf.psid, pf.model);
			}
		}
		const drawn = this.islands.slice(0, ISLANDS_DRAWN), rest = this.islands.slice(ISLANDS_DRAWN);
		const others = list(audit.hosts).filter((host) => !host_islands(host).length);
		this.none = { adrift: true, hosts: others.length, ready: others.filter(is_ready).length };
		const section = part("islands", "Islands", "Islands",
			this.islands.length
				? "Running VMs move within an island, never between two. The size of an island is its hosts."
				: "No host has a card in an island.",
			this.islands.length ? make_legend(this.scale) : null);
		section.append(make("div", { class: "waters" }, this.groups(drawn).map((group) => this.make_group(group)),
			others.length ? this.make_none() : null));
		if (rest.length)
			section.append(make("p", { class: "note" }, `Not drawn: ${count(rest.length, "smaller island")} with at most `,
				`${count(rest[0].hosts, "host")} each. They are in the table.`));
		if (this.islands.length)
			section.append(this.make_list(rest.length > 0));
	}

	/* Islands of one kind of device and one PSID, in the order of the largest. */
	groups(islands) {
		const groups = new Map();
		for (const island of islands) {
			const key = JSON.stringify([island.device, island.psid ?? island.model ?? null]);
			if (!groups.has(key))
				groups.set(key, []);
			groups.get(key).push(island);
		}
		return [...groups.values()];
	}

	make_group(islands) {
		const [first] = islands, told = tell_apart(islands);
		const model = this.models.get(first.psid);
		const title = first.psid ?? first.model ?? (first.device === "vf" ? "PSID not known" : device_words(first));
		return make("section", { class: "water", "aria-label": `Islands of ${title}` },
			make("h3", {}, make("code", {}, title), make("span", { class: "aside" },
				[model, first.device === "vf" ? null : device_words(first), count(islands.length, "island")]
					.filter(Boolean).join(" · "))),
			make("div", { class: "archipelago" },
				islands.map((island) => this.make_button(island, told.get(island)))));
	}

	make_none() {
		return make("section", { class: "water", "aria-label": "Hosts in no island" },
			make("h3", {}, "In no island", make("span", { class: "aside" }, "no card for it, or not known enough of it")),
			make("div", { class: "archipelago" }, this.make_button(this.none, [])));
	}

	make_button(island, told) {
		const button = make("button", {
			type: "button", class: "isle", "aria-pressed": "false", "data-island": island.number ?? "none",
			on: { click: () => this.choose(this.chosen === island ? null : island) },
		},
			draw_island(island, this.scale),
			island.adrift ? null
				: make("span", { class: "firmware" }, make("b", {}, String(island.number)), " ", island_title(island)),
			make("span", { class: "hosts" }, count(island.hosts, "host"),
				island.ready === island.hosts ? ", all ready" : island.ready ? `, ${number(island.ready)} ready` : ", none ready"),
			told.map((words) => make("span", { class: "apart" }, words)));
		this.buttons.set(island, button);
		return button;
	}

	/* What the table's own filter says: "" for any, a number, or "none". */
	follow(value) {
		const island = value === "none" ? this.none : this.islands.find((one) => String(one.number) === value) ?? null;
		if (island !== this.chosen)
			this.show(island);
	}

	choose(island) {
		this.show(island);
		this.on_choice(island);
	}

	show(island) {
		this.buttons.get(this.chosen)?.setAttribute("aria-pressed", "false");
		this.chosen = island;
		const button = this.buttons.get(island);
		button?.setAttribute("aria-pressed", "true");
		if (button && !island.adrift) {
			this.panel.replaceChildren(...this.describe(island));
			this.place(button.closest(".water"));
		} else {
			this.panel.remove();
		}
	}

	/* Below the row of waters that the island is in: nothing that is above moves. */
	place(water) {
		const row = [...water.parentElement.querySelectorAll(":scope > .water")].filter((one) => one.offsetTop === water.offsetTop);
		row.at(-1).after(this.panel);
	}

	describe(island) {
		const facts = [...list(island.keys).map((key) => [key.what, key.value ?? "not known"])];
		return [
			make("h4", {}, `Island ${island.number}`),
			make("p", {}, island.capacity ?? "", island.names ? make("span", { class: "names" }, island.names) : null),
			make("dl", {}, facts.map(([what, value]) => 
				make("div", { class: String(value).length > 30 ? "long" : null }, make("dt", {}, what), make("dd", {}, value)))),
			make("p", {}, make("a", { href: "#hosts" }, `See its ${count(island.hosts, "host")} in the table`)),
		];
	}

	make_list(open) {
		const table = new Table({
			id: "island-table", name: ["island", "islands"], rows: this.islands, label: "Islands",
			columns: [
				{ title: "Island", cell: (island) => String(island.number), sort: (island) => island.number, kind: "number" },
				{ title: "Moves", cell: (island) => device_words(island), sort: (island) => device_words(island) },
				{ title: "PSID", cell: (island) => island.psid ?? "–", sort: (island) => natural(island.psid), kind: "code" },
				{ title: "Firmware", cell: (island) => island.firmware ?? "–", sort: (island) => natural(island.firmware), kind: "code" },
				{ title: "Hosts", cell: (island) => number(island.hosts), sort: (island) => island.hosts, kind: "number" },
				{ title: "Ready", cell: (island) => number(island.ready), sort: (island) => island.ready, kind: "number" },
				{ title: "Free VFs", cell: (island) => number(island.free), sort: (island) => island.free ?? null, kind: "number" },
				{ title: "At once", cell: (island) => number(island.at_once), sort: (island) => island.at_once ?? null, kind: "number" },
				{ title: "What its hosts have in common", cell: (island) => island.keys_words ?? "", kind: "wide" },
			],
		});
		return make("details", { open }, make("summary", {}, "The islands as a table"), table.element);
	}
}
