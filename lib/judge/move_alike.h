/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the rules about a VM's disks: whether two hosts mean the same storage by a path. */
#ifndef VFM_JUDGE_MOVE_ALIKE_H
#define VFM_JUDGE_MOVE_ALIKE_H

#include "probe/probe.h"

enum vfm_alike {
	VFM_ALIKE_SAME,  /* proved */
	VFM_ALIKE_TWICE, /* one device, with a file system that one host alone may mount, on both */
	VFM_ALIKE_COPY,  /* a file system of one host, and a copy of it on the other */
	VFM_ALIKE_OVERLAP,  /* not the same, but one is, or lies on, the device of the other */
	VFM_ALIKE_OTHER,    /* proved to be another */
	VFM_ALIKE_UNPROVED, /* one server under two names, or another */
	VFM_ALIKE_UNTOLD,   /* TWICE or COPY: by what of them can be read they are alike */
	VFM_ALIKE_UNKNOWN,  /* what they are is not known */
	VFM_ALIKE_MAX,
};

/*
 * Of what is there on both hosts. The answer is what was proved: OTHER and COPY say that what is
 * written to one can never be in the other, so that one may be overwritten while a VM runs from
 * the other; all that is short of proof is one of the last three.
 */
enum vfm_alike vfm_storage_alike(const struct vfm_storage_probe *storage);

/* The fact for want of which the answer is UNKNOWN. */
const struct vfm_fact *vfm_storage_unread(const struct vfm_storage_probe *storage);

#endif
