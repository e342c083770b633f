/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of every tool: one table a command feeds parsing, --help, the completion
 * scripts and the options in the man pages (see docs.c).
 *
 * A tool file has a struct for its command's values, an option table over that struct, a run
 * function and the command row. It reads nothing but these values, prints its result on stdout by
 * struct vfm_output and everything else on stderr, and returns an exit code.
 */
#ifndef VFM_TOOLS_CLI_H
#define VFM_TOOLS_CLI_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* Exit codes: a contract with scripts; ids of the design's section "Exit codes". */
enum vfm_exit {
	VFM_EXIT_OK = 0,         /* done, or the answer is yes */
	VFM_EXIT_FAILED = 1,     /* could not run, or failed and everything done was undone */
	VFM_EXIT_USAGE = 2,      /* usage or configuration */
	VFM_EXIT_REFUSED = 3,    /* refused by a rule with nothing touched, or the answer is no */
	VFM_EXIT_UNVERIFIED = 4, /* done, but verification or part of the input failed */
	VFM_EXIT_HANDS_NEEDED =
		5 /* stopped half way: the message names the command that recovers */
};

enum vfm_option_type {
	VFM_OPTION_FLAG,   /* bool */
	VFM_OPTION_TEXT,   /* const char * into argv */
	VFM_OPTION_TEXTS,  /* struct vfm_strings; the option may be repeated */
	VFM_OPTION_CHOICE, /* int: index into words */
	VFM_OPTION_MAYBE,  /* const char *: as TEXT, but the value may be left out, and is "" then;
			      given behind '=' alone, and without a letter */
	VFM_OPTION_TYPE_MAX,
};

struct vfm_option {
	const char *name; /* without the dashes; NULL ends the table */
	char letter;      /* 0: none */
	enum vfm_option_type type;
	size_t offset;
	const char *argument;     /* its name in help, NULL for a flag */
	const char *const *words; /* CHOICE, or TEXT of a closed set: NULL-terminated */
	const char *help;
};

struct vfm_command;

/* What a run function gets. */
struct vfm_call {
	const char *program; /* "vfprep" */
	const struct vfm_command *command;
	void *values;       /* the command's struct, filled */
	char *const *words; /* the command's name and all that was typed behind it */
	size_t word_count;
	char *const *arguments; /* what follows the options */
	size_t argument_count;  /* between the command's min and max */
};

struct vfm_command {
	const char *name;
	const char *arguments; /* "A B", as in help; "" for none */
	size_t min_arguments, max_arguments;
	const char *summary; /* one line */
	const char *text;    /* paragraphs of the help and the man page */
	const struct vfm_option *options;
	size_t values_size;
	int (*run)(struct vfm_call *call);
};

struct vfm_program {
	const char *name;
	const char *summary;
	const char *text;
	const struct vfm_command *const *commands; /* NULL-terminated */
	/* That words are for which begin with no command's name; NULL: none. */
	const struct vfm_command *usual;
};

/*
 * The body of main(): makes sure of the standard descriptors and of children's statuses, finds the
 * command, parses, runs; returns the exit code.
 */
int vfm_cli_main(const struct vfm_program *program, int argc, char *const *argv);

/* Prints "program: object: what" and the hint on stderr. Returns 'code' for a return statement. */
int vfm_cli_error(const struct vfm_call *call, const struct vfm_error *err, int code);

/* Prints a usage error of the command on stderr and returns VFM_EXIT_USAGE. */
int vfm_cli_usage(const struct vfm_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "apply --pf 0000:e1:00.0 …": as it was typed, printable; NULL when memory runs out. */
char *vfm_cli_words(const struct vfm_call *call);

/* Is stdout a terminal that wants colours (NO_COLOR and TERM=dumb honoured)? */
bool vfm_cli_colours(void);

/* Columns of the terminal that stdout is; 0 when it is none, or does not say. */
unsigned int vfm_cli_columns(void);

/*
 * Writes a result to stdout, and checks that it arrived (a full disk is an error). Returns
 * 'code', or VFM_EXIT_FAILED with a message when writing failed.
 */
int vfm_cli_print(const struct vfm_call *call, const char *text, int code);

/* As above: the document with two-space indentation and a final newline. */
int vfm_cli_print_json(const struct vfm_call *call, json_object *json, int code);

/* Help as text; command NULL: of the program. NULL when memory runs out. */
char *vfm_cli_help(const struct vfm_program *program, const struct vfm_command *command);

#endif
