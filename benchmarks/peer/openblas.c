/* How long OpenBLAS takes for one dense layer: y = W x in float32, one thread.
 * benchmarks/openblas_test.go compiles it and compares.
 *
 *   openblas ROWS INPUTS MILLISECONDS
 *
 * The matrix is gone through row by row and column by column (cblas_sgemv of either
 * order), each in batches for so long. Standard output: the name of the kernels that
 * OpenBLAS has chosen, and the nanoseconds of a product in the fastest batch, by rows and
 * by columns. A product that is not what a plain loop gives is an error.
 */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 16

char *openblas_get_corename(void);
void openblas_set_num_threads(int threads);

static double nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static float *floats(int n)
{
	void *p;
	if (posix_memalign(&p, 64, sizeof(float) * (size_t)n)) {
		fprintf(stderr, "openblas: no memory for %d numbers\n", n);
		exit(1);
	}
	return p;
}

static void product(enum CBLAS_ORDER order, int rows, int inputs, const float *w, const float *x, float *y)
{
	cblas_sgemv(order, CblasNoTrans, rows, inputs, 1, w, order == CblasRowMajor ? inputs : rows, x, 1, 0, y, 1);
}

/* The fastest batch of a time, for one product of it. */
static double measure(enum CBLAS_ORDER order, int rows, int inputs, const float *w, const float *x, float *y, double span)
{
	double begin = nanoseconds(), best = INFINITY;
	for (;;) {
		double start = nanoseconds(), took;
		for (int i = 0; i < BATCH; i++)
			product(order, rows, inputs, w, x, y);
		took = (nanoseconds() - start) / BATCH;
		if (took < best)
			best = took;
		if (nanoseconds() - begin > span)
			return best;
	}
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "openblas ROWS INPUTS MILLISECONDS\n");
		return 2;
	}
	int rows = atoi(argv[1]), inputs = atoi(argv[2]);
	double span = 1e6 * atof(argv[3]), best[2];
	if (rows < 1 || inputs < 1 || rows > 1 << 14 || inputs > 1 << 14)
		return 2;
	float *w = floats(rows * inputs), *x = floats(inputs), *y = floats(rows);
	unsigned state = 1;
	openblas_set_num_threads(1);
	for (int i = 0; i < rows * inputs; i++) {
		state = state * 1664525u + 1013904223u;
		w[i] = (float)(int)(state >> 24) - 128;
	}
	for (int i = 0; i < inputs; i++)
		x[i] = (float)(1 + i % 60);
	for (int k = 0; k < 2; k++) {
		enum CBLAS_ORDER order = k == 0 ? CblasRowMajor : CblasColMajor;
		best[k] = measure(order, rows, inputs, w, x, y, span);
		for (int r = 0; r < rows; r++) {
			double sum = 0;
			for (int i = 0; i < inputs; i++)
				sum += (double)(order == CblasRowMajor ? w[r * inputs + i] : w[i * rows + r]) * x[i];
			/* Sums of whole numbers below 2^24 are exact in float32 in any order. */
			if (fabs(sum) < 1 << 24 && y[r] != sum) {
				fprintf(stderr, "openblas: row %d: expected %.0f, found %.0f\n", r, sum, y[r]);
				return 1;
			}
		}
	}
	printf("%s %.1f %.1f\n", openblas_get_corename(), best[0], best[1]);
	return 0;
}
