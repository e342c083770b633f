/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports: findings and rules as one JSON document each, and such a document as text.
 *
 * A document is filled once and printed twice: the text renderer sees nothing but the document, so
 * no value can stand in one form alone. Pure, as judging is. Documents keep one shape for no, one
 * and many items; keys have a fixed order; lists are in the order of judging.
 */
#ifndef VFM_REPORT_REPORT_H
#define VFM_REPORT_REPORT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "judge/judge.h"

#define VFM_REPORT_SCHEMA 1

/*
 * Kind "status": each host of the case with its verdict and findings, and its PFs with theirs.
 * Findings of the topic VFM_TOPIC_HOST only. NULL when memory runs out, as all that follow.
 */
json_object *vfm_report_status(const struct vfm_case *given, const struct vfm_findings *findings);

/*
 * Kind "compare": whether the two hosts can exchange VMs, the findings about the pair and about
 * each PF of the source with its partner. The hosts' own verdicts stand beside it where the topic
 * VFM_TOPIC_HOST was judged too (null otherwise); they do not count for "exchange".
 */
json_object *vfm_report_compare(const struct vfm_case *given, const struct vfm_findings *findings);

/* Kind "rules": the rule tables. */
json_object *vfm_report_rules(void);

/* JSON Schema of a kind: "status", "compare", "rules" or "facts"; NULL for others too. */
json_object *vfm_report_schema(const char *kind);
json_object *vfm_report_facts_schema(void);

struct vfm_text_options {
	bool verbose; /* also findings that pass or are skipped */
	bool colour;
	unsigned int width; /* columns to wrap messages at; 0: 100 */
};

/*
 * A document of one of the first three kinds as text; nothing for other kinds. What came from
 * outside is made printable. Failure sticks in the buffer.
 */
void vfm_report_text(json_object *document, const struct vfm_text_options *options,
		     struct vfm_buffer *out);

/* vfmig-rules(7) in scdoc's form, from the rule tables. */
void vfm_report_rules_page(struct vfm_buffer *out);

#endif
