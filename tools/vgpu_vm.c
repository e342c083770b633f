/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a VM's XML; see vgpu_vm.h. */
#include "vgpu_vm.h"

#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "domain/xml.h"
#include "facts/domains.h"

enum { TIMEOUT_MS = 30000 };

bool vgpu_vm_is_file(const char *vm, const char *uri)
{
	static const char end[] = ".xml";
	size_t size = strlen(vm), end_size = strlen(end);

	if (uri)
		return false;
	return strchr(vm, '/') || (size > end_size && vfm_streq(vm + size - end_size, end)) ||
	       access(vm, F_OK) == 0;
}

int vgpu_vm_read(const struct vfm_call *call, const char *vm, const char *uri,
		 struct vfm_domain *ret_domain)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = NULL;
	size_t size = 0;
	int r;

	if (vgpu_vm_is_file(vm, uri)) {
		r = vfm_file_read(vm, VFM_XML_MAX_BYTES, &xml, &size, &err);
	} else {
		r = vfm_domain_document_read(uri ? uri : VGPU_VM_URI, vm,
					     vfm_deadline_in(TIMEOUT_MS), &xml, &err);
		size = xml ? strlen(xml) : 0;
	}
	if (r == 0)
		r = vfm_domain_parse(xml, size, vm, ret_domain, &err);
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : VFM_EXIT_OK;
}
