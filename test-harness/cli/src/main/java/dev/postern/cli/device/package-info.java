/** The devices that a command line asks for: their syntax, what may be said of each, and how they fit together. */
package dev.postern.cli.device;
