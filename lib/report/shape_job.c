/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "job"; see shape.h. */
#include "report/shape_rows.h"

static const char *const command_words[] = {
	"status", "abort", "set-downtime", "set-speed", NULL,
};
static const char *const verdict_words[] = {
	"migrating", "broken",   "no-job", "other-job", "gone", "aborted",
	"switched",  "too-late", "set",    "not-set",   NULL,
};
static const char *const state_words[] = {"off", "running", "paused", "away", "broken", NULL};
static const char *const phase_words[] = {"prepares", "copies", "post-copy", NULL};
static const char *const limit_words[] = {"max-downtime", "max-speed", "max-postcopy-speed", NULL};
static const char *const unit_words[] = {"ms", "MiB/s", NULL};

/* clang-format off */
#define STATS \
	UINT0("elapsed_ms", "since its start"), \
	UINT0("downtime_ms", "expected while it runs, measured afterwards"), \
	UINT0("memory_total_bytes", "memory of the VM"), \
	UINT0("memory_processed_bytes", "sent"), \
	UINT0("memory_remaining_bytes", "to be sent as it stands"), \
	UINT0("memory_bytes_per_s", "sent a second"), \
	UINT0("dirty_bytes_per_s", "changed by the VM a second"), \
	UINT0("iterations", "rounds over the memory"), \
	UINT0("postcopy_requests", "pages the destination asked for"), \
	UINT0("throttle_percent", "by which auto-converge slows the VM down"), \
	UINT0("disk_total_bytes", "disks that are copied too"), \
	UINT0("disk_processed_bytes", "sent"), \
	UINT0("disk_remaining_bytes", "to be sent"), \
	UINT0("device_bytes", "state of host devices sent; null: the numbers do not count it")
/* clang-format on */

static const struct vfm_shape now_shape[] = {
	TEXT("operation", "libvirt's word for the job"),
	WORD0("phase", phase_words, "of a migration; null: it is none"),
	BOOL0("converges", "memory is sent faster than it is changed; null: not known"),
	STATS,
	END,
};

static const struct vfm_shape last_shape[] = {
	STATS,
	END,
};

static const struct vfm_shape setting_shape[] = {
	WORD("limit", limit_words, "what was set"),
	WORD("unit", unit_words, "of the values"),
	UINT("asked", "what was asked for"),
	UINT("was", "what the daemon said before"),
	UINT("is", "what it says now"),
	END,
};

const struct vfm_shape vfm_shape_job[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "job"),
	WORD("command", command_words, "what was asked"),
	WORD("verdict", verdict_words, "the answer, or how it ended"),
	TEXT("message", "the same in words, with the numbers that matter"),
	TEXT("vm", "its name"),
	TEXT("uuid", "of the VM"),
	TEXT("host", "URI of the daemon that was asked"),
	WORD0("state", state_words, "of the VM on this host; null: not looked at"),
	BOOL0("device", "it holds a host device; null: not looked at"),
	OBJECT0("job", now_shape, "the VM's job; null: it has none"),
	OBJECT0("last", last_shape, "the last job that was completed; null: nothing is kept of it"),
	OBJECT0("setting", setting_shape, "of set-downtime and set-speed; null: nothing was set"),
	TEXTS("notes", "what else is to be known"),
	END,
};
