/**
 * What the operating system has and the JDK does not show: memory without a file name that another process can map, and child processes
 * that cannot outlive this one, stream sockets that pass descriptors, counters that wake another process, and a wait for many of them
 * at once.
 *
 * <p>Linux only, 64 bit. The native library is loaded by the first use of a class that needs it, so that a run which never asks for one
 * does not pay for it.
 */
package dev.postern.os;
