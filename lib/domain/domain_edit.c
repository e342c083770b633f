/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replaces values in a document's text; see domain_edit.h. */
#include "domain/domain_edit.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"

/* ---- which bytes are an element's ---- */

/* Where the markup at 'at' ends: a comment, an instruction, CDATA, or a tag. */
static size_t markup_end(const struct vfm_domain_edits *edits, size_t at)
{
	static const struct {
		const char *begin, *end;
	} kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
	const char *data = edits->xml + at;
	size_t left = edits->size - at, end;
	char quote = '\0';

	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].begin);
		const char *found;

		if (left < length || memcmp(data, kinds[i].begin, length) != 0)
			continue;
		found = memmem(data + length, left - length, kinds[i].end, strlen(kinds[i].end));
		return found ? at + (size_t)(found - data) + strlen(kinds[i].end) : edits->size;
	}
	for (end = 0; end < left && (quote || data[end] != '>'); end++) {
		if (quote && data[end] == quote)
			quote = '\0';
		else if (!quote && (data[end] == '"' || data[end] == '\''))
			quote = data[end];
	}
	return end < left ? at + end + 1 : edits->size;
}

/* The element behind 'node' in the order of start tags; NULL: it was the last one. */
static xmlNode *next_element(xmlNode *node)
{
	do {
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
		} else {
			while (node && !node->next)
				node = node->parent;
			node = node ? node->next : NULL;
		}
	} while (node && node->type != XML_ELEMENT_NODE);
	return node;
}

/* An element's number is kept with it, from 1 on: it has none where the scanner did not meet it. */
static struct vfm_domain_tag *tag_of(const struct vfm_domain_edits *edits, const xmlNode *element)
{
	uintptr_t number = (uintptr_t)element->_private;

	return number ? &edits->tags[number - 1] : NULL;
}

static int add_tag(struct vfm_domain_edits *edits, xmlNode *element, size_t at, size_t end)
{
	struct vfm_domain_tag tag = {.start = {edits->xml + at, end - at}};

	if (VFM_APPEND(edits->tags, edits->tag_count, tag) < 0)
		return -ENOMEM;
	element->_private = (void *)(uintptr_t)edits->tag_count;
	return 0;
}

/* Goes through text and tree at once. -EINVAL: the scanner sees other elements than libxml2. */
static int find_tags(struct vfm_domain_edits *edits)
{
	xmlNode *next = xmlDocGetRootElement(edits->document), *open = NULL;

	for (size_t at = 0, end; at + 1 < edits->size; at = end) {
		const char *begin = memchr(edits->xml + at, '<', edits->size - at - 1);

		if (!begin)
			break;
		at = (size_t)(begin - edits->xml);
		end = markup_end(edits, at);
		if (begin[1] == '/') {
			if (!open || !tag_of(edits, open))
				return -EINVAL;
			tag_of(edits, open)->content_end = at;
			open = open->parent->type == XML_ELEMENT_NODE ? open->parent : NULL;
		} else if (begin[1] != '!' && begin[1] != '?') {
			int r = next ? add_tag(edits, next, at, end) : -EINVAL;

			if (r < 0)
				return r;
			if (edits->xml[end - 2] != '/')
				open = next;
			next = next_element(next);
		}
	}
	return next || open ? -EINVAL : 0;
}

int vfm_domain_edits_begin(const char *xml, size_t size, const char *name, const char *root,
			   struct vfm_domain_edits *ret_edits, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_domain_edits_done)
	struct vfm_domain_edits edits = {.xml = xml, .name = name, .size = size};
	int r = vfm_xml_parse(xml, size, name, root, &edits.document, err);

	if (r < 0)
		return r;
	/* The scanner reads bytes: it must see what libxml2 has seen. */
	if (edits.document->encoding &&
	    strcasecmp((const char *)edits.document->encoding, "UTF-8") != 0)
		return vfm_error_set(err, -ENOTSUP, name, NULL, "is not in UTF-8");
	r = find_tags(&edits);
	if (r == -ENOMEM)
		return vfm_error_no_memory(err, name);
	if (r < 0)
		return vfm_error_set(err, r, name, NULL, "has tags that cannot be told apart");
	*ret_edits = edits;
	edits = (struct vfm_domain_edits){.xml = NULL};
	return 0;
}

void vfm_domain_edits_done(struct vfm_domain_edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		free(edits->items[i].text);
	free(edits->items);
	free(edits->tags);
	if (edits->document)
		xmlFreeDoc(edits->document);
	*edits = (struct vfm_domain_edits){.xml = NULL};
}

/* ---- edits ---- */

static size_t skip(struct vfm_span tag, size_t at, const char *set, bool in)
{
	while (at < tag.size && (tag.data[at] && strchr(set, tag.data[at]) != NULL) == in)
		at++;
	return at;
}

/* The value of an attribute of a start tag: the bytes between its quotes. */
static bool find_value(struct vfm_span tag, const char *name, struct vfm_span *ret_value)
{
	static const char blanks[] = " \t\r\n", name_ends[] = " \t\r\n=/>";
	size_t at = skip(tag, 1, name_ends, false);

	for (;;) {
		size_t begin = skip(tag, at, blanks, true);
		size_t end = skip(tag, begin, name_ends, false);
		size_t quote = skip(tag, end, " \t\r\n=", true);
		const char *close;

		if (end == begin || quote >= tag.size)
			return false;
		close = memchr(tag.data + quote + 1, tag.data[quote], tag.size - quote - 1);
		if (!close)
			return false;
		if (vfm_span_is((struct vfm_span){tag.data + begin, end - begin}, name)) {
			ret_value->data = tag.data + quote + 1;
			ret_value->size = (size_t)(close - ret_value->data);
			return true;
		}
		at = (size_t)(close - tag.data) + 1;
	}
}

/* As libvirt writes a value. */
static void put_escaped(struct vfm_buffer *out, const char *value)
{
	static const struct {
		char byte;
		const char *text;
	} rows[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"},
	};

	for (; *value; value++) {
		size_t i = 0;

		while (i < VFM_ARRAY_SIZE(rows) && rows[i].byte != *value)
			i++;
		if (i < VFM_ARRAY_SIZE(rows))
			vfm_buffer_puts(out, rows[i].text);
		else
			vfm_buffer_append(out, value, 1);
	}
}

/* Takes over the text. */
static int add_edit(struct vfm_domain_edits *edits, size_t at, size_t size, struct vfm_buffer *text)
{
	struct vfm_domain_edit edit = {at, size, edits->count, vfm_buffer_steal(text)};

	if (!edit.text)
		return -ENOMEM;
	if (VFM_APPEND(edits->items, edits->count, edit) < 0) {
		free(edit.text);
		return -ENOMEM;
	}
	return 0;
}

int vfm_domain_edit_attribute(struct vfm_domain_edits *edits, const xmlNode *element,
			      const char *name, const char *value)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	struct vfm_span tag = tag_of(edits, element)->start, old;

	if (find_value(tag, name, &old)) {
		put_escaped(&text, value);
		return add_edit(edits, (size_t)(old.data - edits->xml), old.size, &text);
	}
	vfm_buffer_printf(&text, " %s='", name);
	put_escaped(&text, value);
	vfm_buffer_puts(&text, "'");
	return add_edit(edits, (size_t)(tag.data - edits->xml) + skip(tag, 1, " \t\r\n/>", false),
			0, &text);
}

int vfm_domain_edit_content(struct vfm_domain_edits *edits, const xmlNode *element,
			    const char *value)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	const struct vfm_domain_tag *tag = tag_of(edits, element);
	size_t begin = (size_t)(tag->start.data - edits->xml) + tag->start.size;

	if (tag->content_end == 0)
		return -ENOENT;
	put_escaped(&text, value);
	return add_edit(edits, begin, tag->content_end - begin, &text);
}

static int by_place(const void *a, const void *b)
{
	const struct vfm_domain_edit *first = a, *second = b;

	if (first->at != second->at)
		return (first->at > second->at) - (first->at < second->at);
	return (first->order > second->order) - (first->order < second->order);
}

char *vfm_domain_edits_apply(struct vfm_domain_edits *edits)
{
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
	size_t at = 0;

	if (edits->count > 0)
		qsort(edits->items, edits->count, sizeof(*edits->items), by_place);
	for (size_t i = 0; i < edits->count; i++) {
		const struct vfm_domain_edit *edit = &edits->items[i];

		vfm_buffer_append(&out, edits->xml + at, edit->at - at);
		vfm_buffer_puts(&out, edit->text);
		at = edit->at + edit->size;
	}
	vfm_buffer_append(&out, edits->xml + at, edits->size - at);
	return vfm_buffer_steal(&out);
}
