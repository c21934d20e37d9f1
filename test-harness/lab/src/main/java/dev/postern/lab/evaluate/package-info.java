/**
 * An experiment: every platform preset with every set of offered features, each decided on and then tried with real requests on the
 * emulated machine, and judged by what the device did. Nothing here asks the ledger or any check of the DMA backends.
 */
package dev.postern.lab.evaluate;
