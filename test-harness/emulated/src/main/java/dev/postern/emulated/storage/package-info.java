/** What is behind a disk: an image file, locked as QEMU locks it, or content computed from a seed. */
package dev.postern.emulated.storage;
