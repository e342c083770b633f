/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests/bench/audit: reads a file of one document a line and parses each, and nothing else. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
	char *line = NULL;
	size_t capacity = 0, parsed = 0;
	ssize_t size;

	if (!file) {
		fprintf(stderr, "usage: vfm-parse FILE\n");
		return 2;
	}
	while ((size = getline(&line, &capacity, file)) > 0) {
		VFM_AUTO_JSON json_object *json = NULL;

		parsed += vfm_json_parse(line, (size_t)size, argv[1], &json, NULL) == 0;
	}
	free(line);
	fclose(file);
	printf("%zu\n", parsed);
	return 0;
}
