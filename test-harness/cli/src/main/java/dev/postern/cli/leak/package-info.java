/** Looks for private bytes where devices can read them: canaries in private memory, and a search of what the device side has. */
package dev.postern.cli.leak;
