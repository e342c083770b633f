/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: how rows of shapes are written, and the shapes that have files of their
 * own. A digit 0: may be null. */
#ifndef VFM_REPORT_SHAPE_ROWS_H
#define VFM_REPORT_SHAPE_ROWS_H

#include <stddef.h>

#include "report/shape.h"

/* clang-format off */
#define TEXT(key, doc) {key, VFM_SHAPE_TEXT, false, NULL, NULL, doc}
#define TEXT0(key, doc) {key, VFM_SHAPE_TEXT, true, NULL, NULL, doc}
#define WORD(key, words, doc) {key, VFM_SHAPE_TEXT, false, words, NULL, doc}
#define WORD0(key, words, doc) {key, VFM_SHAPE_TEXT, true, words, NULL, doc}
#define UINT(key, doc) {key, VFM_SHAPE_UINT, false, NULL, NULL, doc}
#define UINT0(key, doc) {key, VFM_SHAPE_UINT, true, NULL, NULL, doc}
#define BOOL(key, doc) {key, VFM_SHAPE_BOOL, false, NULL, NULL, doc}
#define BOOL0(key, doc) {key, VFM_SHAPE_BOOL, true, NULL, NULL, doc}
#define TEXTS(key, doc) {key, VFM_SHAPE_TEXTS, false, NULL, NULL, doc}
#define OBJECT(key, inner, doc) {key, VFM_SHAPE_OBJECT, false, NULL, inner, doc}
#define OBJECT0(key, inner, doc) {key, VFM_SHAPE_OBJECT, true, NULL, inner, doc}
#define LIST(key, inner, doc) {key, VFM_SHAPE_LIST, false, NULL, inner, doc}
#define END {.key = NULL}
/* clang-format on */

/* shape_attach.c */
extern const struct vfm_shape vfm_shape_attach[];

/* shape_audit.c */
extern const struct vfm_shape vfm_shape_audit[];
extern const struct vfm_shape vfm_shape_fault[];

/* shape_baseline.c */
extern const struct vfm_shape vfm_shape_baseline[];

/* shape_fleet_diff.c */
extern const struct vfm_shape vfm_shape_fleet_diff[];

/* shape_fleet_plan.c */
extern const struct vfm_shape vfm_shape_fleet_plan[];

/* shape_job.c */
extern const struct vfm_shape vfm_shape_job[];

/* shape_recover.c */
extern const struct vfm_shape vfm_shape_check[];
extern const struct vfm_shape vfm_shape_recover[];
extern const struct vfm_shape vfm_shape_verify[];

/* shape.c */
extern const struct vfm_shape vfm_shape_finding[];
extern const struct vfm_shape vfm_shape_counts[];

/* shape_vgpus.c */
extern const struct vfm_shape vfm_shape_vgpus[];

/* shape_vgpu.c */
extern const struct vfm_shape vfm_shape_vgpu[];

#endif
