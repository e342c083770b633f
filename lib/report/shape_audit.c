/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "audit"; see shape.h. */
#include "report/shape_rows.h"

static const char *const profile_words[] = {"rhel10", "nvidia", NULL};
static const char *const verdict_words[] = {"ready", "not-ready", NULL};
static const char *const device_words[] = {"vf", NULL};

const struct vfm_shape vfm_shape_fault[] = {
	TEXT("source", "the document: a file, and its line where it has several"),
	TEXT("message", "why it is not counted"),
	TEXT0("hint", "what to do about it"),
	END,
};

static const struct vfm_shape summary_shape[] = {
	UINT("hosts", "counted, each once"),
	UINT("ready", "nothing refuses them"),
	UINT("not_ready", "the others"),
	UINT("pfs", "of a model that the profile has"),
	UINT("other_pfs", "of other models; in no island"),
	UINT("islands", "of VFs"),
	UINT("unplaced", "PFs in no island since a key is not known"),
	UINT("psids", "different ones"),
	UINT("pending", "hosts that wait for a restart"),
	UINT("mixed", "hosts whose cards of one PSID run different firmware"),
	UINT("faults", "documents that are not counted"),
	END,
};

static const struct vfm_shape key_shape[] = {
	TEXT("id", "the equality rule"),
	TEXT("what", "is compared"),
	TEXT0("value", "that all of the island have; null: not known of any of them"),
	END,
};

static const struct vfm_shape island_shape[] = {
	UINT("number", "from 1, the largest first"),
	WORD("device", device_words, "what moves within it"),
	TEXT0("psid", "of its cards"),
	TEXT0("firmware", "that its cards run"),
	BOOL("complete", "each key is known"),
	UINT("hosts", "with a PF in it"),
	UINT("ready", "hosts with a PF in it that is ready"),
	UINT("pfs", "in it"),
	UINT("vfs", "migratable ones"),
	UINT("free", "migratable VFs of ready PFs that nobody uses"),
	UINT("at_once", "VFs of ready PFs that can be in migration at one time: 4 a PF"),
	TEXT("capacity", "the same in words"),
	LIST("keys", key_shape, "one an equality rule"),
	TEXT("keys_words", "the same in words"),
	TEXT("names", "of the first hosts"),
	TEXTS("members", "names of all hosts"),
	END,
};

static const struct vfm_shape need_shape[] = {
	TEXT("id", "the rule that refuses"),
	TEXT("protects", "what must hold"),
	TEXT("message", "of the first host: what is wrong and what was seen"),
	TEXTS("fix", "commands that cure it on each of these hosts; # lines are words"),
	TEXT("remedy", "what to do in general"),
	UINT("hosts", "that need it"),
	TEXT("names", "of the first hosts"),
	TEXTS("members", "names of all hosts"),
	END,
};

static const struct vfm_shape pending_shape[] = {
	TEXT("host", "its name"),
	TEXT("object", "what waits: mostly a PF"),
	TEXT("id", "the rule that tells"),
	TEXT("message", "what takes effect with the next start"),
	END,
};

static const struct vfm_shape mixed_shape[] = {
	TEXT("host", "its name"),
	TEXT("words", "each PF with its firmware"),
	END,
};

static const struct vfm_shape firmware_shape[] = {
	TEXT0("version", "that runs; null: not known"),
	UINT("hosts", "with such a PF"),
	UINT("pfs", "that run it"),
	END,
};

static const struct vfm_shape psid_shape[] = {
	TEXT0("psid", "null: not known"),
	UINT("pfs", "that have it"),
	UINT("islands", "of it"),
	BOOL("several", "the fleet has another, whose islands can never be one with these"),
	LIST("firmware", firmware_shape, "by version"),
	END,
};

static const struct vfm_shape unplaced_shape[] = {
	TEXT("host", "its name"),
	TEXT0("pf", "its address"),
	TEXT("id", "the rule whose key is missing"),
	TEXT("message", "why it is not known"),
	END,
};

static const struct vfm_shape clash_shape[] = {
	TEXT("uuid", "that they share"),
	TEXT("names", "of the hosts"),
	TEXTS("members", "the same as a list"),
	END,
};

static const struct vfm_shape pf_shape[] = {
	TEXT0("bdf", "its address"),
	TEXT0("model", "of the card"),
	TEXT0("psid", "of the card"),
	TEXT0("firmware", "that runs"),
	TEXT0("firmware_stored", "that runs from the next start"),
	UINT0("island", "its number; null: in none"),
	BOOL("ready", "nothing of the host or the PF refuses"),
	UINT("vfs", "migratable ones"),
	UINT("free", "of these, used by nobody"),
	END,
};

static const struct vfm_shape host_shape[] = {
	TEXT("name", "its host name, or the document's where that is not known"),
	TEXT("source", "the document"),
	TEXT0("uuid", "of the host"),
	TEXT0("time", "when its facts were read"),
	WORD("verdict", verdict_words, "by the rules about a host"),
	TEXTS("refusals", "ids of the rules that refuse"),
	LIST("pfs", pf_shape, "by address"),
	END,
};

const struct vfm_shape vfm_shape_audit[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "audit"),
	WORD("profile", profile_words, "whose documents are followed"),
	TEXT("message", "what it comes to"),
	OBJECT("summary", summary_shape, "counts"),
	LIST("islands", island_shape, "PFs that can exchange VMs, the largest first"),
	LIST("needs", need_shape, "what hosts need that are not ready, the commonest first"),
	LIST("pending", pending_shape, "restarts that are waited for"),
	LIST("mixed", mixed_shape, "hosts whose cards of one PSID run different firmware"),
	LIST("psids", psid_shape, "each with its firmware"),
	LIST("unplaced", unplaced_shape, "PFs in no island since a key is not known"),
	LIST("clashes", clash_shape, "hosts with one UUID: libvirt takes them for one"),
	LIST("hosts", host_shape, "in the order of their documents"),
	LIST("faults", vfm_shape_fault, "documents that are not counted"),
	END,
};
