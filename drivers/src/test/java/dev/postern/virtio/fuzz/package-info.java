/**
 * Devices that a fuzzer plays: everything that a device can say or write comes from the fuzzer's input.
 *
 * <p>A class named {@code …Fuzz} is one target, with one test, in a JVM of its own. Its seeds lie in the test resources, in a folder
 * named after it; an input that was found to fail is added there, and runs first from then on.
 */
package dev.postern.virtio.fuzz;
