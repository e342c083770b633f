/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors as values; see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

__attribute__((format(printf, 6, 0))) static void fill(struct vfm_error *err,
						       enum vfm_error_domain domain, int code,
						       const char *object, const char *hint,
						       const char *format, va_list arguments)
{
	struct vfm_error made = {
		.domain = domain,
		.code = code,
		.object = object ? strdup(object) : NULL,
		.what = vfm_text_vprintf(format, arguments),
		.hint = hint ? strdup(hint) : NULL,
	};

	/* Last, since the arguments may point into what *err holds. */
	vfm_error_done(err);
	*err = made;
}

int vfm_error_set(struct vfm_error *err, int error, const char *object, const char *hint,
		  const char *format, ...)
{
	va_list arguments;

	if (!err)
		return error;
	va_start(arguments, format);
	fill(err, VFM_ERROR_SYSTEM, -error, object, hint, format, arguments);
	va_end(arguments);
	return error;
}

int vfm_error_no_memory(struct vfm_error *err, const char *object)
{
	return vfm_error_set(err, -ENOMEM, object, NULL, "out of memory");
}

int vfm_error_set_domain(struct vfm_error *err, int error, enum vfm_error_domain domain, int code,
			 const char *object, const char *hint, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return error;
	va_start(arguments, format);
	fill(err, domain, code, object, hint, format, arguments);
	va_end(arguments);
	return error;
}

void vfm_error_move(struct vfm_error *to, struct vfm_error *from)
{
	if (!to) {
		vfm_error_done(from);
		return;
	}
	vfm_error_done(to);
	*to = *from;
	*from = (struct vfm_error)VFM_ERROR_INIT;
}

char *vfm_error_text(const struct vfm_error *err)
{
	const char *what = err->what ? err->what : strerror(err->code);

	if (!err->object)
		return strdup(what);
	return vfm_text_printf("%s: %s", err->object, what);
}

const char *vfm_error_domain_name(enum vfm_error_domain domain)
{
	static const char *const names[VFM_ERROR_DOMAIN_MAX] = {
		[VFM_ERROR_SYSTEM] = "system",   [VFM_ERROR_DEVLINK] = "devlink",
		[VFM_ERROR_OVSDB] = "ovsdb",     [VFM_ERROR_LIBVIRT] = "libvirt",
		[VFM_ERROR_PROGRAM] = "program",
	};

	return domain < VFM_ERROR_DOMAIN_MAX ? names[domain] : "unknown";
}

void vfm_error_done(struct vfm_error *err)
{
	if (!err)
		return;
	free(err->object);
	free(err->what);
	free(err->hint);
	*err = (struct vfm_error)VFM_ERROR_INIT;
}
