/* What the C decoders of event formats share: the event, and the loop that is timed.
 * benchmarks/formats/peer_test.go compiles them and compares.
 *
 *   PROGRAM FILE events    every event of the file, as struct event, on standard output
 *   PROGRAM FILE           for each line of standard input, a number, decode the file so
 *                          often and print the nanoseconds and the events that took
 *
 * FILE is words alone, without a text header. It is read once, and decoded into a packet
 * that is used again and again. No decoder looks at the sensor's size: the files are
 * known to keep to it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct event {
	int64_t t; /* microseconds */
	uint16_t x, y;
	uint8_t p;
};

#define PACKET 4096
#define SLACK 12 /* a packet is full once a word of so many events would not fit */

/* What a decoder carries from word to word. */
struct state {
	int64_t turns, base, high, low, t;
	uint32_t x, y, on;
	int known, timed;
};

/* Takes words from *at on, until the packet is full or the words end; gives the number
 * of events made. */
static int decode(struct state *s, const uint8_t **at, const uint8_t *end, struct event *out);

static inline uint16_t word16(const uint8_t *b)
{
	uint16_t w;
	memcpy(&w, b, sizeof w);
	return w;
}

static inline uint32_t word32(const uint8_t *b)
{
	uint32_t w;
	memcpy(&w, b, sizeof w);
	return w;
}

static double nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static long whole(const uint8_t *data, size_t size, struct event *packet, FILE *to)
{
	struct state s = {0};
	const uint8_t *at = data, *end = data + size;
	long n = 0;
	for (;;) {
		const uint8_t *before = at;
		int k = decode(&s, &at, end, packet);
		n += k;
		if (to && fwrite(packet, sizeof *packet, (size_t)k, to) != (size_t)k)
			exit(1);
		if (at == before)
			return n;
	}
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3)
		return 2;
	FILE *f = fopen(argv[1], "rb");
	if (!f || fseek(f, 0, SEEK_END))
		return 1;
	size_t size = (size_t)ftell(f);
	uint8_t *data = malloc(size + 8);
	struct event *packet = calloc(PACKET + SLACK, sizeof *packet);
	rewind(f);
	if (!data || !packet || fread(data, 1, size, f) != size)
		return 1;
	fclose(f);
	if (argc == 3) {
		whole(data, size, packet, stdout);
		return 0;
	}
	for (int times; scanf("%d", &times) == 1;) {
		double start = nanoseconds();
		long n = 0;
		for (int i = 0; i < times; i++)
			n += whole(data, size, packet, NULL);
		printf("%.0f %ld\n", nanoseconds() - start, n);
		fflush(stdout);
	}
	return 0;
}
