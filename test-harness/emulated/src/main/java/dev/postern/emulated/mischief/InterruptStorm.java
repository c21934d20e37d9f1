package dev.postern.emulated.mischief;

/**
 * From the moment the device meets a request it interrupts for no reason, once each time that devices work, until a reset.
 *
 * @param request its number, from 1
 * @param count how many interrupts; one is a spurious one
 * @param source which interrupt
 */
public record InterruptStorm(long request, long count, Source source) implements DeviceMischief {

    /** Which interrupt is sent. */
    public enum Source {
        /** That of the request's queue. */
        USED_BUFFER,
        /** That of configuration changes. */
        CONFIG_CHANGE
    }
}
