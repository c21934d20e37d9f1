/** What a device or the firmware can be told to do wrong, so that a driver can be seen to cope. */
package dev.postern.emulated.mischief;
