/** What a running Linux shows of its machine in {@code /sys} and {@code /proc}, written down as a facts file. */
package dev.postern.cli.record;
