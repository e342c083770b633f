/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VM that a command is told of: by a file, or by its name at libvirt's daemon. */
#ifndef VFM_TOOLS_VGPU_VM_H
#define VFM_TOOLS_VGPU_VM_H

#include "cli.h"
#include "domain/domain.h"

#define VGPU_VM_URI "qemu:///system"

/*
 * Is it a FILE? What holds a '/', ends in ".xml" or is there, as long as no daemon is named (uri
 * NULL); else it is a VM's name or UUID.
 */
bool vgpu_vm_is_file(const char *vm, const char *uri);

/*
 * The VM, out of the file or from libvirt (uri NULL: VGPU_VM_URI) by a read-only connection, which
 * is told no secrets. 0, or an exit code with the error printed. *ret_domain is zeroed by the
 * caller.
 */
int vgpu_vm_read(const struct vfm_call *call, const char *vm, const char *uri,
		 struct vfm_domain *ret_domain);

#endif
