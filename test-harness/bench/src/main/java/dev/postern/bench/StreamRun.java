package dev.postern.bench;

/**
 * One run of a program that goes through an image.
 *
 * @param nanos of the whole process, from before it was started until it had ended
 * @param streamNanos of the way through the image alone, as the program itself measured it
 */
record StreamRun(double nanos, double streamNanos) {}
