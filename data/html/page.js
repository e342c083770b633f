/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page of a fleet from its documents; see page.html. */
/* A large one is in several elements (lib/report/audit_page.c). */
function read_document(kind) {
	const pieces = [...document.querySelectorAll(`script[type="application/json"].${kind}`)];
	return JSON.parse(pieces.map((piece) => piece.textContent).join(""));
}

function make_figure(value, words, aside, href, parts = null) {
	return make("li", {}, make("a", { href }, make("span", { class: "value" }, value), make("span", { class: "what" }, words),
		parts ? bar(parts) : null, aside ? make("span", { class: "aside" }, aside) : null));
}

function show_figures(audit, plan) {
	const sum = audit.summary ?? {}, figures = [];
	const not_ready = sum.not_ready ?? 0;
	figures.push(make_figure(number(sum.hosts), sum.hosts === 1 ? "host" : "hosts",
		`${number(sum.ready)} ready, ${number(not_ready)} not`, "#hosts", [["good", sum.ready], ["bad", not_ready]]));
	figures.push(make_figure(number(list(audit.islands).length), list(audit.islands).length === 1 ? "island" : "islands",
		`of ${count(sum.psids, "PSID")}`, "#islands"));
	figures.push(make_figure(number(sum.pfs), sum.pfs === 1 ? "PF" : "PFs", [
		sum.unplaced ? `${number(sum.unplaced)} in no island` : "all in islands",
		sum.other_pfs ? `${number(sum.other_pfs)} of other models` : null,
	].filter(Boolean).join(", "), sum.unplaced ? "#unplaced" : "#cards"));
	if (plan)
		figures.push(make_figure(number(plan.pairs_before), plan.pairs_before === 1 ? "pair can exchange VMs" : "pairs can exchange VMs",
			plan.pairs_after === plan.pairs_before ? "no change of firmware adds one" : `${number(plan.pairs_after)} after the plan`, "#plan",
			[["good", plan.pairs_before], ["gain", plan.pairs_after - plan.pairs_before],
				["rest", Math.max(sum.hosts * (sum.hosts - 1) / 2 - plan.pairs_after, 0)]]));
	const others = [
		[sum.pending, "wait for a restart", "waits for a restart", "#pending"],
		[sum.mixed, "have mixed firmware", "has mixed firmware", "#mixed"],
		[list(audit.clashes).length, "UUIDs are shared", "UUID is shared", "#clashes"],
		[sum.faults, "documents not counted", "document not counted", "#faults"],
	].filter(([value]) => value).map(([value, many, one, href]) =>
		make("li", {}, make("a", { href }, make("b", {}, number(value)), ` ${value === 1 ? one : many}`)));
	document.querySelector("header.top").append(make("ul", { class: "figures" }, figures),
		others.length ? make("ul", { class: "others" }, others) : "");
}

function about(audit) {
	const times = list(audit.hosts).map((host) => host.time).filter(Boolean);
	let oldest = times[0], newest = times[0];
	for (const time of times) {
		oldest = time < oldest ? time : oldest;
		newest = time > newest ? time : newest;
	}
	const read = !oldest ? "" : minute(oldest) === minute(newest) ? `Facts read ${minute(oldest)} UTC.`
		: `Facts read from ${minute(oldest)} to ${minute(newest)} UTC.`;
	return `Judged by the profile ${audit.profile}. ${read}`;
}

function show_contents() {
	document.getElementById("contents").append(make("ul", {}, parts.map(({ id, short }) =>
		make("li", {}, make("a", { href: `#${id}` }, short)))));
}

function show_page() {
	const audit = read_document("audit"), plan = read_document("plan");
	const message = audit.message ?? "A fleet";
	document.getElementById("message").textContent = printable(message.charAt(0).toUpperCase() + message.slice(1));
	document.getElementById("about").textContent = printable(about(audit));
	document.title = `vfaudit: ${count(audit.summary?.hosts, "host")}, ${count(list(audit.islands).length, "island")}`;
	let hosts = null;
	const islands = new Islands(audit, (island) => hosts.only({ island: island?.number ?? (island ? "none" : "") }));
	if (plan)
		show_plan(audit, plan);
	show_needs(audit, (index) => hosts.only({ need: String(index) }));
	show_cards(audit);
	show_notes(audit);
	hosts = new Hosts(audit, (island) => islands.follow(island));
	show_figures(audit, plan);
	show_contents();
	document.getElementById("foot").append("Made by vfaudit. This file needs no other; it holds the documents of ",
		make("code", {}, "vfaudit --json"), plan ? " and " : "", plan ? make("code", {}, "vfaudit plan --json") : "", " too.");
}

try {
	show_page();
} catch (error) {
	/* A copy that was cut, most likely. */
	document.getElementById("message").textContent = "This page is broken";
	document.getElementById("main").prepend(make("p", { class: "notice", role: "alert" },
		`What it is made of cannot be read: ${error.message}. Make it again with vfaudit --html.`));
	throw error;
}
