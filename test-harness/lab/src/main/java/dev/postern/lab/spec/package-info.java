/** Devices and other things by name, as an annotation or a command line has them. */
package dev.postern.lab.spec;
