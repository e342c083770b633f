/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part "Plan": islands before and after the changes of firmware, and the waves they come in. */
const MERGERS_DRAWN = 12;
const WAVES_SHOWN = 50;
const FIRMWARE_RULE = "firmware-match";
const VERDICTS = {
	"planned": ["ready", "planned"],
	"nothing-to-do": ["ready", "nothing to change"],
	"no-room": ["not-ready", "not every VM has a place meanwhile"],
	"refused": ["not-ready", "refused"],
};

/* A card is all functions of one device at one slot of the bus. */
function card_of(bdf) {
	return String(bdf ?? "").replace(/\.[0-7]$/, "");
}

/* What decides who is in one island, were this one's firmware that. */
function island_key(island, firmware) {
	return JSON.stringify([island.device, list(island.keys)
		.map((key) => [key.id, key.id === FIRMWARE_RULE ? firmware : key.value])]);
}

/*
 * Islands as they are when all changes are done: the keys of those there are, with the firmware that
 * each card runs then. Each with the islands that its cards are in now.
 */
function islands_after(audit, plan) {
	const changes = new Map(), after = new Map(), keys = new Map();
	const now = new Map(list(audit.islands).map((island) => [island.number, island]));
	const then = (was, firmware) => {
		const short = `${was.number} ${firmware}`;
		if (!keys.has(short))
			keys.set(short, island_key(was, firmware));
		const key = keys.get(short);
		if (!after.has(key))
			after.set(key, { ...was, number: null, firmware, hosts: 0, ready: 0, from: new Map() });
		return after.get(key);
	};
	for (const change of list(plan.waves).flatMap((wave) => list(wave.changes))) {
		if (!changes.has(change.host))
			changes.set(change.host, new Map());
		changes.get(change.host).set(card_of(change.pf), change.to);
	}
	for (const host of list(audit.hosts)) {
		const islands = new Map();
		for (const pf of list(host.pfs).filter((pf) => now.has(pf.island))) {
			const was = now.get(pf.island);
			const island = then(was, changes.get(host.name)?.get(card_of(pf.bdf)) ?? was.firmware);
			island.from.set(was.number, was);
			islands.set(island, islands.get(island) || pf.ready);
		}
		for (const [island, ready] of islands) {
			island.hosts++;
			island.ready += Boolean(ready);
		}
	}
	return [...after.values()].sort((a, b) => b.hosts - a.hosts);
}

function make_change(title, before, after, whole) {
	const line = (words, value) => make("div", { class: "compared" },
		make("span", { class: "when" }, words), make("span", { class: "value" }, number(value)),
		bar([["part", value], ["rest", Math.max(whole - value, 0)]]));
	return make("div", { class: "change" }, make("h3", {}, title), line("now", before), line("after", after));
}

function make_merger(island, told, scale) {
	const side = (one, firmware) => make("figure", { class: "small" }, draw_island(one, scale),
		make("figcaption", {}, one.number ? make("b", {}, `${one.number} `) : null, firmware,
			make("span", { class: "hosts" }, count(one.hosts, "host"))));
	return make("div", { class: "merger" },
		make("h3", {}, make("code", {}, island.psid ?? "PSID not known"),
			told.map((words) => make("span", { class: "aside" }, words))),
		make("div", { class: "sides" },
			make("div", { class: "before", role: "group", "aria-label": "now" },
				[...island.from.values()].sort((a, b) => a.number - b.number).map((one) => side(one, one.firmware ?? "not known"))),
			sign("arrow"),
			make("div", { class: "after", role: "group", "aria-label": "after" }, side(island, island.firmware))));
}

function make_wave(wave) {
	const changes = list(wave.changes);
	const body = make("div", {});
	const details = make("details", {
		class: wave.placeable === false ? "wave no-room" : "wave",
		on: {
			toggle: () => {
				if (details.open && !body.firstChild)
					body.append(make_changes(wave, changes).element);
			},
		},
	},
		make("summary", {}, make("b", {}, `Wave ${wave.number}`), " ", make("span", {}, wave.message ?? ""),
			wave.offline ? make("span", { class: "flag" }, "VMs shut off") : null,
			wave.placeable === false ? make("span", { class: "flag" }, "no room") : null),
		body);
	return details;
}

function make_changes(wave, changes) {
	return new Table({
		id: `wave-${wave.number}`, name: ["card", "cards"], rows: changes, label: `Changes of wave ${wave.number}`,
		columns: [
			{ title: "Host", cell: (change) => change.host, sort: (change) => natural(change.host) },
			{ title: "Card", cell: (change) => change.pf ?? "–", sort: (change) => change.pf, kind: "code" },
			{ title: "PSID", cell: (change) => change.psid, sort: (change) => natural(change.psid), kind: "code" },
			{ title: "Runs", cell: (change) => change.from, sort: (change) => natural(change.from), kind: "code" },
			{ title: "Is to run", cell: (change) => change.to, sort: (change) => natural(change.to), kind: "code" },
		],
	});
}

function show_plan(audit, plan) {
	const [state, words] = VERDICTS[plan.verdict] ?? ["not-ready", plan.verdict];
	const waves = list(plan.waves), section = part("plan", "Plan", "Plan", null,
		make("p", { class: "lead" }, make("span", { class: `badge ${state}` }, sign(state), words), " ", plan.message ?? ""));
	if (!list(plan.sets).length)
		return;
	const hosts = audit.summary?.hosts ?? list(audit.hosts).length;
	section.append(make("div", { class: "changes" },
		make_change("Islands", plan.islands_before, plan.islands_after, plan.islands_before),
		make_change("Pairs of hosts that can exchange VMs", plan.pairs_before, plan.pairs_after, hosts * (hosts - 1) / 2)));
	const mergers = islands_after(audit, plan).filter((island) => island.from.size > 1
		|| [...island.from.values()].some((was) => was.firmware !== island.firmware));
	const scale = choose_scale(mergers.slice(0, MERGERS_DRAWN)), told = new Map();
	for (const psid of unique(mergers.map((island) => island.psid)))
		tell_apart(mergers.filter((island) => island.psid === psid)).forEach((words, island) => told.set(island, words));
	section.append(make_legend(scale), make("div", { class: "mergers" }, mergers.slice(0, MERGERS_DRAWN)
			.map((island) => make_merger(island, told.get(island), scale))));
	if (mergers.length > MERGERS_DRAWN)
		section.append(make("p", { class: "note" }, `Not drawn: ${count(mergers.length - MERGERS_DRAWN, "smaller island")} that come of changes.`));
	section.append(make("h3", {}, "Waves"),
		make("p", {}, "The hosts of a wave can be changed at one time, while the others have room for their VMs."),
		make("div", { class: "waves" }, shorten(waves, WAVES_SHOWN, "wave", make_wave)));
}
