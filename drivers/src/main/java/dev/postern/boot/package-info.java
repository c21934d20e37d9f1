/**
 * From a machine to running applications: firmware tables, memory, bus, decision, drivers. The only place that wires the
 * parts together.
 */
package dev.postern.boot;
