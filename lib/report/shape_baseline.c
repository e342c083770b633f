/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "cpu-baseline"; see shape.h. */
#include "report/shape_rows.h"

static const char *const verdict_words[] = {"common-cpu", "no-common-cpu", NULL};
static const char *const fit_words[] = {"incompatible", "identical", "superset", NULL};

static const struct vfm_shape host_shape[] = {
	TEXT("uri", "of the host's daemon"),
	TEXT0("arch", "architecture; null: not asked any more"),
	TEXT0("type", "how it runs VMs: kvm, qemu; null: likewise"),
	TEXT0("model", "of its own CPU; null: it tells none"),
	TEXT0("vendor", "of its own CPU; null: it tells none"),
	TEXTS("lost", "features it has and the common CPU has not"),
	TEXT("lost_words", "the same in words"),
	WORD0("fit", fit_words, "the host beside the common CPU; null: there is none"),
	TEXT0("words", "of libvirt, why the host cannot run it; null: it can"),
	END,
};

static const struct vfm_shape vm_host_shape[] = {
	TEXT("uri", "of the host's daemon"),
	WORD("fit", fit_words, "the host beside the CPU that the VM has"),
	TEXT0("words", "of libvirt, why the host cannot run it; null: it can"),
	END,
};

static const struct vfm_shape vm_shape[] = {
	TEXT("name", "of the VM"),
	BOOL("running", "or paused"),
	TEXT0("mode", "of the CPU in its definition; null: it says none"),
	TEXT0("model", "of the CPU compared; null: it has no name"),
	BOOL("change", "it cannot move between all of these hosts with the CPU it has"),
	BOOL("restart", "it is to be shut down and started then"),
	TEXT("message", "the same in words"),
	LIST("hosts", vm_host_shape, "none where its CPU cannot be compared"),
	END,
};

const struct vfm_shape vfm_shape_baseline[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "cpu-baseline"),
	WORD("verdict", verdict_words, "whether there is a CPU that all can run"),
	TEXT("message", "which it is, or why there is none"),
	TEXT0("cpu", "libvirt's element; null: there is none"),
	TEXT0("model", "that it names; null: there is none"),
	LIST("hosts", host_shape, "the source first"),
	OBJECT0("vm", vm_shape, "the VM asked for; null: none was, or there is no common CPU"),
	TEXT0("file", "what was written; null: nothing was"),
	TEXTS("notes", "what is to be done"),
	END,
};
