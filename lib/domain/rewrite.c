/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The destination's domain XML: finds the devices that change; see rewrite.h and domain_edit.h. */
#include "domain/rewrite.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"
#include "domain/domain_edit.h"
#include "domain/domain_read.h"

enum { UUID_SIZE = sizeof("6c1bd3a0-0000-4000-8000-000000000001") };

struct rewriting {
	struct vfm_domain_edits edits;
	const xmlNode **changed; /* the elements that have had their change */
	size_t changed_count;
};

static void rewriting_done(struct rewriting *rewriting)
{
	vfm_domain_edits_done(&rewriting->edits);
	free(rewriting->changed);
}

/* ---- the kinds of change: each finds its element in a device, and sets it ---- */

static bool same_bdf(const struct vfm_bdf *a, const struct vfm_bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function;
}

/* 1: this device has the source that is to change, 0: it has not, or -EINVAL: not readable. */
static int match_pci(const xmlNode *device, const char *was, const xmlNode **ret_element)
{
	struct vfm_bdf have, want;

	if (vfm_domain_source_of(device, ret_element) != VFM_DOMAIN_SOURCE_PCI)
		return 0;
	if (!*ret_element || vfm_domain_bdf(*ret_element, &have) < 0 ||
	    vfm_parse_bdf(was, &want) < 0)
		return -EINVAL;
	return same_bdf(&have, &want);
}

static int match_mdev(const xmlNode *device, const char *was, const xmlNode **ret_element)
{
	char uuid[UUID_SIZE];

	if (vfm_domain_source_of(device, ret_element) != VFM_DOMAIN_SOURCE_MDEV)
		return 0;
	if (vfm_xml_attribute_copy(*ret_element, "uuid", uuid, sizeof(uuid)) < 0 ||
	    !vfm_domain_is_uuid(uuid))
		return -EINVAL;
	return strcasecmp(uuid, was) == 0;
}

/* The attribute of a disk's <source> that is its path; NULL: a disk of another type has none. */
static const char *path_attribute(const xmlNode *disk)
{
	if (vfm_domain_is(disk, "", "type", "file"))
		return "file";
	return vfm_domain_is(disk, "", "type", "block") ? "dev" : NULL;
}

static int match_disk(const xmlNode *device, const char *was, const xmlNode **ret_element)
{
	if (!vfm_streq((const char *)device->name, "disk") ||
	    !vfm_domain_is(device, "target", "dev", was))
		return 0;
	*ret_element = vfm_xml_child(device, "source");
	if (!*ret_element || !path_attribute(device) ||
	    !xmlHasProp((xmlNode *)*ret_element, (const xmlChar *)path_attribute(device)))
		return -EINVAL;
	return 1;
}

static int set_pci(struct vfm_domain_edits *edits, const xmlNode *address, const char *now)
{
	struct vfm_bdf have, want;

	if (vfm_domain_bdf(address, &have) < 0 || vfm_parse_bdf(now, &want) < 0)
		return -EINVAL;

	const struct {
		const char *name;
		uint32_t have, want;
		int digits;
	} parts[] = {
		{"domain", have.domain, want.domain, 4},
		{"bus", have.bus, want.bus, 2},
		{"slot", have.slot, want.slot, 2},
		{"function", have.function, want.function, 1},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(parts); i++) {
		char value[24];
		int r;

		if (parts[i].have == parts[i].want)
			continue;
		snprintf(value, sizeof(value), "0x%0*x", parts[i].digits, parts[i].want);
		r = vfm_domain_edit_attribute(edits, address, parts[i].name, value);
		if (r < 0)
			return r;
	}
	return 0;
}

static int set_mdev(struct vfm_domain_edits *edits, const xmlNode *address, const char *now)
{
	return vfm_domain_edit_attribute(edits, address, "uuid", now);
}

static int set_disk(struct vfm_domain_edits *edits, const xmlNode *source, const char *now)
{
	return vfm_domain_edit_attribute(edits, source, path_attribute(source->parent), now);
}

static bool pci_is_readable(const struct vfm_domain_change *change)
{
	struct vfm_bdf bdf;

	return vfm_parse_bdf(change->was, &bdf) == 0 && vfm_parse_bdf(change->now, &bdf) == 0;
}

static bool mdev_is_readable(const struct vfm_domain_change *change)
{
	return vfm_domain_is_uuid(change->was) && vfm_domain_is_uuid(change->now);
}

/* XML has no way to write most control characters, and keeps no line ends in a value. */
static bool disk_is_readable(const struct vfm_domain_change *change)
{
	for (const char *at = change->now; *at; at++) {
		if ((unsigned char)*at < ' ')
			return false;
	}
	return *change->was && *change->now == '/' &&
	       xmlCheckUTF8((const unsigned char *)change->now);
}

static const struct {
	bool (*is_readable)(const struct vfm_domain_change *change);
	int (*match)(const xmlNode *device, const char *was, const xmlNode **ret_element);
	int (*set)(struct vfm_domain_edits *edits, const xmlNode *element, const char *now);
} kinds[VFM_DOMAIN_CHANGE_MAX] = {
	[VFM_DOMAIN_CHANGE_PCI] = {pci_is_readable, match_pci, set_pci},
	[VFM_DOMAIN_CHANGE_MDEV] = {mdev_is_readable, match_mdev, set_mdev},
	[VFM_DOMAIN_CHANGE_DISK] = {disk_is_readable, match_disk, set_disk},
};

/* ---- one change ---- */

static int find(const struct rewriting *rewriting, const struct vfm_domain_change *change,
		const xmlNode **ret_element, struct vfm_error *err)
{
	const char *name = rewriting->edits.name;
	const xmlNode *devices =
		vfm_xml_child(xmlDocGetRootElement(rewriting->edits.document), "devices");
	const xmlNode *device = NULL, *element, *found = NULL;

	while ((device = vfm_domain_device(devices, device))) {
		int r = kinds[change->kind].match(device, change->was, &element);

		if (r < 0)
			return vfm_error_set(err, r, name, NULL,
					     "has a <%s> without a readable source at line %ld",
					     (const char *)device->name, xmlGetLineNo(device));
		if (r && found)
			return vfm_error_set(err, -EEXIST, name, NULL,
					     "has more than one device with %s", change->was);
		if (r)
			found = element;
	}
	if (!found)
		return vfm_error_set(err, -ENOENT, name, NULL, "has no device with %s",
				     change->was);
	*ret_element = found;
	return 0;
}

/* A source is changed once: edits that meet would not be what either change asked for. */
static int mark_changed(struct rewriting *rewriting, const xmlNode *element, const char *was,
			struct vfm_error *err)
{
	const char *name = rewriting->edits.name;

	for (size_t i = 0; i < rewriting->changed_count; i++)
		if (rewriting->changed[i] == element)
			return vfm_error_set(err, -EINVAL, name, NULL, "is to change %s twice",
					     was);
	if (VFM_APPEND(rewriting->changed, rewriting->changed_count, element) < 0)
		return vfm_error_no_memory(err, name);
	return 0;
}

static int add_change(struct rewriting *rewriting, const struct vfm_domain_change *change,
		      struct vfm_error *err)
{
	const char *name = rewriting->edits.name;
	const xmlNode *element = NULL;
	int r;

	if (!kinds[change->kind].is_readable(change))
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "cannot change '%s' to '%s': no addresses", change->was,
				     change->now);
	r = find(rewriting, change, &element, err);
	if (r == 0)
		r = mark_changed(rewriting, element, change->was, err);
	if (r < 0)
		return r;
	r = kinds[change->kind].set(&rewriting->edits, element, change->now);
	return r < 0 ? vfm_error_set(err, r, name, NULL, "cannot be changed at line %ld",
				     xmlGetLineNo(element))
		     : 0;
}

int vfm_domain_rewrite(const char *xml, size_t size, const char *name,
		       const struct vfm_domain_change *changes, size_t count, char **ret_xml,
		       struct vfm_error *err)
{
	VFM_CLEANUP(rewriting_done) struct rewriting rewriting = {.changed_count = 0};
	char *rewritten;
	int r = vfm_domain_edits_begin(xml, size, name, "domain", &rewriting.edits, err);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_change(&rewriting, &changes[i], err);
	if (r < 0)
		return r;
	rewritten = vfm_domain_edits_apply(&rewriting.edits);
	if (!rewritten)
		return vfm_error_no_memory(err, name);
	*ret_xml = rewritten;
	return 0;
}
