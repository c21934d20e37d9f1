/**
 * The secure platform the guest finds itself on: detected from raw facts, and driven by raw acts to share memory with its devices.
 * One class a mechanism.
 */
package dev.postern.platform;
