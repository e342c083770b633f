/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Replaces attributes in a domain's text; see rewrite.h.
 *
 * libxml2 tells which element is meant, by its number among the document's start tags; a small
 * scanner finds that tag in the text, which libxml2 has found to be well-formed.
 */
#include "domain/rewrite.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/span.h"
#include "base/text.h"
#include "domain/xml.h"

enum { VALUE_SIZE = 40, UUID_LENGTH = 36, PART_COUNT = 4 };

/* Replaces 'size' bytes at 'at'. */
struct edit {
	size_t at, size;
	char text[VALUE_SIZE + 16];
};

struct rewriting {
	const char *xml, *name;
	size_t size;
	const xmlDoc *document;
	struct edit *edits;
	size_t count;
	const xmlNode **changed; /* the elements that have had their change */
	size_t changed_count;
};

static void rewriting_done(struct rewriting *rewriting)
{
	free(rewriting->edits);
	free(rewriting->changed);
}

static const struct part {
	const char *name;
	uint64_t max;
	int digits;
} parts[PART_COUNT] = {
	{"domain", UINT32_MAX, 4},
	{"bus", UINT8_MAX, 2},
	{"slot", 31, 2},
	{"function", 7, 1},
};

static int read_bdf(const xmlNode *address, uint64_t ret_values[PART_COUNT])
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		VFM_AUTO_FREE char *text = vfm_xml_attribute(address, parts[i].name);
		int r;

		ret_values[i] = 0;
		if (!text && i == 0)
			continue;
		if (!text)
			return -EINVAL;
		r = vfm_parse_uint(text, vfm_text_after(text, "0x") ? 16 : 10, parts[i].max,
				   &ret_values[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int bdf_values(const char *text, uint64_t ret_values[PART_COUNT])
{
	struct vfm_bdf bdf;
	int r = vfm_parse_bdf(text, &bdf);

	if (r < 0)
		return r;
	ret_values[0] = bdf.domain;
	ret_values[1] = bdf.bus;
	ret_values[2] = bdf.slot;
	ret_values[3] = bdf.function;
	return 0;
}

static bool is_uuid(const char *text)
{
	if (strlen(text) != UUID_LENGTH)
		return false;
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	}
	return true;
}

/* 1: this is the source, 0: it is not, or -EINVAL: it is not readable. */
static int is_source(const xmlNode *address, const struct vfm_domain_change *change)
{
	if (change->kind == VFM_DOMAIN_CHANGE_MDEV) {
		VFM_AUTO_FREE char *uuid = vfm_xml_attribute(address, "uuid");

		if (!uuid || !is_uuid(uuid))
			return -EINVAL;
		return strcasecmp(uuid, change->was) == 0;
	}
	uint64_t have[PART_COUNT], want[PART_COUNT];

	if (read_bdf(address, have) < 0 || bdf_values(change->was, want) < 0)
		return -EINVAL;
	return memcmp(have, want, sizeof(have)) == 0;
}

/* Devices with a source in the host, and where it stands. */
static const struct place {
	enum vfm_domain_change_kind kind;
	const char *element, *inner, *type;
} places[] = {
	{VFM_DOMAIN_CHANGE_PCI, "hostdev", NULL, "pci"},
	{VFM_DOMAIN_CHANGE_PCI, "interface", NULL, "hostdev"},
	{VFM_DOMAIN_CHANGE_PCI, "interface", "actual", "hostdev"},
	{VFM_DOMAIN_CHANGE_MDEV, "hostdev", NULL, "mdev"},
};

static int find_in_place(const struct rewriting *rewriting, const struct place *place,
			 const struct vfm_domain_change *change, const xmlNode **found,
			 struct vfm_error *err)
{
	const xmlNode *devices =
		vfm_xml_child(xmlDocGetRootElement(rewriting->document), "devices");

	for (const xmlNode *device = vfm_xml_child(devices, place->element); device;
	     device = vfm_xml_next(device, place->element)) {
		const xmlNode *holder = place->inner ? vfm_xml_child(device, place->inner) : device;
		VFM_AUTO_FREE char *type = holder ? vfm_xml_attribute(holder, "type") : NULL;
		const xmlNode *address;
		int r;

		if (!type || !vfm_streq(type, place->type))
			continue;
		address = vfm_xml_child(vfm_xml_child(holder, "source"), "address");
		r = address ? is_source(address, change) : -EINVAL;
		if (r < 0)
			return vfm_error_set(err, r, rewriting->name, NULL,
					     "has a <%s> without a readable source at line %ld",
					     place->element, xmlGetLineNo(device));
		if (r && *found)
			return vfm_error_set(err, -EEXIST, rewriting->name, NULL,
					     "has more than one device with %s", change->was);
		if (r)
			*found = address;
	}
	return 0;
}

/* The element's number among the start tags, which stand in document order. */
static bool number_of(const xmlNode *node, const xmlNode *wanted, size_t *number)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (node == wanted)
			return true;
		++*number;
		if (number_of(node->children, wanted, number))
			return true;
	}
	return false;
}

/* Where the markup at 'at' ends: a comment, an instruction, CDATA, or a tag. */
static size_t markup_end(const struct rewriting *rewriting, size_t at)
{
	static const struct {
		const char *begin, *end;
	} kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
	const char *data = rewriting->xml + at;
	size_t left = rewriting->size - at, end;
	char quote = '\0';

	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].begin);
		const char *found;

		if (left < length || memcmp(data, kinds[i].begin, length) != 0)
			continue;
		found = memmem(data + length, left - length, kinds[i].end, strlen(kinds[i].end));
		return found ? at + (size_t)(found - data) + strlen(kinds[i].end) : rewriting->size;
	}
	for (end = 0; end < left && (quote || data[end] != '>'); end++) {
		if (quote && data[end] == quote)
			quote = '\0';
		else if (!quote && (data[end] == '"' || data[end] == '\''))
			quote = data[end];
	}
	return end < left ? at + end + 1 : rewriting->size;
}

/* The bytes of start tag 'number', or an empty span. */
static struct vfm_span start_tag(const struct rewriting *rewriting, size_t number)
{
	for (size_t at = 0; at + 1 < rewriting->size;) {
		size_t end;

		if (rewriting->xml[at] != '<') {
			at++;
			continue;
		}
		end = markup_end(rewriting, at);
		if (!strchr("!?/", rewriting->xml[at + 1]) && number-- == 0)
			return (struct vfm_span){rewriting->xml + at, end - at};
		at = end;
	}
	return (struct vfm_span){rewriting->xml, 0};
}

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

/* Sets an attribute; one that is missing comes behind the element's name. */
static int set_attribute(struct rewriting *rewriting, struct vfm_span tag, const char *name,
			 const char *value)
{
	struct edit edit = {.at = 0};
	struct vfm_span old;

	if (find_value(tag, name, &old)) {
		edit.at = (size_t)(old.data - rewriting->xml);
		edit.size = old.size;
		snprintf(edit.text, sizeof(edit.text), "%s", value);
	} else {
		edit.at = (size_t)(tag.data - rewriting->xml) + skip(tag, 1, " \t\r\n/>", false);
		snprintf(edit.text, sizeof(edit.text), " %s='%s'", name, value);
	}
	return VFM_APPEND(rewriting->edits, rewriting->count, edit);
}

static int set_source(struct rewriting *rewriting, const xmlNode *address, struct vfm_span tag,
		      const struct vfm_domain_change *change)
{
	uint64_t have[PART_COUNT], want[PART_COUNT];
	int r = 0;

	if (change->kind == VFM_DOMAIN_CHANGE_MDEV)
		return set_attribute(rewriting, tag, "uuid", change->now);
	if (read_bdf(address, have) < 0 || bdf_values(change->now, want) < 0)
		return -EINVAL;
	for (size_t i = 0; r == 0 && i < PART_COUNT; i++) {
		char value[VALUE_SIZE];

		if (have[i] == want[i])
			continue;
		snprintf(value, sizeof(value), "0x%0*llx", parts[i].digits,
			 (unsigned long long)want[i]);
		r = set_attribute(rewriting, tag, parts[i].name, value);
	}
	return r;
}

static bool change_is_readable(const struct vfm_domain_change *change)
{
	struct vfm_bdf bdf;

	if (change->kind == VFM_DOMAIN_CHANGE_MDEV)
		return is_uuid(change->was) && is_uuid(change->now);
	return vfm_parse_bdf(change->was, &bdf) == 0 && vfm_parse_bdf(change->now, &bdf) == 0;
}

/* A source is changed once: edits that meet would not be what either change asked for. */
static int mark_changed(struct rewriting *rewriting, const xmlNode *address, const char *was,
			struct vfm_error *err)
{
	for (size_t i = 0; i < rewriting->changed_count; i++)
		if (rewriting->changed[i] == address)
			return vfm_error_set(err, -EINVAL, rewriting->name, NULL,
					     "is to change %s twice", was);
	if (VFM_APPEND(rewriting->changed, rewriting->changed_count, address) < 0)
		return vfm_error_no_memory(err, rewriting->name);
	return 0;
}

static int add_change(struct rewriting *rewriting, const struct vfm_domain_change *change,
		      struct vfm_error *err)
{
	const xmlNode *address = NULL;
	struct vfm_span tag;
	size_t number = 0;
	int r;

	if (!change_is_readable(change))
		return vfm_error_set(err, -EINVAL, rewriting->name, NULL,
				     "cannot change '%s' to '%s': no addresses", change->was,
				     change->now);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(places); i++) {
		if (places[i].kind != change->kind)
			continue;
		r = find_in_place(rewriting, &places[i], change, &address, err);
		if (r < 0)
			return r;
	}
	if (!address)
		return vfm_error_set(err, -ENOENT, rewriting->name, NULL, "has no device with %s",
				     change->was);
	r = mark_changed(rewriting, address, change->was, err);
	if (r < 0)
		return r;
	number_of(xmlDocGetRootElement(rewriting->document), address, &number);
	tag = start_tag(rewriting, number);
	if (tag.size == 0)
		return vfm_error_set(err, -EINVAL, rewriting->name, NULL,
				     "has no <address> to be found at line %ld",
				     xmlGetLineNo(address));
	r = set_source(rewriting, address, tag, change);
	return r < 0 ? vfm_error_set(err, r, rewriting->name, NULL, "cannot be changed at line %ld",
				     xmlGetLineNo(address))
		     : 0;
}

static int by_place(const void *a, const void *b)
{
	const struct edit *first = a, *second = b;

	return (first->at > second->at) - (first->at < second->at);
}

static char *apply(struct rewriting *rewriting)
{
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
	size_t at = 0;

	if (rewriting->count > 0)
		qsort(rewriting->edits, rewriting->count, sizeof(struct edit), by_place);
	for (size_t i = 0; i < rewriting->count; i++) {
		const struct edit *edit = &rewriting->edits[i];

		vfm_buffer_append(&out, rewriting->xml + at, edit->at - at);
		vfm_buffer_puts(&out, edit->text);
		at = edit->at + edit->size;
	}
	vfm_buffer_append(&out, rewriting->xml + at, rewriting->size - at);
	return vfm_buffer_steal(&out);
}

int vfm_domain_rewrite(const char *xml, size_t size, const char *name,
		       const struct vfm_domain_change *changes, size_t count, char **ret_xml,
		       struct vfm_error *err)
{
	VFM_CLEANUP(rewriting_done)
	struct rewriting rewriting = {.xml = xml, .name = name, .size = size};
	VFM_AUTO_XML xmlDoc *document = NULL;
	char *rewritten;
	int r;

	r = vfm_xml_parse(xml, size, name, "domain", &document, err);
	if (r < 0)
		return r;
	/* The scanner reads bytes: it must see what libxml2 has seen. */
	if (document->encoding && strcasecmp((const char *)document->encoding, "UTF-8") != 0)
		return vfm_error_set(err, -ENOTSUP, name, NULL, "is not in UTF-8");
	rewriting.document = document;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_change(&rewriting, &changes[i], err);
	if (r < 0)
		return r;
	rewritten = apply(&rewriting);
	if (!rewritten)
		return vfm_error_no_memory(err, name);
	*ret_xml = rewritten;
	return 0;
}
