/* A straightforward decoder of EVT 3.0, from the vendor's page on the format; formats.h
 * has the rest. */
#include "formats.h"

static int put(struct state *s, uint32_t valid, uint32_t width, struct event *out)
{
	int n = 0;
	for (uint32_t i = 0; i < width; i++) {
		if (!(valid >> i & 1))
			continue;
		out[n].t = s->t;
		out[n].x = s->x + i;
		out[n].y = s->y;
		out[n].p = s->on;
		n++;
	}
	s->x += width;
	return n;
}

static int decode(struct state *s, const uint8_t **at, const uint8_t *end, struct event *out)
{
	int n = 0;
	const uint8_t *b = *at;
	for (; b + 2 <= end && n <= PACKET - SLACK; b += 2) {
		uint32_t w = word16(b);
		switch (w >> 12) {
		case 0x0:
			s->y = w & 0x7ff;
			break;
		case 0x2:
			if (!s->known)
				break;
			out[n].t = s->t;
			out[n].x = w & 0x7ff;
			out[n].y = s->y;
			out[n].p = w >> 11 & 1;
			n++;
			break;
		case 0x3:
			s->x = w & 0x7ff;
			s->on = w >> 11 & 1;
			break;
		case 0x4:
			if (s->known)
				n += put(s, w & 0xfff, 12, out + n);
			break;
		case 0x5:
			if (s->known)
				n += put(s, w & 0xff, 8, out + n);
			break;
		case 0x6:
			s->low = w & 0xfff;
			s->t = s->base + s->low;
			break;
		case 0x8: {
			int64_t high = w & 0xfff;
			if (s->known && s->high - high >= 1 << 11)
				s->turns++;
			if (!s->known || high != s->high)
				s->low = 0;
			s->high = high;
			s->known = 1;
			s->base = s->turns << 24 | high << 12;
			s->t = s->base + s->low;
			break;
		}
		}
	}
	*at = b;
	return n;
}
