/** Benchmarks: what the parts of Postern cost beside the work that must be done anyway, measured in the same run. */
package dev.postern.bench;
