/** Small stand-ins for the pins of a machine, each doing one thing, for the tests of this module. */
package dev.postern.fakes;
