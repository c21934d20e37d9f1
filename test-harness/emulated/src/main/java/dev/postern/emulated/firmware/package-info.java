/** What the firmware of the machine leaves in memory. */
package dev.postern.emulated.firmware;
