/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading /proc/PID/stat; see process.h. */
#include "facts/process.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum {
	STAT_MAX_BYTES = 4096,
	FIELD_STATE = 3, /* as proc(5) counts */
	FIELD_PARENT = 4,
	FIELD_START_TIME = 22,
};

/* Takes the next word, which ends at a blank or at the end of the text. */
static char *next_word(char **rest)
{
	return strsep(rest, " \n");
}

/*
 * "PID (NAME) STATE …": a name may hold blanks and brackets, so it ends at the last bracket of the
 * line; nothing after it has one.
 */
int vfm_parse_process(const char *data, size_t size, struct vfm_process *ret_process)
{
	VFM_AUTO_FREE char *text = NULL;
	struct vfm_process process = {.state = '\0'};
	char *open, *close, *rest, *word = NULL;

	if (size > STAT_MAX_BYTES || memchr(data, '\0', size))
		return -EINVAL;
	text = strndup(data, size);
	if (!text)
		return -ENOMEM;
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close < open || close[1] != ' ')
		return -EINVAL;
	*close = '\0';
	if (strlen(open + 1) >= sizeof(process.name))
		return -EINVAL;
	strcpy(process.name, open + 1);
	rest = close + 2;
	for (int field = FIELD_STATE; field <= FIELD_START_TIME; field++) {
		word = next_word(&rest);
		if (!word || !*word)
			return -EINVAL;
		if (field == FIELD_STATE)
			process.state = *word;
		else if (field == FIELD_PARENT &&
			 vfm_parse_uint(word, 10, UINT64_MAX, &process.parent) < 0)
			return -EINVAL;
	}
	if (vfm_parse_uint(word, 10, UINT64_MAX, &process.start_time) < 0)
		return -EINVAL;
	*ret_process = process;
	return 0;
}

/* Not to be seen in /proc: because it is not there, or because /proc is mounted with hidepid. */
static int no_entry(uint64_t pid, const char *path, struct vfm_error *err)
{
	if (pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM))
		return vfm_error_set(err, -EACCES, path, "run as root", "hidden from this user");
	return vfm_error_set(err, -ESRCH, path, NULL, "%s", strerror(ESRCH));
}

int vfm_process_read(uint64_t pid, struct vfm_process *ret_process, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("/proc/%llu/stat", (unsigned long long)pid);
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r;

	if (!path)
		return vfm_error_set(err, -ENOMEM, "/proc", NULL, "%s", strerror(ENOMEM));
	r = vfm_file_read(path, STAT_MAX_BYTES, &data, &size, err);
	if (r == -ENOENT || r == -ESRCH)
		return no_entry(pid, path, err);
	if (r < 0)
		return r;
	r = vfm_parse_process(data, size, ret_process);
	if (r < 0)
		return vfm_error_set(err, r, path, NULL, "not of the form of proc(5)");
	return 0;
}
