// Package sensor simulates an event camera: it looks at a [Scene] and gives the
// events that a sensor of that kind would have sent.
//
// # The pixel
//
// The model is that of Lichtsteiner, Posch and Delbruck, "A 128x128 120 dB 15 us
// latency asynchronous temporal contrast vision sensor" (IEEE JSSC 43(2), 2008),
// with the imperfections that Hu, Liu and Delbruck, "v2e: From video frames to
// realistic DVS events" (CVPR workshops, 2021) measured and named:
//
//   - the photoreceptor gives the logarithm of the luminance (plus a dark current),
//     through a first-order low-pass filter;
//   - the pixel remembers the level of its last event; when the level has risen by
//     the ON threshold, or fallen by the OFF threshold, it sends an event;
//   - thresholds differ from pixel to pixel, as the transistors do;
//   - after an event the pixel is held in reset for the refractory period and sees
//     nothing of what happens meanwhile: it starts again from the level that it
//     finds afterwards. Without a refractory period the remembered level moves by
//     exactly one threshold an event, so that no contrast is lost;
//   - the remembered level leaks, which gives ON events out of nothing at a steady
//     pace; shot noise gives events of both polarities at random times, and a few
//     hot pixels far more of them. A noise event resets its pixel as any other.
//
// Between two frames of the scene the filtered level is taken to run straight,
// and the time of a crossing is interpolated to the microsecond. A contrast of
// many thresholds between two frames gives as many events, each at its own time.
//
// # Invariants
//
//   - Events come in the order of their times; equal times in the order of their
//     pixels, row by row. Every event lies on the sensor.
//   - The same configuration, camera, seed and frames give the same events on
//     every machine: the pixel computes in integers, and whatever is computed in
//     floating point before it avoids the operations (fused multiply-add, library
//     logarithms) in which processors differ.
//   - How the events are cut into packets has no influence on them.
//   - Nothing is ever held that grows with the length of a recording.
package sensor
