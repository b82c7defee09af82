/* A straightforward decoder of the CD events of DAT files of version 2, from the vendor's
 * page on the format; formats.h has the rest. */
#include "formats.h"

static int decode(struct state *s, const uint8_t **at, const uint8_t *end, struct event *out)
{
	int n = 0;
	const uint8_t *b = *at;
	(void)s;
	for (; b + 8 <= end && n < PACKET; b += 8) {
		uint32_t t = word32(b), w = word32(b + 4);
		out[n].t = t;
		out[n].x = w & 0x3fff;
		out[n].y = w >> 14 & 0x3fff;
		out[n].p = w >> 28 & 1;
		n++;
	}
	*at = b;
	return n;
}
