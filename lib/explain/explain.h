/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an error text means: messages of the kernel, QEMU, libvirt and tools, with cause and remedy.
 *
 * Pure: a text comes in, explanations go out. What is known stands in the tables of messages.h,
 * one row a message. Used by 'vfmigrate explain', and for what a move that fails was told.
 */
#ifndef VFM_EXPLAIN_EXPLAIN_H
#define VFM_EXPLAIN_EXPLAIN_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* Who said it. */
enum vfm_layer {
	VFM_LAYER_DEVLINK, /* the kernel's devlink core */
	VFM_LAYER_MLX5,    /* the driver of the card, or its firmware through it */
	VFM_LAYER_KERNEL,  /* PCI, network and module code of the kernel */
	VFM_LAYER_QEMU,
	VFM_LAYER_LIBVIRT,
	VFM_LAYER_OVS,
	VFM_LAYER_TOOL, /* mstconfig, udev */
	VFM_LAYER_MAX,
};

/* "devlink", "mlx5", … */
const char *vfm_layer_name(enum vfm_layer layer);

/* One message of the text. Members that are const are static. */
struct vfm_explanation {
	const char *id; /* of the table's row; never changes */
	enum vfm_layer layer;
	char *said;                /* as it stands in the text, made printable, one line */
	char *object;              /* PCI address, mdev, disk, … it is about, or NULL */
	char *cause;               /* whole sentences */
	struct vfm_strings remedy; /* commands; lines that begin with "# " are words */
	const char *rule;          /* id of the rule that tells beforehand, or NULL */
	const char *ref;           /* where the knowledge is from */
};

struct vfm_explanations {
	struct vfm_explanation *items;
	size_t count;
};

/* What is looked at: larger texts are refused. */
#define VFM_EXPLAIN_MAX_BYTES ((size_t)1 << 20)

/* Explanations of one text; what comes after so many different messages is left out. */
#define VFM_EXPLAIN_MAX_COUNT 64

/*
 * Explains every known message in a text, in order of appearance, each (with its object) once; of
 * messages that overlap only the most specific. None is no error: the count is 0. size counts the
 * bytes, of which any may be NUL. -EFBIG, -ENOMEM.
 */
int vfm_explain(const char *text, size_t size, struct vfm_explanations *ret_explanations,
		struct vfm_error *err);

/* Its remedy as one sentence, for where there is one line for it; NULL: no memory. */
char *vfm_explanation_remedy(const struct vfm_explanation *explanation);

void vfm_explanations_done(struct vfm_explanations *explanations);
#define VFM_AUTO_EXPLANATIONS VFM_CLEANUP(vfm_explanations_done)

#endif
