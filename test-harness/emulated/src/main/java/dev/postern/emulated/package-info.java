/**
 * A machine inside this process: deterministic by its seed, q35-like, with virtio devices written from their
 * specification.
 *
 * <p>{@link dev.postern.emulated.EmulatedMachine#builder()} is where to begin.
 */
package dev.postern.emulated;
