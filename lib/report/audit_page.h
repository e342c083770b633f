/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: the page that documents of a fleet are put into, made of data/html. */
#ifndef VFM_REPORT_AUDIT_PAGE_H
#define VFM_REPORT_AUDIT_PAGE_H

extern const char vfm_audit_page_head[]; /* up to where the documents come … */
extern const char vfm_audit_page_tail[]; /* … and what follows them */

#endif
