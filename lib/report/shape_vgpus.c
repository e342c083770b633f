/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document about a host's GPUs and vGPUs; see vgpus.c. */
#include "report/shape_rows.h"

static const char *const profile_words[] = {"rhel10", "nvidia", NULL};
static const char *const verdict_words[] = {"ready", "not-ready", NULL};
static const char *const mode_words[] = {"sriov", "non-sriov", NULL};
static const char *const framework_words[] = {"mdev", "vendor-vfio", NULL};

static const struct vfm_shape type_shape[] = {
	UINT0("id", "number of the type"),
	TEXT0("name", "of the type"),
	UINT0("framebuffer_mib", "framebuffer of one vGPU"),
	UINT0("creatable", "how many more can be made now"),
	END,
};

static const struct vfm_shape vgpu_shape[] = {
	TEXT0("device", "UUID of the mediated device, or PCI address of the VF"),
	TEXT0("parent", "PCI address of the function it is on"),
	UINT0("type_id", "number of its type"),
	TEXT0("type", "name of its type"),
	TEXT0("owner", "VM that has it; null: none, or see \"unread\""),
	TEXTS("users", "domains that have it, running or in their definition"),
	TEXTS("blocking", "parameters that rule out a migration"),
	BOOL0("migratable", "it can be migrated, by its metadata"),
	TEXT0("guest_driver", "driver within the guest"),
	UINT0("guest_version", "vGPU version of that driver"),
	END,
};

static const struct vfm_shape gpu_shape[] = {
	TEXT0("bdf", "PCI address"),
	TEXT0("name", "product name"),
	WORD("verdict", verdict_words, "ready, the host's own findings counted in"),
	TEXT0("uuid", "GPU UUID"),
	TEXT0("vbios", "VBIOS version"),
	TEXT0("driver", "driver bound; null: none"),
	BOOL0("ecc_current", "ECC is on; null: the GPU has none"),
	BOOL0("ecc_pending", "ECC is on from the next reset"),
	TEXT("ecc", "both in words"),
	BOOL0("mig_current", "MIG is on; null: the GPU has none"),
	BOOL0("mig_pending", "MIG is on from the next reset"),
	TEXT("mig", "both in words"),
	WORD0("host_vgpu_mode", mode_words, "how the host driver makes vGPUs"),
	BOOL0("migration", "the GPU and its driver can migrate vGPUs"),
	WORD0("framework", framework_words, "how vGPUs show; null: there are none"),
	TEXT0("no_framework", "why vGPUs show in no way; null: they do"),
	LIST("types", type_shape, "types of vGPU by number"),
	LIST("vgpus", vgpu_shape, "vGPUs that are there, by device"),
	TEXTS("unread", "\"KEYS: why\": of these null means that it is not known"),
	LIST("findings", vfm_shape_finding, "about the GPU and its vGPUs"),
	END,
};

static const struct vfm_shape host_shape[] = {
	TEXT("name", "what the command line calls it"),
	TEXT0("time", "when its facts were read, UTC"),
	WORD("verdict", verdict_words, "ready when all its GPUs are, and there is one"),
	TEXT0("driver_version", "host driver; null: none is loaded, or it is not known"),
	BOOL0("nvml", "NVIDIA's management library answers; null: it does not"),
	LIST("findings", vfm_shape_finding, "about the host as a whole"),
	LIST("gpus", gpu_shape, "NVIDIA GPUs by PCI address"),
	END,
};

const struct vfm_shape vfm_shape_vgpus[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "vgpus"),
	WORD("profile", profile_words, "whose documents are followed"),
	LIST("hosts", host_shape, "hosts judged"),
	OBJECT("summary", vfm_shape_counts, "counts of all findings"),
	END,
};
