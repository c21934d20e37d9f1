package dev.postern.platform;

/**
 * A secure platform that was recognised.
 *
 * @param name its preset
 * @param sharing how memory is shared on it
 */
record SecurePlatform(String name, PageSharing sharing) {}
