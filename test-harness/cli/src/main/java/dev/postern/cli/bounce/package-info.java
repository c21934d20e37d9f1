/** {@code postern bounce}: disks read through the bounce pool of a secure guest, and what the device side has seen. */
package dev.postern.cli.bounce;
