package dev.postern.bench;

/** Whether the measured JVMs have an AOT cache, each its own. */
enum BootCache {
    /** As the launcher starts the command. */
    AOT,
    /** With the archive of the JDK alone. */
    NONE
}
