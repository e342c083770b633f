/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What went wrong, for a human and for a program.
 *
 * Library functions return 0 or a negative errno and take a struct vfm_error * last, which may be
 * NULL. The error names the object first ("0000:e1:00.0", "/run/openvswitch/db.sock"), then what
 * happened in whole words, then a remedy where one is known. Kernel and daemon texts (extack,
 * OVSDB, libvirt, stderr of a program) are kept word for word.
 */
#ifndef VFM_BASE_ERROR_H
#define VFM_BASE_ERROR_H

#include "base/cleanup.h"

enum vfm_error_domain {
	VFM_ERROR_SYSTEM,  /* code: errno */
	VFM_ERROR_DEVLINK, /* code: errno of the kernel's answer; what: with its extack words */
	VFM_ERROR_OVSDB,   /* code: errno */
	VFM_ERROR_LIBVIRT, /* code: virErrorNumber */
	VFM_ERROR_PROGRAM, /* code: exit status, or 128 + signal */
	VFM_ERROR_DOMAIN_MAX,
};

struct vfm_error {
	enum vfm_error_domain domain;
	int code;
	char *object; /* what it is about; may be NULL */
	char *what;   /* what happened */
	char *hint;   /* the remedy; may be NULL */
};

/*
 * Fills *err (when not NULL, replacing what it held) and returns error unchanged, so that a
 * function can end with "return vfm_error_set(err, -ENOENT, …)". error is a negative errno.
 */
int vfm_error_set(struct vfm_error *err, int error, const char *object, const char *hint,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* -ENOMEM, "out of memory". */
int vfm_error_no_memory(struct vfm_error *err, const char *object);

/* As vfm_error_set, for a failure that another domain reports with its own code. */
int vfm_error_set_domain(struct vfm_error *err, int error, enum vfm_error_domain domain, int code,
			 const char *object, const char *hint, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

/* Moves *from into *to (which may be NULL) and leaves *from empty. */
void vfm_error_move(struct vfm_error *to, struct vfm_error *from);

/* "object: what", newly allocated; "out of memory" cannot be allocated: then NULL. */
char *vfm_error_text(const struct vfm_error *err);

/* The word of a domain in documents: "system", "devlink", … */
const char *vfm_error_domain_name(enum vfm_error_domain domain);

void vfm_error_done(struct vfm_error *err);

#define VFM_AUTO_ERROR VFM_CLEANUP(vfm_error_done)
#define VFM_ERROR_INIT                                                                             \
	{                                                                                          \
		.code = 0                                                                          \
	}

#endif
