/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents of a fleet as a page for a browser. The page is data/html; here its documents are put
 * in, in script elements that no browser runs. The page's script reads them.
 *
 * A large document is in several elements, to be put together again: browsers take what an element
 * holds in as it comes, and for one text of 40 MiB that takes them longer than all else.
 */
#include "report/audit_page.h"

#include <string.h>

#include "base/text.h"
#include "report/fleet.h"

/*
 * What could end the element, or be taken for the end of a line: in JSON all of it stands in
 * strings alone, where it can be written as well like this.
 */
static const struct {
	const char *sign, *written;
} signs[] = {
	{"<", "\\u003c"},
	{">", "\\u003e"},
	{"&", "\\u0026"},
	{"\xe2\x80\xa8", "\\u2028"},
	{"\xe2\x80\xa9", "\\u2029"},
};

enum { PIECE_BYTES = 512 << 10 };

static const char *put_sign(const char *at, struct vfm_buffer *out)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(signs); i++) {
		const char *rest = vfm_text_after(at, signs[i].sign);

		if (rest) {
			vfm_buffer_puts(out, signs[i].written);
			return rest;
		}
	}
	vfm_buffer_append(out, at, 1);
	return at + 1;
}

/* Up to a byte that a sign may begin with. */
static size_t plain_size(const char *at, size_t most)
{
	size_t size = 0;

	while (size < most && at[size] && at[size] != '<' && at[size] != '>' && at[size] != '&' &&
	       at[size] != '\xe2')
		size++;
	return size;
}

/* About PIECE_BYTES further on; no character is halved. */
static const char *end_of_piece(const char *at)
{
	size_t size = strnlen(at, PIECE_BYTES);

	while ((at[size] & 0xc0) == 0x80)
		size++;
	return at + size;
}

static const char *put_piece(const char *at, struct vfm_buffer *out)
{
	const char *end = end_of_piece(at);

	while (at < end) {
		size_t size = plain_size(at, (size_t)(end - at));

		vfm_buffer_append(out, at, size);
		at += size;
		if (at < end)
			at = put_sign(at, out);
	}
	return at;
}

static void put_document(const char *kind, json_object *document, struct vfm_buffer *out)
{
	const char *at = json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	out->failed |= !at;
	while (!out->failed && *at) {
		vfm_buffer_printf(out, "<script type=\"application/json\" class=\"%s\">", kind);
		at = put_piece(at, out);
		vfm_buffer_puts(out, "</script>\n");
	}
}

void vfm_report_audit_page(json_object *audit, json_object *plan, struct vfm_buffer *out)
{
	vfm_buffer_puts(out, vfm_audit_page_head);
	put_document("audit", audit, out);
	put_document("plan", plan, out);
	vfm_buffer_puts(out, vfm_audit_page_tail);
}
