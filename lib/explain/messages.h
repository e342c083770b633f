/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For this folder and its test alone: the messages known.
 *
 * A pattern begins with literal text, by which it is found; in it
 *   %s is a word, %d a number, %t any text up to what follows (at the end: to the end of the line)
 *   %o is a word too, of the characters that names and addresses have: the object
 * Without %o the object is the last PCI address or UUID before the message in its line. In causes
 * and remedies %o stands for the object (or "DEVICE"), in causes %1 to %3 for the other holes.
 * Remedies get nothing else from the text: they are commands that somebody will paste into a shell.
 */
#ifndef VFM_EXPLAIN_MESSAGES_H
#define VFM_EXPLAIN_MESSAGES_H

#include <stdbool.h>

#include "explain/explain.h"

enum { VFM_MESSAGE_HOLES = 3, VFM_MESSAGE_REMEDIES = 4 };

struct vfm_message {
	const char *id; /* NULL ends a table */
	const char *pattern;
	bool weak; /* explained only where this line and the one before have nothing better */
	const char *cause;
	const char *remedy[VFM_MESSAGE_REMEDIES + 1]; /* NULL-terminated */
	const char *rule;                             /* NULL: none tells it beforehand */
	const char *ref;
};

extern const struct vfm_message vfm_messages_devlink[];
extern const struct vfm_message vfm_messages_mlx5[];
extern const struct vfm_message vfm_messages_kernel[];
extern const struct vfm_message vfm_messages_qemu[];
extern const struct vfm_message vfm_messages_libvirt[];
extern const struct vfm_message vfm_messages_ovs[];
extern const struct vfm_message vfm_messages_tool[];

/* By layer. */
extern const struct vfm_message *const vfm_messages[VFM_LAYER_MAX];

#endif
