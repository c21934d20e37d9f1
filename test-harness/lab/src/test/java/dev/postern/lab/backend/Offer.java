package dev.postern.lab.backend;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a back-end offers over one connection.
 *
 * @param features of the device
 * @param protocol of the back-end
 * @param queues how many rings it serves
 * @param queuesTold what it says when it is asked for their number
 * @param memorySlots what it says when it is asked for the most regions
 * @param capacity sectors that the configuration tells
 * @param mostSegments of one request
 * @param farewell when it lets go of a front-end that has said that it is done
 */
public record Offer(
        Set<DeviceFeature> features,
        Set<ProtocolFeature> protocol,
        int queues,
        long queuesTold,
        long memorySlots,
        long capacity,
        int mostSegments,
        Farewell farewell) {

    /** What follows the end of the front-end's side of the stream. */
    public enum Farewell {
        /** Memory is unmapped, then the stream closed. */
        AT_ONCE,
        /** Neither, until the back-end is closed. */
        NEVER
    }

    private static final int SEGMENTS = 126;
    private static final int SLOTS = 32;

    /** Copies the sets. */
    public Offer {
        features = Collections.unmodifiableSet(copy(features, DeviceFeature.class));
        protocol = Collections.unmodifiableSet(copy(protocol, ProtocolFeature.class));
    }

    private static <E extends Enum<E>> EnumSet<E> copy(Set<E> set, Class<E> type) {
        EnumSet<E> copy = EnumSet.noneOf(type);
        copy.addAll(set);
        return copy;
    }

    /** A writable disk that offers all that this back-end has, but packed rings. */
    public static Offer of(long sectors, int queues) {
        return new Offer(
                        EnumSet.allOf(DeviceFeature.class),
                        EnumSet.allOf(ProtocolFeature.class),
                        queues,
                        queues,
                        SLOTS,
                        sectors,
                        SEGMENTS,
                        Farewell.AT_ONCE)
                .without(DeviceFeature.RO, DeviceFeature.RING_PACKED);
    }

    /** What QEMU's storage daemon offers. */
    public static Offer asStorageDaemon(long sectors, int queues) {
        return of(sectors, queues)
                .without(ProtocolFeature.STATUS, ProtocolFeature.RESET_DEVICE, ProtocolFeature.INFLIGHT_SHMFD);
    }

    /** The same with some features. */
    public Offer with(DeviceFeature... some) {
        EnumSet<DeviceFeature> more = copy(features, DeviceFeature.class);
        more.addAll(Arrays.asList(some));
        return new Offer(more, protocol, queues, queuesTold, memorySlots, capacity, mostSegments, farewell);
    }

    /** The same without some features. */
    public Offer without(DeviceFeature... some) {
        EnumSet<DeviceFeature> fewer = copy(features, DeviceFeature.class);
        Arrays.asList(some).forEach(fewer::remove);
        return new Offer(fewer, protocol, queues, queuesTold, memorySlots, capacity, mostSegments, farewell);
    }

    /** The same without some protocol features. */
    public Offer without(ProtocolFeature... some) {
        EnumSet<ProtocolFeature> fewer = copy(protocol, ProtocolFeature.class);
        Arrays.asList(some).forEach(fewer::remove);
        return new Offer(features, fewer, queues, queuesTold, memorySlots, capacity, mostSegments, farewell);
    }

    /** The same with another number of rings. */
    public Offer withQueues(int number) {
        return new Offer(features, protocol, number, number, memorySlots, capacity, mostSegments, farewell);
    }

    /** The same with another answer to the question how many queues there are. */
    public Offer tellingQueues(long number) {
        return new Offer(features, protocol, queues, number, memorySlots, capacity, mostSegments, farewell);
    }

    /** The same with another answer to the question how many regions there may be. */
    public Offer tellingSlots(long number) {
        return new Offer(features, protocol, queues, queuesTold, number, capacity, mostSegments, farewell);
    }

    /** The same with another capacity in the configuration. */
    public Offer tellingCapacity(long sectors) {
        return new Offer(features, protocol, queues, queuesTold, memorySlots, sectors, mostSegments, farewell);
    }

    /** The same with another way to part. */
    public Offer with(Farewell other) {
        return new Offer(features, protocol, queues, queuesTold, memorySlots, capacity, mostSegments, other);
    }

    /** What is missing of everything, in short. */
    @Override
    public String toString() {
        EnumSet<DeviceFeature> withheld = EnumSet.complementOf(copy(features, DeviceFeature.class));
        EnumSet<ProtocolFeature> unspoken = EnumSet.complementOf(copy(protocol, ProtocolFeature.class));
        return "%d queues without %s %s".formatted(queues, withheld, unspoken);
    }

    /** The features as bits; what follows from the protocol features and queues is right by itself. */
    long featureBits() {
        long bits = 0;
        for (DeviceFeature feature : features) {
            bits |= feature.mask();
        }
        return queues > 1 ? bits : bits & ~DeviceFeature.MQ.mask();
    }

    /** The protocol features as bits. */
    long protocolBits() {
        long bits = 0;
        for (ProtocolFeature feature : protocol) {
            bits |= feature.mask();
        }
        return bits;
    }
}
