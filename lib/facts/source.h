/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a file of the kernel to a fact: one attribute, one value, and what a failure to read it
 * means. Shared by the readers; nothing else includes it.
 */
#ifndef VFM_FACTS_SOURCE_H
#define VFM_FACTS_SOURCE_H

#include "facts/fact.h"

/*
 * The fact that could not be read because of 'error' (negative errno): absent when there is no
 * such file, else unknown: "needs root" when refused, or what err says.
 */
void vfm_source_failed(struct vfm_fact *fact, int error, const struct vfm_error *err);

/*
 * One-line attributes of a directory. An empty text is absent; what is no number or no truth
 * value is unknown, with the text met.
 */
void vfm_source_text(struct vfm_fact_text *fact, const char *directory, const char *name);
void vfm_source_uint(struct vfm_fact_uint *fact, const char *directory, const char *name, int base);
void vfm_source_bool(struct vfm_fact_bool *fact, const char *directory, const char *name);

/* Copies state and value of a text fact. */
void vfm_source_copy(struct vfm_fact_text *to, const struct vfm_fact_text *from);

#endif
