package dev.postern.emulated.mischief;

/**
 * Whenever the device would say which notifications it wants, it writes something else. Combine it with PickUpUnannounced to have a
 * driver served that believes it.
 *
 * @param flags 16 bits, for the flags of the used ring or of the device area; 3 is reserved in the latter
 * @param event 16 bits, for avail_event or the offset and wrap counter of the device area
 */
public record GarbleNotificationWishes(int flags, int event) implements DeviceMischief {}
