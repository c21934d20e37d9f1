package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.util.List;

/**
 * Rewrites a request in RAM after the driver has made it available and before the device hears of it: what the device then finds is not
 * what the driver wrote. It also sees whether the device asked for a reset.
 */
final class Spoiler implements TappedRegisters.Tap {

    private static final int NEEDS_RESET = 64;
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** What is done to a request. */
    @FunctionalInterface
    interface Spoiling {
        /**
         * Spoils one.
         *
         * @param index how many requests were made available before it
         */
        void spoil(LiveRing ring, LiveChain chain, int index);
    }

    private final LiveRing ring;
    private final long notifyPa;
    private final long statusPa;
    private int shown;
    private int victim;
    private Spoiling spoiling;
    private boolean resetAsked;
    private boolean loops;
    private List<LiveChain> stuckOn = List.of();

    /** Watches queue 0 of a device that was not notified of anything yet. */
    Spoiler(Trial trial, RawVirtio device, RingKind.Format format) {
        ring = LiveRing.of(trial.machine().machine(), device.places(0), format);
        notifyPa = device.notifyPa(0);
        statusPa = device.statusPa();
    }

    /**
     * Arms it, once.
     *
     * @param which request of those that the next notification is about, from 0
     */
    void spoilNext(int which, Spoiling how) {
        victim = which;
        spoiling = how;
    }

    /**
     * Says that the device has to be helped out of a loop when it finds what is spoilt. Once it has found a malformed request in a packed
     * ring, QEMU 7.2 asks whether more are available until none is, for ever and deaf to all else (hw/virtio/virtio.c,
     * virtio_queue_packed_empty). So they go before the guest asks it anything, once it has been round and has seen the malformed one.
     */
    void helpOutOfTheLoop() {
        loops = true;
    }

    /** Whether the device has asked for a reset and the driver was told. */
    boolean resetAsked() {
        return resetAsked;
    }

    @Override
    public void writing(long pa, long value) {
        if (pa == statusPa && value == 0) {
            ring.restart();
            shown = 0;
        } else if (pa == notifyPa) {
            List<LiveChain> chains = ring.madeAvailable();
            if (spoiling != null) {
                assertTrue(chains.size() > victim, "%d requests, not more than %d".formatted(chains.size(), victim));
                Spoiling once = spoiling;
                spoiling = null;
                once.spoil(ring, chains.get(victim), shown + victim);
                stuckOn = loops ? chains : List.of();
            }
            shown += chains.size();
        }
    }

    @Override
    public void reading(long pa) {
        if (ring instanceof LivePackedRing packed && !stuckOn.isEmpty()) {
            // One that does not go round has no need of help.
            long until = System.nanoTime() + PATIENCE_NANOS;
            while (!packed.notificationsOff() && System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
            while (packed.notificationsOff() && System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
            stuckOn.forEach(packed::takeBack);
        }
        stuckOn = List.of();
    }

    @Override
    public void read(long pa, long value) {
        resetAsked |= pa == statusPa && (value & NEEDS_RESET) != 0;
    }
}
