/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests over facts: the part "nvidia" of a host with an L40S whose one vGPU the VM vm1 has. */
#ifndef VFM_TESTS_GPUHOSTS_H
#define VFM_TESTS_GPUHOSTS_H

#define VF "0000:01:00.4"

/* JSON of a GPU with these vGPUs. */
#define GPU_AT(bdf, vgpus)                                                                         \
	"{\"bdf\":\"" bdf "\",\"name\":\"NVIDIA L40S\",\"uuid\":\"GPU-1ab0\","                     \
	"\"vbios\":\"95.02.66.00.02\",\"driver\":\"nvidia\",\"ecc_current\":true,"                 \
	"\"ecc_pending\":true,\"mig_current\":false,\"mig_pending\":false,"                        \
	"\"host_vgpu_mode\":\"sriov\",\"metadata\":\"L40S 26B9\",\"migration\":true,"              \
	"\"guest_version_min\":10,\"guest_version_max\":20,\"framework\":\"vendor-vfio\","         \
	"\"no_framework\":null,\"types\":[{\"id\":1153,\"name\":\"NVIDIA L40S-4Q\","               \
	"\"framebuffer_mib\":4096,\"creatable\":1}],\"room\":[\"0000:01:00.5\"],"                  \
	"\"vgpus\":[" vgpus "]}"
#define GPU_VGPU                                                                                   \
	"{\"device\":\"" VF "\",\"parent\":\"" VF "\",\"type_id\":1153,"                           \
	"\"type\":\"NVIDIA L40S-4Q\",\"owner\":\"vm1\",\"users\":[\"domain vm1 (running)\"],"      \
	"\"blocking\":[],\"migratable\":true,\"guest_driver\":\"550.144.03\","                     \
	"\"guest_version\":15}"
#define GPU_HOST                                                                                   \
	"{\"driver_version\":\"550.144.02\",\"driver_source\":null,\"nvml\":true,\"gpus\":"        \
	"[" GPU_AT("0000:01:00.0", GPU_VGPU) "]}"
#define SECOND_GPU GPU_AT("0000:02:00.0", "")

#endif
