/** How devices are connected to memory, as firmware describes it. */
package dev.postern.topology;
