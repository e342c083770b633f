/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Elements from values, and values as words. All that comes from a document enters the page as text:
 * nothing here, or anywhere in these scripts, is given to the parser of HTML.
 */
"use strict";

/* Controls, and characters that reorder a line: by them a name can look like another (base/text.c). */
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function printable(value) {
	return String(value ?? "").replace(unprintable, " ");
}

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (name === "on") {
			for (const [event, listener] of Object.entries(value))
				element.addEventListener(event, listener);
		} else if (value !== null && value !== undefined && value !== false) {
			element.setAttribute(name, value === true ? "" : printable(value));
		}
	}
	for (const child of children.flat()) {
		if (child !== null && child !== undefined && child !== "")
			element.append(child instanceof Node ? child : printable(child));
	}
	return element;
}

function make(tag, attributes = {}, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

const drawing = document.querySelector("svg").namespaceURI;

function draw(tag, attributes = {}, ...children) {
	return fill(document.createElementNS(drawing, tag), attributes, children);
}

function sign(name) {
	return draw("svg", { class: `sign ${name}`, "aria-hidden": "true", focusable: "false" },
		draw("use", { href: `#sign-${name}` }));
}

const grouped = new Intl.NumberFormat("en");

function number(value) {
	return Number.isFinite(value) ? grouped.format(value) : "–";
}

function count(value, one, many = `${one}s`) {
	return `${number(value)} ${value === 1 ? one : many}`;
}

function share(part, whole) {
	if (!whole)
		return "";
	const percent = 100 * part / whole;
	/* neither "0 %" of some nor "100 %" of not quite all */
	if (percent > 0 && percent < 1)
		return "under 1 %";
	return percent > 99 && percent < 100 ? "over 99 %" : `${Math.round(percent)} %`;
}

/* "2026-01-31T12:00:00Z" as "2026-01-31 12:00"; others as they are. */
function minute(time) {
	const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?Z$/.exec(time ?? "");
	return parts ? `${parts[1]} ${parts[2]}` : time ?? "";
}

/* By which texts with numbers in them sort as people sort them: h2 before h10. */
function natural(text) {
	return text === null || text === undefined || text === "" ? null
		: String(text).toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0"));
}

function unique(values) {
	return [...new Set(values)];
}

function list(value) {
	return Array.isArray(value) ? value : [];
}

/* A word with its sign: never a colour alone. */
function badge(ready, words) {
	const name = ready ? "ready" : "not-ready";
	return make("span", { class: `badge ${name}` }, sign(name), words ?? (ready ? "ready" : "not ready"));
}

/* Part of a whole as a bar; the words beside it say the same. */
function bar(parts) {
	const element = make("span", { class: "bar", "aria-hidden": "true" });
	for (const [name, part] of parts) {
		const piece = make("span", { class: name });
		piece.style.flexGrow = String(part);
		if (part > 0)
			element.append(piece);
	}
	return element;
}

/* Parts of the page, in their order; the list of contents is made of their short titles. */
const parts = [];

function part(id, short, title, words, ...children) {
	const heading = make("h2", { id: `${id}-title` }, title);
	const element = make("section", { id, "aria-labelledby": `${id}-title`, tabindex: "-1" }, heading,
		words ? make("p", { class: "lead" }, words) : null, ...children);
	parts.push({ id, short });
	document.getElementById("main").append(element);
	return element;
}
