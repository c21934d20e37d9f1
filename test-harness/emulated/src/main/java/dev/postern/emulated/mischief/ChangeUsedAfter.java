package dev.postern.emulated.mischief;

/**
 * The used element of a request is changed after it was published, forth and back, once each time that devices work. A driver that
 * looks at it twice sees two elements.
 *
 * @param request its number, from 1
 * @param id the other id, as in TamperUsedId
 * @param length the other length
 * @param times how often it is changed; an odd number leaves it wrong
 */
public record ChangeUsedAfter(long request, int id, int length, int times) implements RingMischief {}
