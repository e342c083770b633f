/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table of which one page is in the document at a time, however many rows there are: sorted by any
 * column, filtered from outside, with further facts below a row.
 *
 *   name     what the rows are, for the words about them: ["host", "hosts"]
 *   rows     of any kind; a column has
 *     title    of its head
 *     cell     row -> text or element
 *     sort     row -> number, text or null (last either way); none: the column does not sort
 *     kind     "number", "code" or "wide": how it is set
 *   more     row -> element below the row, or none
 *   size     rows a page
 */
const PAGE_SIZES = [25, 50, 100, 500];
const PRINTED_ROWS = 1000;
const tables = [];

function compare_keys(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}

class Table {
	constructor({ id, name, columns, rows, more = null, size = 25, label }) {
		Object.assign(this, { id, name, columns, rows, more, size });
		this.page = 0;
		this.match = null;
		this.sorted = { column: -1, down: false };
		this.order = Uint32Array.from(rows, (_, index) => index);
		this.shown = this.order;
		this.open = new Set();
		this.keys = [];
		this.body = make("tbody");
		this.status = make("p", { class: "status", role: "status" });
		this.element = make("div", { class: "table", id },
			make("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" },
				make("table", {}, make("caption", { class: "hidden" }, label), this.make_head(), this.body)),
			this.make_foot());
		tables.push(this);
		this.show();
	}

	make_head() {
		this.heads = this.columns.map((column, index) => {
			const word = column.sort
				? make("button", { type: "button", on: { click: () => this.sort(index) } },
					column.title, make("span", { class: "order", "aria-hidden": "true" }))
				: column.title;
			return make("th", { scope: "col", class: column.kind }, word);
		});
		return make("thead", {}, make("tr", {}, this.heads));
	}

	make_foot() {
		const turn = (words, to) => make("button", { type: "button", on: { click: () => this.turn(to()) } }, words);
		this.first = turn("First", () => 0);
		this.previous = turn("Previous", () => this.page - 1);
		this.next = turn("Next", () => this.page + 1);
		this.last = turn("Last", () => this.pages() - 1);
		this.sizes = make("select", { on: { change: () => this.resize(Number(this.sizes.value)) } },
			PAGE_SIZES.map((size) => make("option", { value: size, selected: size === this.size }, String(size))));
		this.turning = make("div", { class: "turning", role: "group", "aria-label": `Pages of ${this.name[1]}` },
			this.first, this.previous, this.next, this.last,
			make("label", {}, "Rows a page ", this.sizes));
		return make("div", { class: "foot" }, this.status, this.turning);
	}

	pages() {
		return Math.max(1, Math.ceil(this.shown.length / this.size));
	}

	turn(page) {
		this.page = Math.min(Math.max(page, 0), this.pages() - 1);
		this.show();
	}

	resize(size) {
		this.page = Math.floor(this.page * this.size / size);
		this.size = size;
		this.turn(this.page);
	}

	/* The other way round when the column is sorted by already. */
	sort(index, down) {
		const again = this.sorted.column === index;
		this.sorted = { column: index, down: down ?? (again && !this.sorted.down) };
		this.keys[index] ??= this.rows.map(this.columns[index].sort);
		const keys = this.keys[index], way = this.sorted.down ? -1 : 1;
		this.order = this.order.slice().sort((a, b) => {
			if (keys[a] === null || keys[b] === null)
				return (keys[a] === null) - (keys[b] === null) || a - b;
			return way * compare_keys(keys[a], keys[b]) || a - b;
		});
		this.heads.forEach((head, at) => {
			if (at === index)
				head.setAttribute("aria-sort", this.sorted.down ? "descending" : "ascending");
			else
				head.removeAttribute("aria-sort");
		});
		this.filter(this.match);
	}

	/* match: row -> shown or not; null: all are. */
	filter(match) {
		this.match = match;
		this.shown = match ? this.order.filter((index) => match(this.rows[index])) : this.order;
		this.page = 0;
		this.show();
	}

	make_row(index) {
		const row = this.rows[index];
		const cells = this.columns.map((column, at) => {
			const value = column.cell(row);
			return make(at === 0 ? "th" : "td",
				{ scope: at === 0 ? "row" : null, class: column.kind, "data-title": column.title },
				at === 0 && this.more ? this.make_opener(index, value) : value);
		});
		return make("tr", {}, cells);
	}

	make_opener(index, value) {
		return make("button", {
			type: "button",
			class: "opener",
			"aria-expanded": String(this.open.has(index)),
			on: { click: (event) => this.toggle(index, event.currentTarget) },
		}, sign("more"), make("span", {}, value));
	}

	make_more(index) {
		return make("tr", { class: "more" },
			make("td", { colspan: String(this.columns.length) }, this.more(this.rows[index])));
	}

	toggle(index, opener) {
		const row = opener.closest("tr"), open = !this.open.delete(index);
		if (open) {
			this.open.add(index);
			row.after(this.make_more(index));
		} else {
			row.nextElementSibling.remove();
		}
		opener.setAttribute("aria-expanded", String(open));
	}

	show(size = this.size) {
		const from = this.page * size, to = Math.min(from + size, this.shown.length);
		const all = this.rows.length, shown = this.shown.length;
		const rows = document.createDocumentFragment();
		for (const index of this.shown.subarray(from, to)) {
			rows.append(this.make_row(index));
			if (this.open.has(index))
				rows.append(this.make_more(index));
		}
		if (shown === 0)
			rows.append(make("tr", {}, make("td", { class: "none", colspan: String(this.columns.length) },
				all ? `None of the ${number(all)} ${this.name[1]} is like that.` : `No ${this.name[1]}.`)));
		this.body.replaceChildren(rows);
		const range = shown > to - from ? `${number(from + 1)}–${number(to)} of ` : "";
		this.status.textContent = shown < all
			? `${range}${number(shown)} that match, of ${count(all, ...this.name)}`
			: `${range}${count(all, ...this.name)}`;
		this.turning.hidden = all <= PAGE_SIZES[0];
		this.first.disabled = this.previous.disabled = this.page === 0;
		this.next.disabled = this.last.disabled = to >= shown;
	}

	/* On paper nobody turns pages. */
	print() {
		const page = this.page;
		this.page = 0;
		this.show(PRINTED_ROWS);
		this.page = page;
	}
}

window.addEventListener("beforeprint", () => tables.forEach((table) => table.print()));
window.addEventListener("afterprint", () => tables.forEach((table) => table.show()));
