/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One island as a drawing: land in shallow water, a mark a host (or ten, or a hundred), those that are
 * not ready outermost. A mark differs from the others by its form as well as by its colour.
 */
const TURN = Math.PI * (3 - Math.sqrt(5)); /* as seeds lie in a sunflower: no two in a line */
const STEP = 5.2;
const MARK = { ready: 3.1, "not-ready": 3.9 };
const SHORE = 7;
const SHALLOWS = 6;
const MARKS_OF_ONE = 280;
const MARKS_OF_ALL = 2600;
const MARKS_MAGNIFIED = 60; /* where the largest has fewer, all are drawn larger … */
const LARGEST = 2;          /* … up to so much */

/* Hosts a mark, so that the drawing stays one: 1, 2, 5, 10, 20 … */
function hosts_a_mark(islands) {
	const sizes = islands.map((island) => island.hosts);
	const largest = Math.max(1, ...sizes), all = sizes.reduce((sum, size) => sum + size, 0);
	const least = Math.max(largest / MARKS_OF_ONE, all / MARKS_OF_ALL);
	for (let power = 1; ; power *= 10) {
		for (const step of [1, 2, 5]) {
			if (step * power >= least)
				return step * power;
		}
	}
}

function magnify(islands, scale) {
	const most = Math.max(1, ...islands.map((island) => marks(island.hosts, scale)));
	return Math.min(LARGEST, Math.max(1, Math.sqrt(MARKS_MAGNIFIED / most)));
}

/* How islands that are to be compared are drawn. */
function choose_scale(islands) {
	const hosts = hosts_a_mark(islands);
	return { hosts, size: magnify(islands, hosts) };
}

/* None that is there goes without a mark. */
function marks(hosts, scale) {
	return hosts ? Math.max(1, Math.round(hosts / scale)) : 0;
}

function mark_path(name, x, y) {
	const r = MARK[name], at = `${x.toFixed(1)} ${y.toFixed(1)}`;
	return name === "ready"
		? `M${at}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
		: `M${at}m0 ${-r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`;
}

/* Where marks are: around their middle, which few of them would miss. */
function spots(count) {
	const found = [];
	for (let index = 0; index < count; index++) {
		const far = STEP * Math.sqrt(index + 0.5);
		found.push([far * Math.cos(index * TURN), far * Math.sin(index * TURN)]);
	}
	const middle = [0, 1].map((axis) => found.reduce((sum, spot) => sum + spot[axis], 0) / Math.max(count, 1));
	return found.map((spot) => [spot[0] - middle[0], spot[1] - middle[1]]);
}

function draw_island(island, scale) {
	const ready = marks(island.ready, scale.hosts), all = ready + marks(island.hosts - island.ready, scale.hosts);
	const land = STEP * Math.sqrt(Math.max(all, 1)) + SHORE, half = Math.ceil(land + SHALLOWS + 1);
	const paths = { ready: "", "not-ready": "" };
	spots(all).forEach(([x, y], index) => {
		const name = index < ready ? "ready" : "not-ready";
		paths[name] += mark_path(name, x, y);
	});
	return draw("svg", {
		class: `island${island.complete === false ? " incomplete" : ""}${island.adrift ? " adrift" : ""}`,
		viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`,
		width: Math.round(2 * half * scale.size), height: Math.round(2 * half * scale.size),
		"aria-hidden": "true", focusable: "false",
	},
		draw("circle", { class: "shallows", r: land + SHALLOWS }),
		draw("circle", { class: "land", r: land }),
		paths.ready && draw("path", { class: "mark ready", d: paths.ready }),
		paths["not-ready"] && draw("path", { class: "mark not-ready", d: paths["not-ready"] }));
}

function make_legend(scale) {
	const words = scale.hosts === 1 ? "a host that is" : `about ${number(scale.hosts)} hosts that are`;
	return make("p", { class: "legend" },
		make("span", {}, sign("ready"), `${words} ready`), make("span", {}, sign("not-ready"), `${words} not ready`));
}
