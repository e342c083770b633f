/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For this folder alone: layouts, by which a document becomes text.
 *
 * A layout row is a line of text over one JSON object, or over each item of a list in it. In a line
 *   {a.b}      is the value of that key (numbers pick list items), "-" where it is null
 *   {a~b}      is the first of the two that is not null
 *   {a:9}      is padded to 9 columns
 *   {a!}       goes through the table of words in text.c, and gets their colour
 *   {a?text}   is the text when the value is true, not null and not empty; {a^text} when it is not
 *   {.}        is the item itself
 *   {|}        is where further lines begin when this one is wrapped
 */
#ifndef VFM_REPORT_LAYOUT_H
#define VFM_REPORT_LAYOUT_H

#include <stddef.h>

enum {
	DETAIL = 1 << 0, /* items without a severity are left out unless verbose */
	NO_WRAP = 1 << 1,
	BLANK_BEFORE = 1 << 2, /* before each item; of a row with groups, before each heading */
	AS_IS = 1 << 3,        /* 'line' is a key, whose text stands as it is */
};

/* Columns before what belongs to a finding. */
#define DEEP_INDENT 10

struct layout {
	const char *each;    /* list to go through; NULL: the object itself */
	const char *when;    /* only when this key is true, not null and not empty */
	const char *unless;  /* only when it is not */
	const char *line;    /* NULL ends the table */
	const char *group;   /* items that follow one another with the same value of this key … */
	const char *heading; /* … stand under this line */
	unsigned int flags;
	const struct layout *rows; /* below each item */
};

#define END                                                                                        \
	{                                                                                          \
		.line = NULL                                                                       \
	}

/* text.c: what cures a finding; findings with what each is about; a host's status with its
 * findings and PFs */
extern const struct layout vfm_layout_cure[];
extern const struct layout vfm_layout_own_findings[];
extern const struct layout vfm_layout_status_host[];

/* explain.c */
extern const struct layout vfm_layout_explain[];

/* recover.c */
extern const struct layout vfm_layout_recover[];
extern const struct layout vfm_layout_verify[];

/* attach.c */
extern const struct layout vfm_layout_attach[];

/* audit.c */
extern const struct layout vfm_layout_audit[];

/* baseline.c */
extern const struct layout vfm_layout_baseline[];

/* fleet_diff.c */
extern const struct layout vfm_layout_fleet_diff[];

/* fleet_plan.c */
extern const struct layout vfm_layout_fleet_plan[];

/* job.c */
extern const struct layout vfm_layout_job[];

/* checks.c: the list "checks" */
extern const struct layout vfm_layout_checks[];

/* move.c */
extern const struct layout vfm_layout_move[];

/* vgpus.c */
extern const struct layout vfm_layout_vgpus[];

/* text_prep.c */
extern const struct layout vfm_layout_prep[];
extern const struct layout vfm_layout_history[];

/* vgpu.c */
extern const struct layout vfm_layout_vgpu[];

#endif
