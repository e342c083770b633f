/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place that changes the libraries' process-wide error output; see quiet.h. */
#include "base/quiet.h"

#include <libvirt/virterror.h>
#include <libxml/xmlerror.h>

static void drop_libvirt(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

/* libxml2 2.12 made the error const: one function of either type. */
#if LIBXML_VERSION >= 21200
static void drop_xml(void *data, const xmlError *error)
#else
static void drop_xml(void *data, xmlErrorPtr error)
#endif
{
	(void)data;
	(void)error;
}

static void drop_text(void *data, const char *format, ...)
{
	(void)data;
	(void)format;
}

void vfm_quiet(void)
{
	virSetErrorFunc(NULL, drop_libvirt);
	xmlSetStructuredErrorFunc(NULL, drop_xml);
	xmlSetGenericErrorFunc(NULL, drop_text);
}
