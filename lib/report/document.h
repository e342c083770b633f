/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: the pieces that several kinds of document have. */
#ifndef VFM_REPORT_DOCUMENT_H
#define VFM_REPORT_DOCUMENT_H

#include "move/verify.h"
#include "report/report.h"

/* "schema" and "kind". */
void vfm_report_put_head(json_object *document, const char *kind, bool *failed);

/* One finding; two: with what was seen on both sides. */
json_object *vfm_report_finding(const struct vfm_finding *finding, bool two, bool *failed);

/* Counts of the findings selected. */
json_object *vfm_report_summary(const struct vfm_findings *findings,
				const struct vfm_selection *selection, bool *failed);

/* The lines of a text as a list; an empty one for NULL. */
json_object *vfm_report_lines(const char *text, bool *failed);

/* A list of strings; NULL: an empty one. */
json_object *vfm_report_texts(const struct vfm_strings *texts, bool *failed);

/* A list of what was proved; NULL: an empty one. */
json_object *vfm_report_checks(const struct vfm_checks *checks, bool *failed);

#endif
