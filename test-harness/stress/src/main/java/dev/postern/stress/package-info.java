/**
 * Where two threads meet in a ring: jcstress tests with the driver's real queues on one side, and on the other a device written from the
 * specification, line by line as it is cited.
 *
 * <p>Each test lists every outcome; one that is forbidden names what would have gone wrong.
 */
package dev.postern.stress;
