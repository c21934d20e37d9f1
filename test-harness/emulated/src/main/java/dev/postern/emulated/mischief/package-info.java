/** What a device, the firmware or the host of a secure guest can be told to do wrong, so that a driver can be seen to cope. */
package dev.postern.emulated.mischief;
