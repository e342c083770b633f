/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a file of the kernel to a fact; see source.h. */
#include "facts/source.h"

#include "base/file.h"
#include "base/text.h"

void vfm_source_failed(struct vfm_fact *fact, int error, const struct vfm_error *err)
{
	if (error == -ENOENT)
		vfm_fact_set_absent(fact);
	else if (error == -EACCES || error == -EPERM)
		vfm_fact_set_unknown(fact, "needs root");
	else
		vfm_fact_set_error(fact, err);
}

/* The attribute's text, or NULL after the fact has been told why not. */
static char *attribute(struct vfm_fact *fact, const char *directory, const char *name)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	char *text;
	int r = vfm_attribute_read(directory, name, &text, &err);

	if (r < 0) {
		vfm_source_failed(fact, r, &err);
		return NULL;
	}
	return text;
}

void vfm_source_text(struct vfm_fact_text *fact, const char *directory, const char *name)
{
	VFM_AUTO_FREE char *text = attribute(&fact->fact, directory, name);

	if (text)
		vfm_fact_set_text(fact, *text ? text : NULL);
}

void vfm_source_uint(struct vfm_fact_uint *fact, const char *directory, const char *name, int base)
{
	VFM_AUTO_FREE char *text = attribute(&fact->fact, directory, name);
	uint64_t value;

	if (!text)
		return;
	if (vfm_parse_uint(text, base, UINT64_MAX, &value) < 0)
		vfm_fact_set_unknown(&fact->fact, "%s holds no number: '%.40s'", name, text);
	else
		vfm_fact_set_uint(fact, value);
}

void vfm_source_bool(struct vfm_fact_bool *fact, const char *directory, const char *name)
{
	VFM_AUTO_FREE char *text = attribute(&fact->fact, directory, name);
	bool value;

	if (!text)
		return;
	if (vfm_parse_bool(text, &value) < 0)
		vfm_fact_set_unknown(&fact->fact, "%s holds no truth value: '%.40s'", name, text);
	else
		vfm_fact_set_bool(fact, value);
}

void vfm_source_copy(struct vfm_fact_text *to, const struct vfm_fact_text *from)
{
	switch (from->fact.state) {
	case VFM_KNOWN:
		vfm_fact_set_text(to, from->value);
		break;
	case VFM_ABSENT:
		vfm_fact_set_absent(&to->fact);
		break;
	case VFM_UNKNOWN:
	case VFM_FACT_STATE_MAX:
		vfm_fact_set_unknown(&to->fact, "%s", vfm_fact_reason(&from->fact));
		break;
	}
}
