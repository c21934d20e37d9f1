package dev.postern.bench;

/**
 * One run of a program.
 *
 * @param nanos from before it was started until it had ended, in real time
 * @param nanosToLine from before it was started until the line that was waited for had come; those of the whole when none was
 */
record ProcessRun(double nanos, double nanosToLine) {}
