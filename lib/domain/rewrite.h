/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The domain XML of the destination: the source's, with other host addresses in it.
 *
 * Only the bytes of the attributes that change are replaced. Everything else, that is order,
 * white space, quoting, comments, namespaces and metadata, stays as it was, byte for byte.
 */
#ifndef VFM_DOMAIN_REWRITE_H
#define VFM_DOMAIN_REWRITE_H

#include <stddef.h>

#include "base/error.h"

enum vfm_domain_change_kind {
	VFM_DOMAIN_CHANGE_PCI, /* of <interface>, its <actual>, <hostdev type='pci'>, NVMe <disk> */
	VFM_DOMAIN_CHANGE_MDEV, /* of <hostdev type='mdev'> */
	VFM_DOMAIN_CHANGE_DISK, /* <source> of a disk of type file or block */
	VFM_DOMAIN_CHANGE_MAX,
};

/*
 * A device gets another source: PCI addresses as vfm_parse_bdf takes them, or UUIDs; of a disk
 * 'was' is its target ("vda"), and 'now' the absolute path that its source gets.
 */
struct vfm_domain_change {
	enum vfm_domain_change_kind kind;
	const char *was, *now;
};

/*
 * The document with these changes, to be freed by the caller; 'name' is what errors call it. All
 * changes are looked up in the document as it is given, so that two devices can trade places.
 * -ENOENT: no device has that source; -EEXIST: more than one has; -EINVAL: the document, or an
 * address in it or in a change, is not readable, or a disk has no path to change; -ENOTSUP: it is
 * in another encoding than UTF-8.
 */
int vfm_domain_rewrite(const char *xml, size_t size, const char *name,
		       const struct vfm_domain_change *changes, size_t count, char **ret_xml,
		       struct vfm_error *err);

#endif
