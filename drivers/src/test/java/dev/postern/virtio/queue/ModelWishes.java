package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import java.util.SplittableRandom;

/**
 * Of which events either side of a modelled ring wants to hear. Places are running numbers that never wrap: of chains in a split ring, of
 * entries in a packed one.
 */
sealed interface ModelWishes {

    /** The device changes its mind. */
    void change(SplittableRandom random, long available);

    /** Whether the device wants to hear that the places from {@code before} to {@code now} - 1 were made available. */
    boolean concerned(long before, long now);

    /** Requires that the driver has asked to hear of a used place. */
    void requireAsked(long used);

    /** What a notification says of the place of the next chain. */
    int notificationOffset(long available);

    /** split-ring:520 to 545. */
    final class Split implements ModelWishes {

        private final ScriptedQueue device;
        private final boolean indices;
        private int event;
        private boolean silent;

        Split(ScriptedQueue device, boolean indices) {
            this.device = device;
            this.indices = indices;
        }

        @Override
        public void change(SplittableRandom random, long available) {
            silent = random.nextBoolean();
            // With EVENT_IDX the driver must not look at the flag.
            device.usedFlags(silent ? 1 : 0);
            if (indices) {
                event = (int) (available + random.nextInt(-2, device.size() + 2) & 0xffff);
                device.availEvent(event);
            }
        }

        @Override
        public boolean concerned(long before, long now) {
            return indices ? (event - before & 0xffff) < now - before : !silent;
        }

        @Override
        public void requireAsked(long used) {
            if (indices) {
                assertEquals((int) (used & 0xffff), device.usedEvent(), "used_event");
            } else {
                assertEquals(0, device.availableFlags(), "flags of the available ring");
            }
        }

        @Override
        public int notificationOffset(long available) {
            return (int) (available & 0xffff);
        }
    }

    /** packed-ring:437 to 460. */
    final class Packed implements ModelWishes {

        private final ScriptedPackedQueue device;
        private final int size;
        private final boolean indices;
        private int flags;
        private int event;

        Packed(ScriptedPackedQueue device, int size, boolean indices) {
            this.device = device;
            this.size = size;
            this.indices = indices;
        }

        @Override
        public void change(SplittableRandom random, long available) {
            flags = random.nextInt(indices ? 3 : 2);
            event = place(Math.max(0, available + random.nextInt(-2, size + 2)));
            device.deviceEvents(event, flags);
        }

        @Override
        public boolean concerned(long before, long now) {
            if (flags != 2) {
                return flags == 0;
            }
            for (long at = before; at < now; at++) {
                if (place(at) == event) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void requireAsked(long used) {
            assertEquals(indices ? 2 << 16 | place(used) : 0, device.driverEvents(), "driver event suppression");
        }

        @Override
        public int notificationOffset(long available) {
            return place(available);
        }

        /** Offset, and the wrap counter as the highest of 16 bits. */
        private int place(long at) {
            return (int) (at % size) | (at / size % 2 == 0 ? 0x8000 : 0);
        }
    }
}
