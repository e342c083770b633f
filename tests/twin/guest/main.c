// SPDX-License-Identifier: GPL-2.0
/*
 * The twin's guest: a VM that starts at once and proves by its own words that no page of its
 * memory was lost.  It writes its pages one after the other, each with a value that tells how
 * often the work set was gone through, and twice a second reads all of them and says
 *
 *   HB 20 ok pass=3 page=812 written=24812
 *
 * pass and page: where it stands; written: pages since the start.  BAD, once said, stays.
 *
 * Words of the kernel command line, all with a number:
 *
 *   mib=32    size of the work set
 *   rate=4    MiB it writes a second, by the timer; idle in between
 *   toil=N    in place of a rate: always busy, N turns of an idle loop before each page; who
 *             throttles its processor throttles its writing
 */
#include "guest.h"

void kmain(uint32_t magic, const uint32_t *info);

#define BEAT_TICKS    (HZ / 2)
#define PAGE_WORDS    1024
#define PAGES_PER_MIB 256
#define LOADER_MAGIC  0x2badb002U

/* words of the loader's information, and which of them are there */
enum { INFO_FLAGS, INFO_LOWER_KIB, INFO_UPPER_KIB, INFO_DEVICE, INFO_COMMAND_LINE };
#define HAS_MEMORY       1U
#define HAS_COMMAND_LINE 4U

#define WORK_START_MIB 16

static volatile uint32_t *const work = (volatile uint32_t *)(WORK_START_MIB << 20);

struct writer {
	uint32_t pages; /* in the work set */
	uint32_t rate_mib, toil;
	uint32_t pass, page; /* the next one to write */
	uint32_t written;
	uint32_t owed; /* page fractions of a HZth, see write_for_tick() */
};

/* ---- the command line ---------------------------------------------------------- */

/* The number behind "name=" at the start of a word, or what it is without. */
static uint32_t option(const char *line, const char *name, uint32_t otherwise)
{
	for (const char *word = line; *word; word++) {
		const char *at = word, *wanted = name;
		uint32_t value = 0;

		if (word != line && word[-1] != ' ')
			continue;
		while (*wanted && *at == *wanted) {
			at++;
			wanted++;
		}
		if (*wanted || *at++ != '=')
			continue;
		while (*at >= '0' && *at <= '9')
			value = value * 10 + (uint32_t)(*at++ - '0');
		return value;
	}
	return otherwise;
}

/* MiB of memory behind the start of the work set */
static uint32_t room_mib(const uint32_t *info)
{
	return info[INFO_FLAGS] & HAS_MEMORY ? info[INFO_UPPER_KIB] / 1024 + 1 - WORK_START_MIB : 0;
}

static struct writer writer_init(const uint32_t *info)
{
	const char *line =
		info[INFO_FLAGS] & HAS_COMMAND_LINE ? (const char *)info[INFO_COMMAND_LINE] : "";
	uint32_t mib = option(line, "mib", 32), room = room_mib(info);

	if (mib > room)
		mib = room;
	return (struct writer){
		.pages = mib * PAGES_PER_MIB,
		.rate_mib = option(line, "rate", 4),
		.toil = option(line, "toil", 0),
	};
}

/* ---- memory -------------------------------------------------------------------- */

static uint32_t pattern(uint32_t pass, uint32_t page)
{
	return pass * 2654435761U + page;
}

static void write_page(struct writer *w)
{
	work[w->page * PAGE_WORDS] = pattern(w->pass + 1, w->page);
	w->written++;
	if (++w->page == w->pages) {
		w->page = 0;
		w->pass++;
	}
}

static void write_all(struct writer *w)
{
	for (uint32_t page = 0; page < w->pages; page++)
		work[page * PAGE_WORDS] = pattern(0, page);
}

/* Whether every page holds what was last written to it. */
static bool intact(const struct writer *w)
{
	for (uint32_t page = 0; page < w->pages; page++)
		if (work[page * PAGE_WORDS] != pattern(w->pass + (page < w->page), page))
			return false;
	return true;
}

/* One tick's part of the rate; what does not make a whole page is owed. */
static void write_for_tick(struct writer *w)
{
	for (w->owed += w->rate_mib * PAGES_PER_MIB; w->owed >= HZ; w->owed -= HZ)
		write_page(w);
}

static void toil(struct writer *w)
{
	for (uint32_t turn = 0; turn < w->toil; turn++)
		__asm__ volatile("" : : : "memory");
	write_page(w);
}

/* ---- heartbeat ------------------------------------------------------------------ */

static void say_field(const char *name, uint32_t value)
{
	say(name);
	say_number(value);
}

static void say_beat(const struct writer *w, uint32_t beat, bool good)
{
	say_field("HB ", beat);
	say(good ? " ok" : " BAD");
	say_field(" pass=", w->pass);
	say_field(" page=", w->page);
	say_field(" written=", w->written);
	say("\n");
}

static void beat_for_ever(struct writer *w)
{
	uint32_t beat = 0, seen = 0, next = BEAT_TICKS;
	bool good = true;

	for (;;) {
		if (w->toil)
			toil(w);
		else
			__asm__ volatile("hlt");
		for (; seen != ticks; seen++)
			if (!w->toil)
				write_for_tick(w);
		if ((int32_t)(seen - next) < 0)
			continue;
		next += BEAT_TICKS;
		good = good && intact(w); /* once bad is bad for good */
		say_beat(w, ++beat, good);
	}
}

void kmain(uint32_t magic, const uint32_t *info)
{
	struct writer writer;

	console_init();
	processor_init();
	timer_init();
	say("TWINGUEST start\n");
	if (magic != LOADER_MAGIC) {
		say("TWINGUEST: not started by multiboot\n");
		return;
	}
	writer = writer_init(info);
	if (!writer.pages) {
		say("TWINGUEST: no memory for the work set\n");
		return;
	}
	write_all(&writer);
	__asm__ volatile("sti");
	beat_for_ever(&writer);
}
