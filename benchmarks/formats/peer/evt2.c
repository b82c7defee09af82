/* A straightforward decoder of EVT 2.0, from the vendor's page on the format; formats.h
 * has the rest. */
#include "formats.h"

static int decode(struct state *s, const uint8_t **at, const uint8_t *end, struct event *out)
{
	int n = 0;
	const uint8_t *b = *at;
	for (; b + 4 <= end && n < PACKET; b += 4) {
		uint32_t w = word32(b);
		switch (w >> 28) {
		case 0x0:
		case 0x1:
			if (!s->known)
				break;
			out[n].t = s->base + (w >> 22 & 0x3f);
			out[n].x = w >> 11 & 0x7ff;
			out[n].y = w & 0x7ff;
			out[n].p = w >> 28;
			n++;
			break;
		case 0x8: {
			int64_t high = w & 0xfffffff;
			if (s->known && s->high - high >= 1 << 27)
				s->turns++;
			s->high = high;
			s->known = 1;
			s->base = s->turns << 34 | high << 6;
			break;
		}
		}
	}
	*at = b;
	return n;
}
