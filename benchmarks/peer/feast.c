/* FEAST as one would write it in C for speed: float32, one thread, everything in
 * flat arrays, for the compiler to vectorise (-O3 -march=native -ffast-math).
 * benchmarks/peer_test.go compiles it, feeds it a stream and compares.
 *
 *   feast WIDTH HEIGHT NEURONS RADIUS TAU_US ETA DELTA_I DELTA_E ROUNDS LEARNING
 *
 * Standard input: the number of events and the time span of a round, int64, then
 * initial weights and thresholds, float32, then the events, 16 bytes each: t int64,
 * x and y uint16, four bytes unused. Standard output: seconds, hits, misses.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

struct event {
	int64_t t;
	uint16_t x, y;
	uint32_t unused;
};

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "feast: %s\n", what);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	must(argc == 11, "expected ten arguments");
#ifdef __SSE__
	_mm_setcsr(_mm_getcsr() | 0x8040); /* denormals are zero */
#endif
	int width = atoi(argv[1]), height = atoi(argv[2]), neurons = atoi(argv[3]), radius = atoi(argv[4]);
	float tau = atof(argv[5]), eta = atof(argv[6]), di = atof(argv[7]), de = atof(argv[8]);
	int rounds = atoi(argv[9]), learning = atoi(argv[10]);
	int side = 2 * radius + 1, n = side * side;
	int64_t head[2];
	must(fread(head, 8, 2, stdin) == 2, "no header");
	float *w = aligned_alloc(64, (sizeof(float) * neurons * n + 63) / 64 * 64);
	float *th = malloc(sizeof(float) * neurons);
	must(fread(w, sizeof(float), neurons * n, stdin) == (size_t)(neurons * n), "no weights");
	must(fread(th, sizeof(float), neurons, stdin) == (size_t)neurons, "no thresholds");
	struct event *ev = malloc(sizeof(struct event) * head[0]);
	must(fread(ev, sizeof(struct event), head[0], stdin) == (size_t)head[0], "no events");
	/* Times as float32 lose microseconds after some seconds, so rounds are counted
	 * from the same origin and the surface is moved instead. */
	float *surface = malloc(sizeof(float) * width * height);
	for (int i = 0; i < width * height; i++)
		surface[i] = -1e30f;
	float *c = aligned_alloc(64, (sizeof(float) * n + 63) / 64 * 64);
	float *dot = malloc(sizeof(float) * neurons);
	long hits = 0, misses = 0;
	float rate = 1 / tau;

	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int r = 0; r < rounds; r++) {
		for (int64_t k = 0; k < head[0]; k++) {
			int x = ev[k].x, y = ev[k].y;
			float t = (float)ev[k].t;
			surface[y * width + x] = t;
			if (x < radius || y < radius || x >= width - radius || y >= height - radius)
				continue;
			float sum = 0;
			for (int dy = 0; dy < side; dy++) {
				const float *row = surface + (y - radius + dy) * width + x - radius;
				float *to = c + dy * side;
				for (int dx = 0; dx < side; dx++) {
					float v = expf((row[dx] - t) * rate);
					to[dx] = v;
					sum += v * v;
				}
			}
			float norm = 1 / sqrtf(sum);
			for (int j = 0; j < neurons; j++) {
				const float *wj = w + (size_t)j * n;
				float d = 0;
				for (int i = 0; i < n; i++)
					d += wj[i] * c[i];
				dot[j] = d * norm;
			}
			int win = -1;
			float best = -2;
			for (int j = 0; j < neurons; j++)
				if (dot[j] > best && (!learning || dot[j] >= th[j])) {
					best = dot[j];
					win = j;
				}
			if (win < 0) {
				misses++;
				for (int j = 0; j < neurons; j++)
					th[j] -= de;
				continue;
			}
			hits++;
			if (!learning)
				continue;
			float *wj = w + (size_t)win * n, s = 0;
			float keep = 1 - eta, take = eta * norm;
			for (int i = 0; i < n; i++) {
				float v = keep * wj[i] + take * c[i];
				wj[i] = v;
				s += v * v;
			}
			s = 1 / sqrtf(s);
			for (int i = 0; i < n; i++)
				wj[i] *= s;
			th[win] += di;
		}
		for (int i = 0; i < width * height; i++)
			surface[i] -= (float)head[1];
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.9f %ld %ld\n", (b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec), hits, misses);
	return 0;
}
